"""XEP-0410 MUC Self-Ping: whether we are still in the rooms that we believe to be in.

Between servers a room may lose us without a word. It is asked after a long silence, but only when
something happens anyhow: something comes in, the user looks or types, a session goes on. An idle
machine sleeps. Of a service that is silent as a whole (§3.2) one room is asked first, and the
others only if that has lost us.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from termxmpp.core.events import (
    ConversationRead,
    Event,
    LinkChanged,
    MessageReceived,
    MessageWritten,
    NoticeGiven,
    OccupantChanged,
    OccupantLeft,
    OccupantRenamed,
    PresenceChanged,
    RoomEntered,
    RoomLeft,
    RoomWanted,
    SubjectChanged,
)
from termxmpp.core.jid import Jid
from termxmpp.core.message import Notice
from termxmpp.errors import ConnectionFailed, RemoteError
from termxmpp.feature import Context, Feature, Handler
from termxmpp.words import _
from termxmpp.xmpp.disco import DiscoPayload
from termxmpp.xmpp.muc_words import gone_words
from termxmpp.xmpp.ping import PingPayload

__all__ = ["FEATURE"]

logger = logging.getLogger(__name__)

# XEP-0410 §3.2: after so long a silence it is worth a question.
SILENCE = timedelta(minutes=15)

# So often at most it is looked whether anything is due.
LOOK = timedelta(minutes=1)

# The pinged client of ours does not know pings: we are in (§3.2).
STILL_IN = frozenset({"service-unavailable", "feature-not-implemented"})

# We have just been renamed (§3.2); where we were not, there is no such occupant, or no room.
NO_SUCH = "item-not-found"

# Of these nothing can be concluded (§3.2).
UNDECIDED = frozenset({None, "remote-server-not-found", "remote-server-timeout"})


class SelfPingHandler(Handler):
    """Asks rooms that have been silent for long whether we are in them."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        # When anything was heard, of a room, and of a whole service.
        self._heard: dict[Jid, datetime] = {}
        self._services: dict[str, datetime] = {}
        self._looked_at = ctx.now()
        self._asked: set[Jid] = set()

    async def resumed(self) -> None:
        """While there was no link, a room may have given us up."""
        self._look(timedelta(0))

    def composing(self, peer: Jid, *, is_composing: bool) -> None:
        """The user writes into a room: better to know before it is sent."""
        if is_composing:
            self._look_at(peer)

    def attention(self, *, is_active: bool) -> None:
        if is_active:
            self._look(SILENCE)

    def happened(self, event: Event) -> None:
        match event:
            case (
                OccupantChanged(room)
                | OccupantLeft(room)
                | OccupantRenamed(room)
                | SubjectChanged(room)
                | RoomEntered(room)
            ):
                self._hear(room)
            case MessageReceived(peer) if peer in self.ctx.state.rooms:
                self._hear(peer)
            case RoomLeft(room):
                self._heard.pop(room, None)
            case ConversationRead(peer):
                self._look_at(peer)
            case MessageReceived() | MessageWritten() | PresenceChanged() | LinkChanged():
                now = self.ctx.now()
                if now - self._looked_at >= LOOK:
                    self._look(SILENCE)

    def _hear(self, room: Jid) -> None:
        now = self.ctx.now()
        self._heard[room] = self._services[room.domain] = now
        if now - self._looked_at >= LOOK:
            self._look(SILENCE)

    def _look(self, silence: timedelta) -> None:
        """Ask one room of each service that has been silent for so long."""
        now = self._looked_at = self.ctx.now()
        if not self.ctx.is_online:
            return
        seen: set[str] = set()
        for room in self.ctx.state.rooms.values():
            domain = room.jid.domain
            if not room.is_in or domain in seen:
                continue
            seen.add(domain)
            if now - self._services.setdefault(domain, now - silence) >= silence:
                self._services[domain] = now
                self._ask(room.jid, is_first=True)

    def _look_at(self, peer: Jid) -> None:
        """Ask the room that the user turns to, if it has been silent for long."""
        room = self.ctx.state.rooms.get(peer.bare)
        if room is None or not room.is_in or not self.ctx.is_online:
            return
        now = self.ctx.now()
        if now - self._heard.setdefault(room.jid, now) >= SILENCE:
            self._ask(room.jid)

    def _ask(self, room: Jid, *, is_first: bool = False) -> None:
        if room not in self._asked:
            self._asked.add(room)
            self._heard[room] = self.ctx.now()
            self.ctx.spawn(self._ping(room, is_first=is_first))

    async def _ping(self, jid: Jid, *, is_first: bool) -> None:
        """Ask `jid`; where it has lost us, enter it again, and ask all others of its service."""
        room = self.ctx.state.rooms[jid]
        me = room.me
        try:
            await self.ctx.get(me, PingPayload())
            return
        except ConnectionFailed:
            return
        except RemoteError as error:
            condition = error.condition
        finally:
            self._asked.discard(jid)
        if condition in STILL_IN or not room.is_in or room.me != me:
            return
        if condition in UNDECIDED:
            # What comes next is an occasion to ask again.
            logger.info("whether we are in %s is not known: %s", jid, condition)
            self._services.pop(jid.domain, None)
            return
        if condition == NO_SUCH and await self._is_no_more(jid):
            if room.is_in and room.me == me:
                self.ctx.emit(RoomLeft(jid, is_for_good=True))
                gone = Notice(gone_words(jid), self.ctx.now(), is_error=True)
                self.ctx.emit(NoticeGiven(gone, jid))
        elif room.is_in and room.me == me:
            words = _("The room had lost you; you enter it again.")
            self.ctx.emit(NoticeGiven(Notice(words, self.ctx.now()), jid))
            self.ctx.emit(RoomWanted(jid, room.nick, room.password))
        if is_first:
            for other in self.ctx.state.rooms.values():
                if other.is_in and other.jid.domain == jid.domain and other is not room:
                    self._ask(other.jid)

    async def _is_no_more(self, jid: Jid) -> bool:
        """Whether the service has forgotten the room: to enter it would make it anew."""
        try:
            await self.ctx.get(jid, DiscoPayload())
        except RemoteError as error:
            return error.condition == NO_SUCH
        except ConnectionFailed:
            pass
        return False


FEATURE = Feature("XEP-0410", "MUC Self-Ping", handler=SelfPingHandler, version="1.1.0")
