"""The switcher: windows, contacts, rooms, accounts and commands by a few of their letters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from termxmpp.core.link import Phase
from termxmpp.core.roster import Availability
from termxmpp.core.text import width
from termxmpp.ui.fuzzy import Finder, matched
from termxmpp.ui.lines import Line
from termxmpp.ui.theme import Symbols
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.workspace import Window, Workspace

__all__ = ["Switcher"]

LONG_AGO = datetime.min.replace(tzinfo=UTC)

# So much of a name is looked at: a longer one is nobody's.
LONGEST = 200


@dataclass(frozen=True, slots=True)
class _Place:
    """What can be gone to: a window, which need not be open, or the command of that `name`.

    `address` is looked for too; `summary` is only shown. A bookmark's room is entered by `line`.
    """

    name: str
    address: str = ""
    window: Window | None = None
    summary: str = ""
    line: str = ""


class Switcher:
    """What of `workspace` can be gone to (`overlay.Picker`).

    First comes what has something unread, then what is open, the newest first, then everybody
    else and the commands. `fill` puts a command into the input.
    """

    height = 1

    def __init__(
        self,
        workspace: Workspace,
        fill: Callable[[str], None],
        symbols: Symbols = Symbols(),  # noqa: B008  # a constant
    ) -> None:
        self._symbols = symbols
        self.title = _("go to")
        self.keys = (
            _("{up} {down} move").format(up=symbols.up, down=symbols.down),
            _("enter opens"),
            _("esc closes"),
        )
        self._workspace = workspace
        self._fill = fill
        self._query = ""
        self._has_accounts = len(workspace.clients) > 1
        self._places = [*_windows(workspace), *_contacts(workspace)]
        self._places += [*_bookmarks(workspace), *_commands(workspace)]
        names = [f"{each.name[:LONGEST]} {each.address[:LONGEST]}" for each in self._places]
        self._finder = Finder(names)
        self._found = self._finder.find("")

    @property
    def note(self) -> str:
        return str(len(self._found)) if self._found else _("nothing is called so")

    def __len__(self) -> int:
        return len(self._found)

    def narrow(self, text: str) -> None:
        self._query = text
        self._found = self._finder.find(text)

    def choose(self, place: int) -> None:
        found = self._places[self._found[place]]
        if found.window is not None:
            self._workspace.show(found.window)
        else:
            self._fill(found.line or f"{found.name} ")

    def switch(self) -> None:
        """There is one list only."""

    def close(self) -> None:
        """Nothing goes on."""

    def draw(self, place: int, columns: int) -> list[Line]:
        found = self._places[self._found[place]]
        sign_style, sign, kind = self._about(found)
        symbols = self._symbols
        window = found.window
        unread = window.conversation.unread if window in self._workspace.windows and window else 0
        end = f" {unread} " if unread else " "
        account = ""
        if window is not None and self._has_accounts:
            account = str(window.client.account.bare)
        kind = symbols.truncated(
            symbols.separated(kind, account) if account else kind, columns // 2
        )
        room = max(4, columns - 2 - width(kind) - width(end) - 2)
        name = symbols.truncated(symbols.one_line(found.name, LONGEST), room)
        more = found.summary or (found.address if found.address != found.name else "")
        more = symbols.one_line(more, LONGEST)
        more = symbols.truncated(more, max(0, room - width(name) - 2))
        marks = matched(f"{found.name} {found.address}", self._query)
        style = "class:sidebar.unread" if unread else ""
        line: Line = [(sign_style, f"{sign} "), *_spelt(name, marks, 0, style)]
        if more:
            line += [("", "  "), *_spelt(more, marks, len(found.name) + 1, "class:overlay.meta")]
        used = sum(width(fragment[1]) for fragment in line)
        gap = " " * max(1, columns - used - width(kind) - width(end))
        return [[*line, ("", gap), ("class:overlay.meta", kind), (style, end)]]

    def _about(self, found: _Place) -> tuple[str, str, str]:
        """The sign of how it stands, with its style, and what it is."""
        window, symbols = found.window, self._symbols
        if found.line:
            return "", self._symbols.room, _("bookmark")
        if window is None:
            return "", "/", _("command")
        state = window.client.state
        if window.peer is None:
            is_online = state.link.phase is Phase.ONLINE
            now = Availability.ONLINE if is_online else Availability.OFFLINE
            return f"class:presence.{now.value}", symbols.presence(now), _("account")
        if window.peer in state.rooms:
            is_in = state.rooms[window.peer].is_in
            if is_in:
                return "class:presence.online", symbols.room, _("room")
            return "class:presence.offline", symbols.offline, _("room, not entered")
        if state.block_of(window.peer) is not None:
            return "class:presence.blocked", symbols.blocked, _("blocked")
        now = state.presence_of(window.peer).availability
        return f"class:presence.{now.value}", symbols.presence(now), now.value


def _spelt(shown: str, marks: frozenset[int], offset: int, style: str) -> Line:
    """`shown`, of which the letters at `marks` (of the whole, from `offset` on) are marked."""
    line: Line = []
    for place, char in enumerate(shown):
        is_marked = place + offset in marks
        line.append((f"{style} class:match" if is_marked else style, char))
    return line


def _windows(workspace: Workspace) -> list[_Place]:
    """The open windows but the one looked at, which comes last."""

    def order(window: Window) -> tuple[bool, bool, float]:
        entries = window.conversation.entries
        last = entries[-1].at if entries else LONG_AGO
        is_here = window == workspace.current
        return is_here, not window.conversation.unread, -(last - LONG_AGO).total_seconds()

    return [_place(window) for window in sorted(workspace.windows, key=order)]


def _place(window: Window) -> _Place:
    address = window.client.state.account if window.peer is None else window.peer
    return _Place(window.title, str(address), window)


def _contacts(workspace: Workspace) -> Iterator[_Place]:
    """Who and what has no window: contacts that can be reached, rooms, the other contacts."""
    for client in workspace.clients:
        state = client.state
        open_peers = {window.peer for window in workspace.windows if window.client is client}
        is_there: list[_Place] = []
        is_away: list[_Place] = []
        for jid, contact in state.contacts.items():
            if jid not in open_peers:
                place = _Place(contact.title, str(jid), Window(client, jid))
                is_offline = state.presence_of(jid).availability is Availability.OFFLINE
                (is_away if is_offline else is_there).append(place)
        yield from is_there
        for jid in state.rooms:
            if jid not in open_peers:
                yield _Place(client.state.title_of(jid), str(jid), Window(client, jid))
        yield from is_away


def _bookmarks(workspace: Workspace) -> Iterator[_Place]:
    """The rooms of the account looked at in which this device has never been."""
    state = workspace.current.client.state
    for jid, bookmark in state.bookmarks.items():
        if jid not in state.rooms and not bookmark.is_removed:
            yield _Place(bookmark.name or jid.local, str(jid), line=f"/join {jid}")


def _commands(workspace: Workspace) -> Iterator[_Place]:
    for command in workspace.registry.commands:
        yield _Place(f"/{command.name}", summary=command.summary)
