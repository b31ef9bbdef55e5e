"""Everything known about one account, changed by events only.

`State.apply` is the one place where state changes; it is pure of the world: no clock, no
ids, no input or output. What can be asked of it stands in `known.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatchmethod

from termxmpp.core import events
from termxmpp.core.archive import Gap
from termxmpp.core.bookmarks import Bookmark
from termxmpp.core.capabilities import MOST_ABILITIES, Capabilities
from termxmpp.core.conversation import Conversation
from termxmpp.core.draft import NO_DRAFT, Draft
from termxmpp.core.jid import Jid
from termxmpp.core.known import Known
from termxmpp.core.link import Link
from termxmpp.core.room import FoundRoom, Invitation, MembershipRequest, Room, Standing
from termxmpp.core.roster import Availability, Contact, Presence
from termxmpp.core.service import UNKNOWN
from termxmpp.core.telling import UNSET, Telling
from termxmpp.core.transfer import Transfer

__all__ = ["State"]

_NOBODY = Jid("", "")

# Whoever sends more of them has no good in mind.
MOST_INVITATIONS = 100


class State(Known):
    """The state of the account `account` (bare).

    `conversations` holds those that have a window, in the order in which they were opened.
    `console` is the conversation with termxmpp itself: what concerns no single peer.
    `namespaces` are what the account announced, if it `is_discovered`, and `server_namespaces`
    what its server did for everybody.
    `rooms` are those that were ever entered, by their bare addresses. `pasts` are parts of
    conversations that are looked at and do not reach to the present. `tellings` are what the user
    has set of being told. `invitations` are those into rooms that nobody has followed yet, by the
    rooms, the newest last. `bookmarks` are those of rooms, also those that were removed here and
    may not be at the server; `found_rooms` were looked for last. `drafts` are what was begun to
    be written, by the peers to whom; None is the console. `transfers` are the files that are on
    their way, by their numbers. `blocked` are those of whom the server lets nothing pass
    (XEP-0191), None while that is not known. `nicks` are what people call themselves (XEP-0172),
    which names nobody here. `shown_to` are shown our presence in this session, though they may
    not see it else. `abilities` are what is known of programs (XEP-0115). `commands` are what
    others have said that they have for us (XEP-0050), each with its node and what it is;
    `service` is what the server has said of who runs it. `portrait` is the hash of the picture in
    our vCard, None while that is not known in this session. `requested_memberships` are those
    of which rooms have asked us, by the room and the nick.
    """

    def __init__(self, account: Jid) -> None:
        self.account = account.bare
        self.link = Link()
        self.presence = Presence(Availability.ONLINE)
        self.contacts: dict[Jid, Contact] = {}
        self.conversations: dict[Jid, Conversation] = {}
        self.console = Conversation(_NOBODY)
        self.rooms: dict[Jid, Room] = {}
        self.pasts: dict[Jid, Conversation] = {}
        self.tellings: dict[Jid, Telling] = {}
        self.requests: dict[Jid, str] = {}
        self.blocked: frozenset[Jid] | None = None
        self.shown_to: frozenset[Jid] = frozenset()
        self.nicks: dict[Jid, str] = {}
        self.abilities: dict[Capabilities, frozenset[str]] = {}
        self.invitations: dict[Jid, Invitation] = {}
        self.requested_memberships: dict[tuple[Jid, str], MembershipRequest] = {}
        self.found_rooms: dict[Jid, FoundRoom] = {}
        self.bookmarks: dict[Jid, Bookmark] = {}
        self.namespaces: frozenset[str] = frozenset()
        self.server_namespaces: frozenset[str] = frozenset()
        self.is_discovered = False
        self.roster_version = ""
        self.gaps: tuple[Gap, ...] = ()
        self.roster_revision = 0
        self.service = UNKNOWN
        self.portrait: str | None = None
        self.commands: dict[Jid, tuple[tuple[str, str], ...]] = {}
        self.drafts: dict[Jid | None, Draft] = {}
        self.transfers: dict[int, Transfer] = {}
        self._closed: dict[Jid, Conversation] = {}
        self._presences: dict[Jid, dict[str, Presence]] = {}
        self._composing: dict[Jid, tuple[Jid, ...]] = {}

    @singledispatchmethod
    def apply(self, event: events.Event) -> None:
        """Let `event` have happened."""
        raise TypeError(f"no state change is known for {event!r}")

    @apply.register
    def _(self, event: events.LinkChanged) -> None:
        was_linked = self._is_linked
        self.link = event.link
        if was_linked != self._is_linked:
            self.roster_revision += 1

    @apply.register
    def _(self, event: events.SessionStarted) -> None:
        if not event.is_resumed:
            self._presences.clear()
            self.shown_to = frozenset()
            for room in self.rooms.values():
                room.leave(is_wanted=room.is_wanted)
            self.roster_revision += 1

    @apply.register
    def _(self, event: events.ServerDiscovered) -> None:
        self.namespaces = event.account
        self.is_discovered = self.is_discovered or event.is_told
        self.server_namespaces = event.server

    @apply.register
    def _(self, event: events.ServiceDescribed) -> None:
        self.service = event.service

    @apply.register
    def _(self, event: events.RosterReceived) -> None:
        self.contacts = {contact.jid: contact for contact in event.contacts}
        self.roster_version = event.version
        self.roster_revision += 1

    @apply.register
    def _(self, event: events.ContactChanged) -> None:
        self.contacts[event.contact.jid] = event.contact
        self.roster_version = event.version
        self.roster_revision += 1

    @apply.register
    def _(self, event: events.ContactRemoved) -> None:
        self.contacts.pop(event.jid, None)
        self.roster_version = event.version
        self.roster_revision += 1

    @apply.register
    def _(self, event: events.PresenceChanged) -> None:
        resources = self._presences.setdefault(event.jid.bare, {})
        if event.presence.availability is not Availability.OFFLINE:
            resources[event.jid.resource] = event.presence
        elif event.jid.resource:
            resources.pop(event.jid.resource, None)
        else:
            resources.clear()
        if not resources:
            del self._presences[event.jid.bare]
        self.roster_revision += 1

    @apply.register
    def _(self, event: events.AbilitiesLearned) -> None:
        self.abilities.pop(event.capabilities, None)
        if len(self.abilities) >= MOST_ABILITIES:
            del self.abilities[next(iter(self.abilities))]
        self.abilities[event.capabilities] = event.namespaces

    @apply.register
    def _(self, event: events.OwnPortraitChanged) -> None:
        self.portrait = event.hash

    @apply.register
    def _(self, event: events.OwnPresenceChanged) -> None:
        self.presence = event.presence

    @apply.register
    def _(self, event: events.PresenceDirected) -> None:
        others = self.shown_to - {event.jid}
        self.shown_to = others | {event.jid} if event.is_shown else others

    @apply.register
    def _(self, event: events.SubscriptionRequested) -> None:
        self.requests[event.jid.bare] = event.text
        self.roster_revision += 1

    @apply.register
    def _(self, event: events.SubscriptionAnswered) -> None:
        self.requests.pop(event.jid.bare, None)
        self.roster_revision += 1

    @apply.register
    def _(self, event: events.NickTold) -> None:
        if event.nick:
            self.nicks[event.jid] = event.nick
        else:
            self.nicks.pop(event.jid, None)

    @apply.register
    def _(self, event: events.BlocklistChanged) -> None:
        self.blocked = event.jids
        # Nobody tells any more how they are.
        for jid in [each for each in self._presences if self.block_of(each) is not None]:
            del self._presences[jid]
        self.roster_revision += 1

    @apply.register(events.MessageReceived)
    @apply.register(events.MessageWritten)
    def _(self, event: events.MessageReceived | events.MessageWritten) -> None:
        self.conversation(event.peer).add(event.message)

    @apply.register
    def _(self, event: events.MessageChanged) -> None:
        for held in self._held(event.peer):
            held.change(event.message)

    @apply.register
    def _(self, event: events.MentionAdded) -> None:
        known = self._known(event.peer)
        if known is not None:
            known.add_mention(event.key, was_read=event.was_read)

    @apply.register
    def _(self, event: events.MessageRemoved) -> None:
        for held in self._held(event.peer):
            held.remove(event.key)

    @apply.register
    def _(self, event: events.MessagesPlaced) -> None:
        if event.unread:
            self.conversation(event.peer)
        known = self._known(event.peer)
        if known is not None:
            known.place(event.messages, event.unread)
        if event.peer in self.pasts:
            self.pasts[event.peer].place(event.messages)

    @apply.register
    def _(self, event: events.HistoryLoaded) -> None:
        known = self.pasts.get(event.peer) if event.is_past else self._known(event.peer)
        if known is not None:
            known.prepend(event.messages, has_older=event.has_older)

    @apply.register
    def _(self, event: events.PastShown) -> None:
        past = Conversation(event.peer)
        past.prepend(event.messages, has_older=event.has_older)
        past.has_newer = event.has_newer
        past.first_unread = self.conversation(event.peer).first_unread
        self.pasts[event.peer] = past
        self._join(event.peer)

    @apply.register
    def _(self, event: events.NewerLoaded) -> None:
        if event.peer in self.pasts:
            self.pasts[event.peer].append(event.messages, has_newer=event.has_newer)
            self._join(event.peer)

    @apply.register
    def _(self, event: events.PastLeft) -> None:
        self.pasts.pop(event.peer, None)

    @apply.register
    def _(self, event: events.HistoryForgotten) -> None:
        self._of(event.peer).forget_older()

    @apply.register
    def _(self, event: events.ConversationRestored) -> None:
        restored = Conversation(event.peer)
        restored.prepend(event.messages, has_older=event.has_older)
        restored.restore_unread(event.unread, event.first_unread, event.mentions)
        (self.conversations if event.is_open else self._closed)[event.peer] = restored

    @apply.register
    def _(self, event: events.GapsChanged) -> None:
        self.gaps = event.gaps

    @apply.register
    def _(self, event: events.RoomRequested) -> None:
        self.invitations.pop(event.room, None)
        self._room(event.room).enter(event.nick, event.password)

    @apply.register
    def _(self, event: events.PasswordWanted) -> None:
        self._room(event.room).want_password()

    @apply.register
    def _(self, event: events.Invited) -> None:
        self.invitations.pop(event.invitation.room, None)
        self.invitations[event.invitation.room] = event.invitation
        if len(self.invitations) > MOST_INVITATIONS:
            del self.invitations[next(iter(self.invitations))]

    @apply.register
    def _(self, event: events.InvitationDeclined) -> None:
        self.invitations.pop(event.room, None)

    @apply.register
    def _(self, event: events.MembershipAsked) -> None:
        request = event.request
        self.requested_memberships[request.room, request.nick] = request
        if len(self.requested_memberships) > MOST_INVITATIONS:
            del self.requested_memberships[next(iter(self.requested_memberships))]

    @apply.register
    def _(self, event: events.MembershipAnswered) -> None:
        self.requested_memberships.pop((event.room, event.nick), None)

    @apply.register
    def _(self, event: events.RoomDiscovered) -> None:
        self._room(event.room).namespaces = event.namespaces

    @apply.register
    def _(self, event: events.RoomEntered) -> None:
        self._room(event.room).entered(event.nick)

    @apply.register
    def _(self, event: events.RoomLeft) -> None:
        self._room(event.room).leave(is_wanted=not event.is_for_good)

    @apply.register
    def _(self, event: events.RoomRestored) -> None:
        room = Room(event.room, event.nick, is_wanted=event.is_wanted)
        if event.is_in:
            room.standing = Standing.IN
            room.subject = event.subject
            room.namespaces = event.namespaces
            room.occupants = {occupant.nick: occupant for occupant in event.occupants}
        self.rooms[event.room] = room

    @apply.register
    def _(self, event: events.OccupantChanged) -> None:
        self._room(event.room).occupants[event.occupant.nick] = event.occupant

    @apply.register
    def _(self, event: events.OccupantLeft) -> None:
        self._room(event.room).occupants.pop(event.nick, None)

    @apply.register
    def _(self, event: events.OccupantRenamed) -> None:
        self._room(event.room).rename(event.nick, event.new_nick)

    @apply.register
    def _(self, event: events.SubjectChanged) -> None:
        self._room(event.room).subject = event.subject

    @apply.register
    def _(self, event: events.ChatStateChanged) -> None:
        others = tuple(each for each in self.composing(event.peer) if each != event.author)
        self._composing[event.peer] = (*others, event.author) if event.is_composing else others

    @apply.register
    def _(self, event: events.CommandsListed) -> None:
        self.commands[event.jid] = event.commands

    @apply.register
    def _(self, event: events.TellingChanged) -> None:
        if event.telling == UNSET:
            self.tellings.pop(event.peer, None)
        else:
            self.tellings[event.peer] = event.telling

    @apply.register
    def _(self, event: events.BookmarkChanged) -> None:
        self.bookmarks[event.bookmark.room] = event.bookmark

    @apply.register
    def _(self, event: events.RoomsFound) -> None:
        self.found_rooms = {room.jid: room for room in event.rooms}

    @apply.register
    def _(self, event: events.BookmarkRemoved) -> None:
        self.bookmarks.pop(event.room, None)

    @apply.register(events.RoomWanted)
    @apply.register(events.RoomUnwanted)
    def _(self, event: events.Event) -> None:
        """What comes of it, the room says."""

    @apply.register(events.RuleFound)
    @apply.register(events.CatchUpBegun)
    @apply.register(events.CaughtUp)
    @apply.register(events.ArchivePaged)
    @apply.register(events.ArchiveEnded)
    @apply.register(events.GapFailed)
    @apply.register(events.ReadElsewhere)
    @apply.register(events.MarkerSettled)
    @apply.register(events.ReadingPublished)
    @apply.register(events.OlderWanted)
    @apply.register(events.ActFailed)
    def _(self, event: events.Event) -> None:
        """What these change, the store tells by events of its own."""

    @apply.register
    def _(self, event: events.FateChanged) -> None:
        for held in self._held(event.peer):
            held.set_fate(event.message_id, event.fate, event.reason)

    @apply.register
    def _(self, event: events.ReadByPeer) -> None:
        for held in self._held(event.peer):
            held.read_by_peer(event.message_id)

    @apply.register
    def _(self, event: events.UnreadChanged) -> None:
        known = self._known(event.peer)
        if known is not None:
            known.read_elsewhere(event.unread, event.first_unread, event.mentions)

    @apply.register
    def _(self, event: events.NoticeGiven) -> None:
        self._of(event.peer).add(event.notice)

    @apply.register
    def _(self, event: events.NoticeFolded) -> None:
        self._of(event.peer).fold(event.notice)

    @apply.register
    def _(self, event: events.ConversationOpened) -> None:
        self.conversation(event.peer)

    @apply.register
    def _(self, event: events.ConversationClosed) -> None:
        closed = self.conversations.pop(event.peer, None)
        if closed is not None:
            self._closed[event.peer] = closed

    @apply.register
    def _(self, event: events.ConversationRead) -> None:
        if event.peer in self.conversations:
            self.conversations[event.peer].read(is_seen_coming=event.is_seen_coming)

    @apply.register
    def _(self, event: events.ConversationLeft) -> None:
        self._at(event.peer, Conversation.leave)

    @apply.register
    def _(self, event: events.PicturesShown) -> None:
        for held in self._held(event.peer):
            held.show_pictures(event.key, event.pictures)

    @apply.register
    def _(self, event: events.TransferMoved) -> None:
        self.transfers[event.transfer.number] = event.transfer

    @apply.register
    def _(self, event: events.TransferEnded) -> None:
        self.transfers.pop(event.number, None)

    @apply.register
    def _(self, event: events.DraftChanged) -> None:
        if event.draft == NO_DRAFT:
            self.drafts.pop(event.peer, None)
        else:
            self.drafts[event.peer] = event.draft

    @apply.register
    def _(self, event: events.LineEntered) -> None:
        self.drafts.pop(event.peer, None)

    @apply.register
    def _(self, event: events.ConversationCleared) -> None:
        self._at(event.peer, Conversation.clear)

    def _room(self, jid: Jid) -> Room:
        return self.rooms.setdefault(jid, Room(jid))

    def _join(self, peer: Jid) -> None:
        """Let the part of the past that is looked at become the present's, once it reaches it."""
        present = self.conversation(peer)
        if self.pasts[peer].reaches(present):
            present.join(self.pasts.pop(peer))

    def _of(self, peer: Jid | None) -> Conversation:
        return self.console if peer is None else self.conversation(peer)

    def _at(self, peer: Jid, change: Callable[[Conversation], None]) -> None:
        if peer in self.conversations:
            change(self.conversations[peer])
