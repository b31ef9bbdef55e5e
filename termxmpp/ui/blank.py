"""What stands in a window in which nothing has been said yet: what can be done there."""

from __future__ import annotations

from collections.abc import Sequence

from termxmpp.core.text import one_line, truncate, width, wrap
from termxmpp.ui.lines import Line
from termxmpp.words import _
from termxmpp.workspace import Window, Workspace

__all__ = ["blank_lines"]

# Lines of text are no longer than this, and stand in the middle of wider windows.
WIDEST = 60


def blank_lines(workspace: Workspace, columns: int, rows: int, top: str) -> list[Line]:
    """The lines for the window looked at, in the middle of `rows`; none if they do not fit.

    `top` says where what was said before may be.
    """
    window = workspace.current
    room = min(columns - 2, WIDEST)
    if room < 1:
        return []
    if window.peer is None:
        words = _table(_console(workspace), room)
    else:
        words = [line for text in _conversation(window, top) for line in wrap(text, room)]
    if len(words) > rows:
        return []
    indent = " " * ((columns - max(map(width, words), default=0)) // 2)
    above = (rows - len(words)) // 2
    blank: Line = [("", "")]
    lines: list[Line] = [[("class:notice", indent + line)] for line in words]
    return [*[blank] * above, *lines, *[blank] * (rows - above - len(words))]


def _console(workspace: Workspace) -> list[tuple[str, str]]:
    """What is done first, each with the key or the command for it."""
    bound = workspace.keyboard.bound(workspace.settings.config.keys)
    keys = {does: key for key, does in reversed(bound.items())}
    first = [
        (keys.get("switcher", ""), _("go to a contact or room")),
        ("/msg JID", _("talk to somebody")),
        ("/join ROOM", _("enter a room")),
        (keys.get("help", "/help"), _("help")),
    ]
    return [each for each in first if each[0]]


def _conversation(window: Window, top: str) -> list[str]:
    name = one_line(window.title, 100)
    begin = top or _("There are no messages here.")
    if window.room is not None:
        return [begin, _("What you write goes to everybody in {room}.").format(room=name)]
    return [begin, _("What you write goes to {name}.").format(name=name)]


def _table(rows: Sequence[tuple[str, str]], columns: int) -> list[str]:
    gap = max((width(left) for left, _right in rows), default=0) + 2
    lines = [left + " " * (gap - width(left)) + right for left, right in rows]
    return [truncate(line, columns) for line in lines]
