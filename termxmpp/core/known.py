"""What can be asked of all that is known about an account; `state.py` says how that changes."""

from __future__ import annotations

from termxmpp.core.archive import Gap
from termxmpp.core.bookmarks import Bookmark
from termxmpp.core.conversation import Conversation
from termxmpp.core.jid import Jid
from termxmpp.core.link import Link, Phase
from termxmpp.core.message import Message
from termxmpp.core.room import Room
from termxmpp.core.roster import OFFLINE, Contact, Presence, best_presence
from termxmpp.core.telling import UNSET, Telling

__all__ = ["Known"]


class Known:
    """The questions; what they are answered from, `State` has."""

    account: Jid
    link: Link
    contacts: dict[Jid, Contact]
    conversations: dict[Jid, Conversation]
    rooms: dict[Jid, Room]
    pasts: dict[Jid, Conversation]
    tellings: dict[Jid, Telling]
    blocked: frozenset[Jid] | None
    bookmarks: dict[Jid, Bookmark]
    gaps: tuple[Gap, ...]
    _closed: dict[Jid, Conversation]
    _presences: dict[Jid, dict[str, Presence]]
    _composing: dict[Jid, tuple[Jid, ...]]

    def telling_of(self, peer: Jid) -> Telling:
        """What is to be told of the conversation with `peer`."""
        return self.tellings.get(peer, UNSET)

    def composing(self, peer: Jid) -> tuple[Jid, ...]:
        """Who is writing in the conversation with `peer` at the moment (XEP-0085)."""
        return self._composing.get(peer, ())

    def presence_of(self, jid: Jid) -> Presence:
        """What is known of the presence of `jid`: of that resource, or the best of a bare one.

        Without a link nothing is known of anybody (RFC 6121 §4.5.3); a session that is resumed
        has missed nothing.
        """
        if self.is_occupant(jid) and self._is_linked:
            return self.rooms[jid.bare].presence_of(jid.resource)
        resources = self._presences.get(jid.bare)
        if resources is None or not self._is_linked:
            return OFFLINE
        return (
            resources.get(jid.resource, OFFLINE)
            if jid.resource
            else best_presence(resources.values())
        )

    def sees_us(self, jid: Jid) -> bool:
        """Whether `jid` may see our presence: our own account, and contacts who have been let."""
        contact = self.contacts.get(jid.bare)
        is_let = contact is not None and contact.subscription in ("from", "both")
        return is_let or jid.bare == self.account

    def block_of(self, jid: Jid) -> Jid | None:
        """What of the list of those who are blocked blocks `jid`, the nearest first; or None."""
        domain = Jid("", jid.domain)
        ways = (jid, jid.bare, domain.with_resource(jid.resource), domain)
        return next((each for each in ways if each in (self.blocked or ())), None)

    def resources_of(self, jid: Jid) -> dict[str, Presence]:
        """The available resources of the bare `jid`."""
        return dict(self._presences.get(jid.bare, {})) if self._is_linked else {}

    def title_of(self, jid: Jid) -> str:
        """What to call `jid`: a contact, a room, or an occupant of one."""
        room = self.rooms.get(jid.bare)
        if room is not None:
            bookmark = self.bookmarks.get(jid.bare)
            title = (bookmark.name if bookmark is not None else "") or room.title
            return f"{jid.resource} ({title})" if jid.resource else title
        contact = self.contacts.get(jid.bare)
        return contact.title if contact is not None else str(jid)

    def failed_gaps(self, peer: Jid | None) -> tuple[Gap, ...]:
        """What can't be fetched of the conversation with `peer`; the console misses nothing."""
        if peer is None:
            return ()
        archive = peer if peer in self.rooms else None
        return tuple(gap for gap in self.gaps if gap.problem and gap.archive == archive)

    def author_of(self, message: Message) -> str:
        """What to call who wrote `message`: in a room its nick there."""
        if message.author.bare in self.rooms:
            return message.author.resource or self.title_of(message.author)
        return self.title_of(message.author.bare)

    def name_of(self, jid: Jid) -> str:
        """What to call `jid` in the conversation that it writes in: in a room its nick."""
        if jid.bare in self.rooms:
            return jid.resource or self.title_of(jid)
        return jid.local if jid.bare == self.account else self.title_of(jid.bare)

    def is_occupant(self, jid: Jid) -> bool:
        """Whether `jid` is the address of somebody in a room, who is there or was."""
        return bool(jid.resource) and jid.bare in self.rooms

    def peer_of(self, jid: Jid) -> Jid:
        """Whose conversation it is if `jid` writes: occupants are apart from each other."""
        return jid if self.is_occupant(jid) else jid.bare

    def conversation(self, peer: Jid) -> Conversation:
        """The conversation with `peer`, opened if need be, with what it held when it was closed."""
        found = self.conversations.get(peer)
        if found is None:
            found = self._closed.pop(peer, None) or Conversation(peer)
            self.conversations[peer] = found
        return found

    def shown(self, peer: Jid) -> Conversation:
        """What of the conversation with `peer` is looked at: a part of its past, or its present."""
        return self.pasts.get(peer) or self.conversation(peer)

    def past_gap(self, peer: Jid) -> Gap | None:
        """What the archive may have before all that is here of the conversation with `peer`."""
        archive = peer if peer in self.rooms else None
        entries = self.conversation(peer).entries
        first = next((each.rank for each in entries if isinstance(each, Message)), None)
        for gap in self.gaps:
            if gap.archive == archive and (first is None or gap.low < first):
                return gap
        return None

    def has(self, peer: Jid, key: int) -> bool:
        """Whether the message with that key is at hand in the conversation with `peer`."""
        known = self._known(peer)
        return known is not None and key in known

    def message(self, peer: Jid, key: int) -> Message | None:
        """The message with that key, if it is at hand in the conversation with `peer`."""
        found = (held.message(key) for held in self._held(peer))
        return next((message for message in found if message is not None), None)

    @property
    def _is_linked(self) -> bool:
        return self.link.phase is Phase.ONLINE or self.link.step == "sync"

    def _held(self, peer: Jid) -> list[Conversation]:
        """What is at hand of the conversation with `peer`: its present, and a part of its past."""
        held = (self._known(peer), self.pasts.get(peer))
        return [conversation for conversation in held if conversation is not None]

    def _known(self, peer: Jid) -> Conversation | None:
        return self.conversations.get(peer) or self._closed.get(peer)
