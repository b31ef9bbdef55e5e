"""XEP-0045 §7.4 and §8.1: what is said in rooms, to all and to one, and what they are about.

What is said counts only while we are in; whose it is, the occupant's address says.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from termxmpp.core.events import (
    FateChanged,
    MessageReceived,
    NoticeGiven,
    RoomDiscovered,
    RoomLeft,
    RoomWanted,
    SubjectChanged,
)
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Notice, Route
from termxmpp.core.room import Room, Standing
from termxmpp.errors import ConnectionFailed, RemoteError
from termxmpp.feature import Feature, Handler
from termxmpp.words import _
from termxmpp.xmpp.avatars import portraits_in
from termxmpp.xmpp.bounces import bounce_reason
from termxmpp.xmpp.disco import DiscoPayload
from termxmpp.xmpp.hooks import on_message
from termxmpp.xmpp.muc import OccupantPayload, Status
from termxmpp.xmpp.muc_words import (
    BOUNCES_OF_OCCUPANTS,
    BOUNCES_OF_ROOMS,
    change_words,
    gone_words,
    said,
)
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.reading import read_groupchat
from termxmpp.xmpp.stanzas import IncomingMessage

__all__ = ["FEATURE"]

logger = logging.getLogger(__name__)


class TalkHandler(Handler):
    """Takes what is said to everybody, and marks what is said to one."""

    def outgoing(self, peer: Jid, message: Message) -> Iterable[Payload]:
        # What is private among occupants is marked as such, for our other devices (§7.5).
        return (OccupantPayload(),) if self.ctx.state.is_occupant(peer) else ()

    @on_message("groupchat")
    def receive(self, message: IncomingMessage) -> bool:
        """Something was said to everybody, or it is what the room is about (§8.1)."""
        room = self.ctx.state.rooms.get(message.sender.bare) if message.sender else None
        if message.route is not Route.LIVE or room is None or room.standing is Standing.OUT:
            logger.warning("%s is no room that we are in: dropped", message.sender)
            return True
        if message.body is None and message.subject is not None:
            self._about(room, message)
            return True
        if message.sender == room.jid and message.body is None:
            self._changed(room, message)
        ctx = self.ctx
        said = read_groupchat(message, room, ctx.state.account, ctx.now(), ctx.new_id)
        if said is not None:
            ctx.emit(MessageReceived(room.jid, said))
        return True

    @on_message()
    def told(self, message: IncomingMessage) -> bool:
        """What we are to a room has changed while we are not in it (§9.3 and following)."""
        about, sender = message.get(OccupantPayload), message.sender
        if about is None or sender is None or Status.AFFILIATED not in about.codes:
            return False
        if message.type == "groupchat" or not sender.is_bare or not sender.local:
            return False
        words = _("You are to {room} from now on: {what}.")
        told = words.format(room=sender, what=about.affiliation.words)
        if about.reason:
            told = f"{told.removesuffix('.')} ({said(about.reason)})."
        room = sender if sender in self.ctx.state.rooms else None
        self.ctx.emit(NoticeGiven(Notice(told, self.ctx.now()), room))
        return True

    @on_message("error")
    def bounce(self, message: IncomingMessage) -> bool:
        """What we said was not taken by the room, or not by an occupant."""
        room = self.ctx.state.rooms.get(message.sender.bare) if message.sender else None
        if room is None or message.sender is None or not message.id:
            return False
        is_to_all = message.sender == room.jid
        words = BOUNCES_OF_ROOMS if is_to_all else BOUNCES_OF_OCCUPANTS
        reason = bounce_reason(message.error, words)
        self.ctx.emit(FateChanged(message.sender, message.id, Fate.FAILED, reason))
        condition = message.error.condition if message.error is not None else ""
        if not is_to_all or not room.is_in:
            return True
        if condition == "not-acceptable":
            # It has lost us without a word.
            self.ctx.emit(RoomWanted(room.jid, room.nick, room.password))
        elif condition == "item-not-found":
            # To go in again would make it anew, which is the user's to say.
            self.ctx.emit(RoomLeft(room.jid, is_for_good=True))
            notice = Notice(gone_words(room.jid), self.ctx.now(), is_error=True)
            self.ctx.emit(NoticeGiven(notice, room.jid))
        return True

    def _about(self, room: Room, message: IncomingMessage) -> None:
        """The first subject is a part of entering (§7.2.15); any later one is news."""
        was_settled, subject = room.is_settled, message.subject or ""
        is_new = was_settled and room.is_in and subject != room.subject
        self.ctx.emit(SubjectChanged(room.jid, subject))
        nick = message.sender.resource if message.sender is not None else ""
        if not is_new:
            return
        if not nick:
            words = _("The topic is now: {topic}") if subject else _("The topic was taken away.")
        elif subject:
            words = _("{nick} has set the topic: {topic}")
        else:
            words = _("{nick} has taken the topic away.")
        self._tell(room, words.format(nick=nick, topic=said(subject)))

    def _changed(self, room: Room, message: IncomingMessage) -> None:
        """The room itself says that something about it has changed (§10.2.1)."""
        about = message.get(OccupantPayload)
        changes = change_words(about.codes) if about is not None else []
        for words in changes:
            self._tell(room, words)
        if changes and room.is_in:
            self.ctx.spawn(self._look_again(room))

    async def _look_again(self, room: Room) -> None:
        """What the room can may be another now."""
        try:
            answer = (await self.ctx.get(room.jid, DiscoPayload())).get(DiscoPayload)
        except (ConnectionFailed, RemoteError):
            return
        if answer is not None and room.is_in:
            namespaces = frozenset(answer.namespaces)
            self.ctx.emit(RoomDiscovered(room.jid, namespaces, portraits_in(answer)))

    def _tell(self, room: Room, text: str) -> None:
        self.ctx.emit(NoticeGiven(Notice(text, self.ctx.now()), room.jid))


FEATURE = Feature("XEP-0045 §7", "Multi-User Chat: what is said", handler=TalkHandler)
