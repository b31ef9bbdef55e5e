"""XEP-0085 Chat State Notifications: who is writing, and that we are.

Told to contacts who may see us and to those who tell us the same, never to a room of many. A
state is told once, whatever the number of keys; what nobody has ended counts for some minutes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.core.events import (
    ChatStateChanged,
    ConversationClosed,
    Event,
    LinkChanged,
    MessageReceived,
    MessageWritten,
    OccupantLeft,
    OccupantRenamed,
    PresenceChanged,
    RoomLeft,
)
from termxmpp.core.jid import Jid
from termxmpp.core.link import Phase
from termxmpp.core.message import Message, Route
from termxmpp.core.roster import Availability
from termxmpp.errors import ConnectionFailed
from termxmpp.feature import Context, Feature, Handler
from termxmpp.values import dataclass
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.delay import DelayPayload
from termxmpp.xmpp.hooks import on_message
from termxmpp.xmpp.payload import Payload, payload
from termxmpp.xmpp.reading import is_own, peer_of
from termxmpp.xmpp.stanzas import IncomingMessage

__all__ = ["FEATURE"]

NS = "http://jabber.org/protocol/chatstates"

# Who has not touched a key for so long has paused; who is said to be writing for so long and has
# written nothing is not any more, whatever became of the word that should have told (seconds).
PAUSED_AFTER, FORGOTTEN_AFTER = 20.0, 180.0

# In a room of more than so many each word goes to more people than it is worth.
MOST_OCCUPANTS = 10


@payload(f"{{{NS}}}active")
@payload(f"{{{NS}}}composing")
@payload(f"{{{NS}}}paused")
@payload(f"{{{NS}}}inactive")
@payload(f"{{{NS}}}gone")
@dataclass(frozen=True)
class ChatStatePayload(Payload):
    """`<composing/>` and its like; `state` is the element's name."""

    state: str

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        return cls(element.tag.removeprefix(f"{{{NS}}}"))

    def as_xml(self) -> Element:
        return Element(f"{{{NS}}}{self.state}")


