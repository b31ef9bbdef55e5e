"""The status bar: how each account stands, in the contract's words, and what went wrong."""

from __future__ import annotations

from termxmpp.core.text import one_line, truncate, width
from termxmpp.ui.entries import Line
from termxmpp.workspace import Workspace

__all__ = ["status_line"]


def status_line(workspace: Workspace, columns: int, question: str = "", hints: str = "") -> Line:
    """The bar, exactly `columns` wide.

    A `question` to the user comes before all else, `hints` what keys do now before how the
    accounts stand, but not before what went wrong.
    """
    if question:
        return [("class:status.question", _fitted(f" {question} ", columns))]
    if hints and not workspace.problem:
        return [("class:status.hints", _fitted(f" {hints} ", columns))]
    parts = [f"{client.state.account}: {client.state.link.words}" for client in workspace.clients]
    unread = sum(window.conversation.unread for window in workspace.windows)
    if unread:
        parts.append(f"{unread} unread")
    left = f" {' │ '.join(parts)} "
    problem = workspace.problem or next(
        (client.state.link.problem for client in workspace.clients if client.state.link.problem), ""
    )
    line: Line = [("class:status", truncate(left, columns))]
    room = columns - width(line[0][1])
    if problem and room > 10:
        line.append(("class:status.problem", _fitted(f"│ {one_line(problem, 500)}", room)))
    else:
        line.append(("class:status", " " * room))
    return line


def _fitted(text: str, columns: int) -> str:
    text = truncate(text, columns)
    return text + " " * max(0, columns - width(text))
