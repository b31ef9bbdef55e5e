"""The sidebar: accounts, windows with what is unread, and contacts by group with presence.

Pure; made anew only when something in it has changed.
"""

from __future__ import annotations

from dataclasses import dataclass

from termxmpp.client import Client
from termxmpp.core.jid import Jid
from termxmpp.core.link import Phase
from termxmpp.core.roster import Availability, Contact
from termxmpp.core.text import one_line, truncate, width
from termxmpp.ui.timeline import Line
from termxmpp.workspace import Window, Workspace

__all__ = ["Row", "Sidebar"]

COLUMNS = 24

# A sign for each state, so that colour is never needed to tell them apart.
SIGNS = {
    Availability.CHAT: "●",
    Availability.ONLINE: "●",
    Availability.AWAY: "◐",
    Availability.XA: "◑",
    Availability.DND: "⊘",
    Availability.OFFLINE: "○",
}

_ORDER = {availability: place for place, availability in enumerate(Availability)}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the sidebar, and the window that a click on it opens."""

    line: Line
    window: Window | None = None


class Sidebar:
    """The rows for `workspace`."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._contacts: dict[Client, tuple[int, list[tuple[str, list[Contact]]]]] = {}

    def rows(self) -> list[Row]:
        """Everything from top to bottom; the window looked at is marked."""
        rows: list[Row] = []
        for client in self._workspace.clients:
            rows += self._account(client)
        return rows

    def _account(self, client: Client) -> list[Row]:
        windows = [
            (number, window)
            for number, window in enumerate(self._workspace.windows, 1)
            if window.client is client
        ]
        rows = [self._window(number, window) for number, window in windows]
        listed = {window.peer for _, window in windows}
        for group, contacts in self._groups(client):
            shown = [contact for contact in contacts if contact.jid not in listed]
            if shown:
                rows.append(Row([("", "")]))
                rows.append(Row([("class:sidebar.heading", truncate(group, COLUMNS))]))
                rows += [self._contact(client, contact) for contact in shown]
        rows.append(Row([("", "")]))
        return rows

    def _window(self, number: int, window: Window) -> Row:
        unread = window.conversation.unread
        style = "class:sidebar.unread" if unread else ""
        number_style = "class:sidebar.number"
        sign_style, sign = self._sign(window.client, window.peer)
        if window == self._workspace.current:
            # One bar; signs of several colours would make a patchwork of it.
            style = number_style = sign_style = f"{style} class:sidebar.current"
        count = f" {unread} " if unread else " "
        room = COLUMNS - 5 - width(count)
        title = truncate(one_line(window.title, 100), room)
        line: Line = [
            (number_style, f"{number:2} "),
            (sign_style, f"{sign} "),
            (style, title + " " * max(0, room - width(title)) + count),
        ]
        return Row(line, window)

    def _contact(self, client: Client, contact: Contact) -> Row:
        style, sign = self._sign(client, contact.jid)
        title = truncate(one_line(contact.title, 100), COLUMNS - 5)
        return Row([("", "   "), (style, f"{sign} "), ("", title)], Window(client, contact.jid))

    def _sign(self, client: Client, peer: Jid | None) -> tuple[str, str]:
        if peer is None:
            is_online = client.state.link.phase is Phase.ONLINE
            now = client.state.presence.availability if is_online else Availability.OFFLINE
        else:
            now = client.state.presence_of(peer).availability
        return f"class:presence.{now.value}", SIGNS[now]

    def _groups(self, client: Client) -> list[tuple[str, list[Contact]]]:
        """The contacts by group, those that can be reached first."""
        state = client.state
        kept = self._contacts.get(client)
        if kept is not None and kept[0] == state.roster_revision:
            return kept[1]
        groups: dict[str, list[tuple[int, str, Contact]]] = {}
        for contact in state.contacts.values():
            order = _ORDER[state.presence_of(contact.jid).availability]
            is_away = 1 if order == _ORDER[Availability.OFFLINE] else 0
            for group in contact.groups or ("Contacts",):
                ranked = (is_away, contact.title.casefold(), contact)
                groups.setdefault(group, []).append(ranked)
        found = [
            (one_line(group, 100), [each[2] for each in sorted(groups[group], key=lambda e: e[:2])])
            for group in sorted(groups, key=str.casefold)
        ]
        self._contacts[client] = (state.roster_revision, found)
        return found
