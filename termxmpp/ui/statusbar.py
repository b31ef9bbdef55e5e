"""The status bar: how each account stands, in the contract's words, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterator

from termxmpp.core.text import width
from termxmpp.ui.lines import Line
from termxmpp.ui.theme import Symbols
from termxmpp.words import ngettext
from termxmpp.workspace import Workspace

__all__ = ["status_line"]

# A problem that is told in less than this says nothing.
FEWEST = 10

# From so many columns on, whole addresses are told also beside a problem that is cut.
WIDE = 80


def status_line(
    workspace: Workspace,
    columns: int,
    question: str = "",
    hints: str = "",
    symbols: Symbols = Symbols(),  # noqa: B008  # a constant
) -> Line:
    """The bar, exactly `columns` wide.

    A `question` to the user comes before all else, `hints` what keys do now before how the
    accounts stand, but not before what went wrong.
    """
    if question:
        return [("class:status.question", _fitted(f" {question} ", columns, symbols))]
    if hints and not workspace.problem:
        return [("class:status.hints", _fitted(f" {hints} ", columns, symbols))]
    border = symbols.border
    problem = workspace.problem or next(
        (client.state.link.problem for client in workspace.clients if client.state.link.problem), ""
    )
    problem = f"{border} {symbols.one_line(problem, 500)}" if problem else ""
    unread = sum(window.conversation.unread for window in workspace.windows)
    count = ngettext("{count} unread", "{count} unread", unread).format(count=unread)
    states = _states(workspace, symbols, columns, [count] if unread else [], width(problem))
    line: Line = [("class:status", symbols.truncated(states, columns))]
    room = columns - width(line[0][1])
    if problem and room > FEWEST:
        line.append(("class:status.problem", _fitted(problem, room, symbols)))
    else:
        line.append(("class:status", " " * room))
    return line


def _states(
    workspace: Workspace, symbols: Symbols, columns: int, more: list[str], problem_columns: int
) -> str:
    """How the accounts stand, by as much of their names as there is room for beside the problem.

    The words for that are never shortened. Without room for both the states come first.
    """
    gap = f" {symbols.border} "
    ways = [f" {gap.join([*states, *more])} " for states in _ways(workspace, symbols)]
    for states in ways:
        if width(states) + problem_columns <= columns:
            return states
    # The problem is cut then; it shall be told as far as it goes.
    fitting = [states for states in ways if width(states) <= columns]
    if not fitting:
        return [f" {gap.join(states)} " for states in _ways(workspace, symbols)][-1]
    return fitting[0] if not problem_columns or columns >= WIDE else fitting[:2][-1]


def _ways(workspace: Workspace, symbols: Symbols) -> Iterator[list[str]]:
    """The states by whole addresses, then by what is before the `@`, and by three letters of it."""
    links = [(client.state.account, client.state.link.words) for client in workspace.clients]
    yield [f"{account}: {words}" for account, words in links]
    yield [f"{symbols.one_line(account.local, 200)}: {words}" for account, words in links]
    yield [f"{symbols.one_line(account.local, 3)}: {words}" for account, words in links]


def _fitted(text: str, columns: int, symbols: Symbols) -> str:
    text = symbols.truncated(text, columns)
    return text + " " * max(0, columns - width(text))
