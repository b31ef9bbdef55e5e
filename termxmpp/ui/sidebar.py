"""The sidebar: accounts, windows with what is unread, rooms, and contacts by group with presence.

Pure; made anew only when something in it has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from termxmpp.client import Client
from termxmpp.core.jid import Jid
from termxmpp.core.link import Phase
from termxmpp.core.roster import Availability, Contact
from termxmpp.core.text import kept_in_place, simple_emoji, width
from termxmpp.ui.lines import Line
from termxmpp.ui.theme import Symbols
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.workspace import Window, Workspace

__all__ = ["COLUMNS", "Row", "Sidebar", "columns_of"]

# How wide it is, also on screens from so many columns on.
COLUMNS, WIDE, WIDE_COLUMNS = 24, 120, 34


def columns_of(screen: int) -> int:
    """How many columns of a `screen` of so many it takes."""
    return WIDE_COLUMNS if screen >= WIDE else COLUMNS


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the sidebar, and the window that a click on it opens."""

    line: Line
    window: Window | None = None


_What = str | Jid | Phase | Contact | tuple[int, Window]

_Plan = list[tuple[Client, _What]]
"""What stands in each row: a heading, that of an account, how one stands, a contact, or a window's
number."""


@dataclass(frozen=True, slots=True)
class _Listed:
    """The contacts of an account, and what they were listed from."""

    roster_revision: int
    windows: tuple[Window, ...]
    plan: _Plan