class ChatStatesHandler(Handler):
    """Follows who is writing to us, and tells whom we are writing to.

    Who touches no key for `paused_after` seconds has paused; who is said to be writing counts as
    such for `forgotten_after` seconds.
    """

    def __init__(
        self,
        ctx: Context,
        paused_after: float = PAUSED_AFTER,
        forgotten_after: float = FORGOTTEN_AFTER,
    ) -> None:
        super().__init__(ctx)
        self._paused_after, self._forgotten_after = paused_after, forgotten_after
        # To whom we have said what state last, if it was not with a message.
        self._told: dict[Jid, str] = {}
        # With whom we have a conversation, as they know by our states.
        self._talking: set[Jid] = set()
        # Those who have told us theirs, and those who have answered without.
        self._known: set[Jid] = set()
        self._silent: set[Jid] = set()
        self._typed_at = 0.0
        self._pause: asyncio.TimerHandle | None = None
        self._forgetting: dict[tuple[Jid, Jid], asyncio.TimerHandle] = {}

    # Theirs.

    @on_message(payload=ChatStatePayload)
    def receive(self, message: IncomingMessage) -> bool:
        """Somebody is writing, or no longer; what is old tells nothing of now."""
        peer, author = peer_of(message, self.ctx.state), message.sender
        is_ours = is_own(message, self.ctx.state.account)
        if peer is None or author is None or is_ours or not _is_of_now(message):
            return False
        self._known.add(peer)
        self._silent.discard(peer)
        self._take(peer, author, message)
        return False

    @on_message()
    def answered(self, message: IncomingMessage) -> bool:
        """Who answers without a state, and never sent one, is told none from then on (§5.1).

        Unless it is known to know what they are.
        """
        peer, author, state = peer_of(message, self.ctx.state), message.sender, self.ctx.state
        is_answer = message.body is not None and message.get(ChatStatePayload) is None
        if peer is None or author is None or not is_answer or not _is_of_now(message):
            return False
        can = state.presence_of(author).capabilities
        is_able = can is not None and NS in state.abilities.get(can, ())
        is_able = is_able or peer in self._known
        if message.type != "groupchat" and not is_own(message, state.account) and not is_able:
            self._silent.add(peer)
        return False

    @on_message("groupchat", payload=ChatStatePayload)
    def receive_in_room(self, message: IncomingMessage) -> bool:
        """An occupant is writing, or no longer."""
        author = message.sender
        room = self.ctx.state.rooms.get(author.bare) if author is not None else None
        if author is None or room is None or not _is_of_now(message):
            return False
        if author != room.me and author.resource in room.occupants:
            self._take(room.jid, author, message)
        return False

    def _take(self, peer: Jid, author: Jid, message: IncomingMessage) -> None:
        found = message.get(ChatStatePayload)
        # Who has said something is writing it no more, whatever is said of that.
        is_composing = found is not None and found.state == "composing" and message.body is None
        self.set(peer, author, is_composing=is_composing)

    def set(self, peer: Jid, author: Jid, *, is_composing: bool) -> None:
        """`author` is, or is no longer, writing in the conversation with `peer`."""
        timer = self._forgetting.pop((peer, author), None)
        if timer is not None:
            timer.cancel()
        if is_composing:
            self._forgetting[peer, author] = asyncio.get_running_loop().call_later(
                self._forgotten_after, lambda: self.set(peer, author, is_composing=False)
            )
        if is_composing != (author in self.ctx.state.composing(peer)):
            self.ctx.emit(ChatStateChanged(peer, author, is_composing))

    def _end(self, peer: Jid, author: Jid | None = None) -> None:
        """Nobody is writing there any more, or not `author`, with all resources if it is bare."""
        for each in self.ctx.state.composing(peer):
            if author is None or author == (each if author.resource else each.bare):
                self.set(peer, each, is_composing=False)

    # Ours.

    def outgoing(self, peer: Jid, message: Message) -> Iterable[Payload]:
        """What we say tells that we are here, and asks to be told the same (§5.1)."""
        is_wanted = self.ctx.sends_typing and peer not in self._silent
        if message.is_groupchat or not message.is_text or not is_wanted:
            return ()
        self._talking.add(peer)
        return (ChatStatePayload("active"),)

    def composing(self, peer: Jid, *, is_composing: bool) -> None:
        told = self._told.get(peer)
        if not is_composing:
            if told is not None:
                self._tell(peer, "active")
                self._told.pop(peer, None)
            return
        loop = asyncio.get_running_loop()
        self._typed_at = loop.time()
        if told != "composing" and self._may_tell(peer):
            self._tell(peer, "composing")
            if self._pause is None:
                self._pause = loop.call_later(self._paused_after, self._look_for_pause)

    def _look_for_pause(self) -> None:
        """No key for a while: say so; else look again when it would be one."""
        loop = asyncio.get_running_loop()
        rest = self._typed_at + self._paused_after - loop.time()
        composing = [peer for peer, state in self._told.items() if state == "composing"]
        self._pause = None
        if composing and rest > 0:
            self._pause = loop.call_later(rest, self._look_for_pause)
            return
        for peer in composing:
            self._tell(peer, "paused")

    def _tell(self, peer: Jid, state: str) -> None:
        kind = "groupchat" if peer in self.ctx.state.rooms else "chat"
        stanza = stanzas.message(
            peer, id=self.ctx.new_id(), type=kind, payloads=(ChatStatePayload(state),)
        )
        with contextlib.suppress(ConnectionFailed):
            self.ctx.send(stanza)
            self._told[peer] = state
            self._talking.add(peer)

    def _may_tell(self, peer: Jid) -> bool:
        state = self.ctx.state
        is_wanted = self.ctx.sends_typing and peer not in self._silent
        if not is_wanted or not self.ctx.is_online or peer == state.account:
            return False
        room = state.rooms.get(peer)
        if room is not None:
            return room.is_in and len(room.occupants) <= MOST_OCCUPANTS
        contact = state.contacts.get(peer)
        subscription = contact.subscription if contact is not None else "none"
        is_away = state.presence_of(peer).availability is Availability.OFFLINE
        if subscription in ("to", "both") and is_away:
            # Nobody is there who could see it.
            return False
        return subscription in ("from", "both") or peer in self._known

    async def leaving(self) -> None:
        for peer, state in list(self._told.items()):
            if state == "composing":
                self._tell(peer, "paused")

    def happened(self, event: Event) -> None:
        match event:
            case MessageReceived(peer, message):
                if not message.is_own and self.ctx.state.composing(peer):
                    is_in_room = message.is_groupchat or peer.resource
                    author = message.author if is_in_room else message.author.bare
                    self._end(peer, author)
            case MessageWritten(peer):
                # It tells that we are active.
                self._told.pop(peer, None)
            case ConversationClosed(peer):
                self._leave(peer)
            case PresenceChanged(jid, presence) if presence.availability is Availability.OFFLINE:
                self._end(self.ctx.state.peer_of(jid), jid)
            case OccupantLeft(room, nick) | OccupantRenamed(room, nick):
                self._end(room, room.with_resource(nick))
                self._end(room.with_resource(nick))
            case RoomLeft(room):
                self._end(room)
                self._told.pop(room, None)
            case LinkChanged(link) if link.phase is not Phase.ONLINE:
                self._lose_link()

    def _leave(self, peer: Jid) -> None:
        """The window is closed: a conversation of two that was known as such ends (§5.7)."""
        is_talking = peer in self._talking and peer not in self.ctx.state.rooms
        self._talking.discard(peer)
        if is_talking and self._may_tell(peer):
            self._tell(peer, "gone")
            self._talking.discard(peer)

    def _lose_link(self) -> None:
        """What nobody can tell us any more is not so; what we told may be forgotten."""
        for peer, author in list(self._forgetting):
            self.set(peer, author, is_composing=False)
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        self._told.clear()
        self._known.clear()
        self._silent.clear()
        self._talking.clear()


def _is_of_now(message: IncomingMessage) -> bool:
    """Whether it was said just now, and not to somebody else of us."""
    is_live = message.route is Route.LIVE and message.get(DelayPayload) is None
    return is_live and message.type != "error"


FEATURE = Feature("XEP-0085", "Chat State Notifications", (NS,), ChatStatesHandler, version="2.1")
