"""The status bar: how each account stands, in the contract's words, and what went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from termxmpp.core.jid import Jid
from termxmpp.core.text import one_line, truncate, width
from termxmpp.ui.lines import Line
from termxmpp.ui.theme import Symbols
from termxmpp.words import ngettext
from termxmpp.workspace import Workspace

__all__ = ["status_line"]

# A problem that is told in less than this says nothing.
FEWEST = 20

# So many of the ways to tell the states keep all of their words and some of the names.
NAMED = 3

# From so many columns on, whole addresses are told also beside a problem that is cut.
WIDE = 80


def status_line(
    workspace: Workspace,
    columns: int,
    question: str = "",
    hints: str = "",
    symbols: Symbols | None = None,
) -> Line:
    """The bar, exactly `columns` wide.

    A `question` to the user comes before all else, `hints` what keys do now before how the
    accounts stand, but not before what went wrong.
    """
    if question:
        return [("class:status.question", _fitted(f" {question} ", columns))]
    if hints and not workspace.problem:
        return [("class:status.hints", _fitted(f" {hints} ", columns))]
    border = symbols.border if symbols is not None else "│"
    problem = workspace.problem or next(
        (client.state.link.problem for client in workspace.clients if client.state.link.problem), ""
    )
    problem = f"{border} {one_line(problem, 500)}" if problem else ""
    unread = sum(window.conversation.unread for window in workspace.windows)
    count = ngettext("{count} unread", "{count} unread", unread).format(count=unread)
    states = _states(workspace, f" {border} ", columns, [count] if unread else [], width(problem))
    line: Line = [("class:status", truncate(states, columns))]
    room = columns - width(line[0][1])
    if problem and room > FEWEST:
        line.append(("class:status.problem", _fitted(problem, room)))
    else:
        line.append(("class:status", " " * room))
    return line


def _states(
    workspace: Workspace, gap: str, columns: int, more: list[str], problem_columns: int
) -> str:
    """How the accounts stand, by as much of their names as there is room for beside the problem.

    Without room for both the states come first, and without room for the names those are left out.
    """
    ways = [f" {gap.join([*states, *more])} " for states in _ways(workspace)]
    for states in ways[:NAMED]:
        if width(states) + problem_columns <= columns:
            return states
    # The problem is cut then; it shall be told as far as it goes.
    fitting = [states for states in ways if width(states) <= columns]
    if not fitting:
        return [f" {gap.join(states)} " for states in _ways(workspace)][-1]
    if not problem_columns or columns >= WIDE:
        return fitting[0]
    shorter = fitting[:2][-1]
    return shorter if columns - width(shorter) > FEWEST else fitting[0]


def _ways(workspace: Workspace) -> Iterator[list[str]]:
    """The states by whole addresses, then by the shortest that tells them apart, ever shorter.

    Where not even that has room, it is not told when the next try is, and at last only how they
    stand, in the order of the sidebar.
    """
    links = [client.state.link for client in workspace.clients]
    accounts = [client.state.account for client in workspace.clients]
    names = _short_names(accounts)
    yield [f"{account}: {link.words}" for account, link in zip(accounts, links, strict=True)]
    yield [f"{one_line(name, 200)}: {link.words}" for name, link in zip(names, links, strict=True)]
    brief = [one_line(name, 4) for name in names]
    yield [f"{name}: {link.words}" for name, link in zip(brief, links, strict=True)]
    yield [f"{name}: {link.phase.value}" for name, link in zip(brief, links, strict=True)]
    yield [link.phase.value for link in links]


def _short_names(accounts: Sequence[Jid]) -> list[str]:
    """What is before the `@`; where several have the same there, what is behind it."""
    times = Counter(account.local for account in accounts)
    return [
        account.local if times[account.local] == 1 else f"@{account.domain}" for account in accounts
    ]


def _fitted(text: str, columns: int) -> str:
    text = truncate(text, columns)
    return text + " " * max(0, columns - width(text))
