"""Who is there, in lines: how the presence of contacts changes, and who comes into a room.

A line that was told can't be changed any more. So what happens in a room is gathered until
something is said there or typed, and told before that; no timer tells it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from termxmpp.client import Client
from termxmpp.core import events
from termxmpp.core.comings import Comings, shown_nick
from termxmpp.core.jid import Jid
from termxmpp.core.roster import Availability
from termxmpp.plain.lines import presence_line
from termxmpp.workspace import Window, Workspace

__all__ = ["Company"]

# What comes so soon behind the log-in is where everybody was all the time.
SETTLING = timedelta(seconds=10)


class Company:
    """What is to be told of the company in `workspace`, by `[ui] plain_presence`."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._known: dict[tuple[Client, Jid], Availability] = {}
        self._begun: dict[Client, datetime] = {}
        self._comings: dict[Window, Comings] = {}

    def observe(self, client: Client, event: events.Event) -> list[str]:
        """What is to be told at once of `event`, which has just happened."""
        match event:
            case events.SessionStarted(is_resumed=False):
                self._begun[client] = client.now()
                self._known = {key: now for key, now in self._known.items() if key[0] != client}
            case events.PresenceChanged(jid):
                return self._changed(Window(client, jid.bare))
            case events.OccupantChanged(room, occupant, is_new=True):
                if (comings := self._gathered(Window(client, room))) is not None:
                    comings.comes(occupant.nick, shown_nick(occupant.nick))
            case events.OccupantLeft(room, nick, is_told=False):
                if (comings := self._gathered(Window(client, room))) is not None:
                    comings.goes(nick)
            case events.OccupantRenamed(room, nick, new_nick):
                # What we are called ourselves is told anyhow.
                is_ours = client.state.rooms[room].nick == new_nick
                comings = None if is_ours else self._gathered(Window(client, room))
                if comings is not None:
                    comings.is_called(nick, new_nick)
            case events.RoomLeft(room):
                self._comings.pop(Window(client, room), None)
        return []

    def gathered(self, window: Window | None) -> list[str]:
        """What has been gathered of `window`, to be told now."""
        comings = self._comings.pop(window, None) if window is not None else None
        return [comings.words] if comings is not None and comings.words else []

    def _changed(self, window: Window) -> list[str]:
        """The presence of a contact has changed; of its status alone nothing is told."""
        client, jid = window.client, window.peer
        if jid is None or jid == client.state.account:
            return []
        now = client.state.presence_of(jid)
        before = self._known.get((client, jid), Availability.OFFLINE)
        self._known[client, jid] = now.availability
        begun = self._begun.get(client)
        is_settling = begun is not None and client.now() - begun < SETTLING
        if now.availability is before or is_settling or not self._is_wanted(window):
            return []
        return [presence_line(window, now)]

    def _is_wanted(self, window: Window) -> bool:
        wanted = self._workspace.settings.config.ui.plain_presence
        if wanted in ("contacts", "all"):
            return window.peer in window.client.state.contacts
        return wanted == "here" and window == self._workspace.current

    def _gathered(self, window: Window) -> Comings | None:
        """What is gathered of a room; None if nothing of it is to be told."""
        ui = self._workspace.settings.config.ui
        is_wanted = ui.plain_presence == "all" and ui.comings
        if not is_wanted or window != self._workspace.current:
            return None
        room = window.room
        if room is None or not room.is_in:
            return None
        return self._comings.setdefault(window, Comings())