class Sidebar:
    """The rows for `workspace`: the windows, those of rooms, then everybody else by account and
    group; with the symbols that `symbols` returns, as wide as `columns` says.
    """

    def __init__(
        self,
        workspace: Workspace,
        symbols: Callable[[], Symbols] = lambda: Symbols(),
        columns: Callable[[], int] = lambda: COLUMNS,
    ) -> None:
        self._workspace = workspace
        self._columns = columns
        self._symbols = symbols
        self._kept: dict[Client, _Listed] = {}

    def rows(self, first: int = 0, count: int | None = None) -> list[Row]:
        """At most `count` rows from `first` on; the window looked at is marked.

        Only these are drawn: rosters have thousands of contacts, and screens have fifty lines.
        """
        wanted = slice(first, None if count is None else first + count)
        return [self._drawn(*each) for each in self._plan()[wanted]]

    def __len__(self) -> int:
        return len(self._plan())

    def _plan(self) -> _Plan:
        clients = self._workspace.clients
        if len(self._kept) > len(clients):
            self._kept = {client: self._kept[client] for client in clients if client in self._kept}
        numbered = list(enumerate(self._workspace.windows, 1))
        shown = [
            (client, each) for client in clients for each in numbered if each[1].client is client
        ]
        plan: _Plan = []
        for client, each in shown:
            if each[1].room is not None:
                continue
            plan.append((client, each))
            phase = client.state.link.phase
            if each[1].peer is None and len(clients) > 1 and phase is not Phase.ONLINE:
                plan.append((client, phase))
        rooms: _Plan = [(client, each) for client, each in shown if each[1].room is not None]
        if rooms:
            plan += [(clients[0], ""), (clients[0], _("Rooms")), *rooms]
        for client in clients:
            listed = self._listed(client)
            if listed and len(clients) > 1:
                # The groups of an account follow its own heading at once.
                plan += [(client, ""), (client, client.account.bare), *listed[1:]]
            else:
                plan += listed
        return plan

    def _drawn(self, client: Client, what: _What) -> Row:
        match what:
            case str():
                words = self._symbols().truncated(what, self._columns())
                return Row([("class:sidebar.heading", words)])
            case Jid():
                symbols = self._symbols()
                words = symbols.truncated(symbols.one_line(str(what), 100), self._columns())
                return Row([("class:sidebar.account", words)], Window(client))
            case Phase():
                # At what time it tries again, and which step it is at, the status bar says.
                words = self._symbols().truncated(what.value, self._columns() - 5)
                return Row([("class:sidebar.away", f"     {words}")], Window(client))
            case Contact():
                return self._contact(client, what)
            case number, window:
                return self._window(number, window)

    def _window(self, number: int, window: Window) -> Row:
        unread, mentions = window.conversation.unread, window.conversation.mentions
        style = "class:sidebar.unread" if unread else ""
        mention_style = "class:sidebar.mention"
        number_style = "class:sidebar.number"
        sign_style, sign = self._sign(window.client, window.peer)
        if window == self._workspace.current:
            # One bar; signs of several colours would make a patchwork of it.
            style = number_style = sign_style = f"{style} class:sidebar.current"
            mention_style = style
        is_begun = bool(window.draft.text) and window != self._workspace.current
        count = f" {unread} " if unread else " "
        count = f" {self._symbols().edited}{count}" if is_begun else count
        called = f" {self._symbols().mention}{mentions}" if mentions else ""
        room = self._columns() - 5 - width(called) - width(count)
        title = _name(window.title, room, self._symbols())
        line: Line = [
            (number_style, f"{number:2} "),
            (sign_style, f"{sign} "),
            (style, title + " " * max(0, room - width(title))),
            (mention_style, called),
            (style, count),
        ]
        return Row(line, window)

    def _contact(self, client: Client, contact: Contact) -> Row:
        style, sign = self._sign(client, contact.jid)
        title = _name(contact.title, self._columns() - 5, self._symbols())
        return Row([("", "   "), (style, f"{sign} "), ("", title)], Window(client, contact.jid))

    def _sign(self, client: Client, peer: Jid | None) -> tuple[str, str]:
        room = client.state.rooms.get(peer) if peer is not None else None
        if room is not None:
            is_in = room.is_in and client.state.link.phase is Phase.ONLINE
            symbols = self._symbols()
            sign = symbols.room if is_in else symbols.offline
            return f"class:presence.{'online' if is_in else 'offline'}", sign
        if peer is None:
            is_online = client.state.link.phase is Phase.ONLINE
            now = client.state.presence.availability if is_online else Availability.OFFLINE
        elif client.state.block_of(peer) is not None:
            return "class:presence.blocked", self._symbols().blocked
        elif peer in client.state.requests:
            return "class:presence.asking", self._symbols().asking
        else:
            now = client.state.presence_of(peer).availability
        return f"class:presence.{now.value}", self._symbols().presence(now)

    def _requests(self, client: Client, shown: Collection[Jid | None]) -> _Plan:
        """The strangers who have asked to see us, and are not among those `shown`."""
        state = client.state
        others = [each for each in state.requests if each not in {*state.contacts, *shown}]
        strangers: _Plan = [(client, Contact(each)) for each in sorted(others)]
        return [(client, ""), (client, _("Requests")), *strangers] if strangers else []

    def _listed(self, client: Client) -> _Plan:
        """The contacts without a window by group, in each those first that can be reached."""
        state, windows = client.state, self._workspace.windows
        kept = self._kept.get(client)
        if kept is not None and (kept.roster_revision, kept.windows) == (
            state.roster_revision,
            windows,
        ):
            return kept.plan
        shown = {window.peer for window in windows if window.client is client}
        groups: dict[str, list[tuple[bool, str, Contact]]] = {}
        for contact in state.contacts.values():
            if contact.jid in shown:
                continue
            is_away = state.presence_of(contact.jid).availability is Availability.OFFLINE
            for group in contact.groups or (_("Contacts"),):
                ranked = (is_away, contact.title.casefold(), contact)
                groups.setdefault(group, []).append(ranked)
        plan: _Plan = self._requests(client, shown)
        for group in sorted(groups, key=str.casefold):
            plan += [(client, ""), (client, self._symbols().one_line(group, 100))]
            ranking = sorted(groups[group], key=lambda each: each[:2])
            plan += [(client, contact) for *_rank, contact in ranking]
        self._kept[client] = _Listed(state.roster_revision, windows, plan)
        return plan


def _name(title: str, columns: int, symbols: Symbols) -> str:
    """`title` in at most `columns`, as wide on every terminal: the border is right of it."""
    name = simple_emoji(symbols.one_line(title, 100))
    return kept_in_place(symbols.truncated(name, columns))
