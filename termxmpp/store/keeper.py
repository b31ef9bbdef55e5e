"""What an event means for the records: what of it is kept, and what is news.

Only here and in the modules below is it known what the tables hold.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from functools import singledispatchmethod

from termxmpp.core import events
from termxmpp.core.archive import ARCHIVE
from termxmpp.core.jid import Jid
from termxmpp.store.history import History
from termxmpp.store.journal import Change, Entry, InGap
from termxmpp.store.lines import Lines
from termxmpp.store.rooms import Rooms
from termxmpp.store.tables import Tables

__all__ = ["KEPT", "Keeper"]

# How much of each open conversation is at hand after a start; scrolling fetches more.
RESTORED = 200

KEPT = (
    events.MessageReceived
    | events.MessageWritten
    | events.FateChanged
    | events.ConversationOpened
    | events.ConversationClosed
    | events.ConversationRead
    | events.ReadByPeer
    | events.ReadElsewhere
    | events.MarkerSettled
    | events.ReadingPublished
    | events.SessionStarted
    | events.ServerDiscovered
    | events.CatchUpBegun
    | events.ArchivePaged
    | events.ArchiveEnded
    | events.GapFailed
    | events.ServiceDescribed
    | events.RosterReceived
    | events.ContactChanged
    | events.ContactRemoved
    | events.PresenceChanged
    | events.RoomRequested
    | events.RoomDiscovered
    | events.RoomEntered
    | events.RoomLeft
    | events.OccupantChanged
    | events.OccupantLeft
    | events.OccupantRenamed
    | events.SubjectChanged
    | events.TellingChanged
    | events.AbilitiesLearned
    | events.BookmarkChanged
    | events.BookmarkRemoved
    | events.DraftChanged
    | events.LineEntered
)


class Keeper:
    """The records in `db` for the instance `slot`; the rest is `History`'s."""

    def __init__(
        self,
        db: sqlite3.Connection,
        slot: int,
        transient_keys: Iterator[int],
        *,
        is_listener: bool = False,
    ) -> None:
        self.history = History(db, slot, transient_keys, is_listener=is_listener)
        self.tables = Tables(db, slot)
        self.rooms = Rooms(db, slot)
        self.lines = Lines(db)
        # A method that is chosen by its argument is made anew each time that it is looked up.
        self._keep = self.keep

    def do(self, entry: Entry) -> Sequence[events.Event]:
        """Do what `entry` says; what of it is news."""
        match entry:
            case Change():
                entry.apply(self.tables)
                return ()
            case InGap(event, gap):
                return self._keep(event) if self.history.gaps.find(event.gap) == gap else ()
            case _:
                return self._keep(entry)

    def restore(self, *, is_going_on: bool) -> list[events.Event]:
        """What earlier runs knew; `is_going_on`: and so may the session."""
        restored: list[events.Event] = [self.tables.roster(), *self.tables.service()]
        restored += self.rooms.restore(is_going_on=is_going_on)
        if is_going_on:
            restored += self.tables.presences()
            known = self.tables.fact("namespaces")
            server = str(self.tables.fact("server namespaces") or "").split()
            account = frozenset(str(known or "").split())
            is_told = known is not None
            restored.append(events.ServerDiscovered(account, frozenset(server), is_told))
        for peer in self.tables.windows():
            messages, has_older = self.history.newest(peer, RESTORED)
            unread, first = self.history.reading.unread(peer)
            mentions = self.history.reading.mentions(peer)
            restored.append(
                events.ConversationRestored(
                    *(peer, tuple(messages), has_older, unread, first), mentions=mentions
                )
            )
        restored += self.tables.tellings()
        restored += self.tables.bookmarks()
        restored += self.tables.abilities()
        restored.append(events.GapsChanged(self.history.gaps.all()))
        restored += self.lines.drafts()
        return restored

    @singledispatchmethod
    def keep(self, event: events.Event) -> Sequence[events.Event]:
        """Keep `event`, one of KEPT; what of it is news."""
        raise TypeError(f"no record is known for {event!r}")

    @keep.register(events.MessageReceived)
    @keep.register(events.MessageWritten)
    def _(self, event: events.MessageReceived | events.MessageWritten) -> Sequence[events.Event]:
        news = list(self.history.add(event.peer, event.message))
        # What is only done to a message opens no window.
        is_said = any(isinstance(each, type(event)) for each in news) or event.message.act is None
        is_opened = is_said and self.tables.open_window(event.peer)
        news += self._said_before(event.peer) if is_opened else []
        read = self.history.reading.look_again([(event.peer, event.message)])
        return (*news, *self._with_acts(read))

    @keep.register
    def _(self, event: events.FateChanged) -> Sequence[events.Event]:
        changes = self.history.set_fate(event.peer, event.message_id, event.fate, event.reason)
        return (event, *changes)

    @keep.register
    def _(self, event: events.ConversationOpened) -> Sequence[events.Event]:
        self.tables.open_window(event.peer)
        return (event, *self._said_before(event.peer))

    @keep.register
    def _(self, event: events.ConversationClosed) -> Sequence[events.Event]:
        self.tables.close_window(event.peer)
        return (event,)

    @keep.register
    def _(self, event: events.ConversationRead) -> Sequence[events.Event]:
        self.history.reading.read(event.peer)
        return (event,)

    @keep.register
    def _(self, event: events.ReadByPeer) -> Sequence[events.Event]:
        return self._with_acts(self.history.reading.read_by_peer(event))

    @keep.register
    def _(self, event: events.ReadElsewhere) -> Sequence[events.Event]:
        return self.history.reading.read_elsewhere(event)

    @keep.register
    def _(self, event: events.MarkerSettled) -> Sequence[events.Event]:
        self.history.reading.marker_settled(event.peer, event.message_id)
        return (event,)

    @keep.register
    def _(self, event: events.ReadingPublished) -> Sequence[events.Event]:
        self.history.reading.reading_published(event.peer, event.archive_id)
        return (event,)

    @keep.register
    def _(self, event: events.SessionStarted) -> Sequence[events.Event]:
        if not event.is_resumed:
            self.tables.forget_presences()
            self.rooms.forget_session()
            return (event, *self.history.raise_floor())
        return (event,)

    @keep.register
    def _(self, event: events.ServerDiscovered) -> Sequence[events.Event]:
        if event.is_told:
            self.tables.note("namespaces", " ".join(sorted(event.account)))
        self.tables.note("server namespaces", " ".join(sorted(event.server)))
        return (event,)

    @keep.register
    def _(self, event: events.CatchUpBegun) -> Sequence[events.Event]:
        news: list[events.Event] = []
        if event.archive is None:
            self.history.gaps.open()
        else:
            news = self.history.open_room_gap(event.archive, was_here=True)
        return (*news, events.GapsChanged(self.history.gaps.all()))

    @keep.register
    def _(self, event: events.ArchivePaged) -> Sequence[events.Event]:
        news = self.history.fill(event)
        before: list[events.Event] = []
        for each in news:
            if isinstance(each, events.MessagesPlaced) and each.unread:
                is_opened = self.tables.open_window(each.peer)
                before += self._said_before(each.peer) if is_opened else []
        read = self.history.reading.look_again(event.messages)
        return (*news, *before, *self._with_acts(read), events.GapsChanged(self.history.gaps.all()))

    @keep.register
    def _(self, event: events.ArchiveEnded) -> Sequence[events.Event]:
        self.history.gaps.close(event.gap)
        return (events.GapsChanged(self.history.gaps.all()),)

    @keep.register
    def _(self, event: events.GapFailed) -> Sequence[events.Event]:
        self.history.gaps.fail(event.gap, event.problem)
        return (event, events.GapsChanged(self.history.gaps.all()))

    @keep.register
    def _(self, event: events.ServiceDescribed) -> Sequence[events.Event]:
        self.tables.set_service(event.service)
        return (event,)

    @keep.register
    def _(self, event: events.RosterReceived) -> Sequence[events.Event]:
        self.tables.set_roster(event.contacts, event.version)
        return (event,)

    @keep.register
    def _(self, event: events.ContactChanged) -> Sequence[events.Event]:
        self.tables.set_contact(event.contact, event.version)
        return (event,)

    @keep.register
    def _(self, event: events.ContactRemoved) -> Sequence[events.Event]:
        self.tables.remove_contact(event.jid, event.version)
        return (event,)

    @keep.register
    def _(self, event: events.PresenceChanged) -> Sequence[events.Event]:
        self.tables.set_presence(event.jid, event.presence)
        return (event,)

    @keep.register
    def _(self, event: events.RoomRequested) -> Sequence[events.Event]:
        self.rooms.request(event.room, event.nick)
        return (event,)

    @keep.register
    def _(self, event: events.RoomDiscovered) -> Sequence[events.Event]:
        self.rooms.discover(event.room, event.namespaces)
        return (event,)

    @keep.register
    def _(self, event: events.RoomEntered) -> Sequence[events.Event]:
        was_here = self.rooms.enter(event.room, event.nick)
        self.history.change_author(event.room, event.room.with_resource(event.nick))
        if ARCHIVE not in self.rooms.namespaces_of(event.room):
            return (event,)
        # In the same commit: who finds us in the room also finds what is missing of it.
        news = self.history.open_room_gap(event.room, was_here=was_here)
        return (*news, events.GapsChanged(self.history.gaps.all()), event)

    @keep.register
    def _(self, event: events.RoomLeft) -> Sequence[events.Event]:
        self.rooms.leave(event.room, is_for_good=event.is_for_good)
        return (event,)

    @keep.register
    def _(self, event: events.OccupantChanged) -> Sequence[events.Event]:
        self.rooms.set_occupant(event.room, event.occupant)
        return (event,)

    @keep.register
    def _(self, event: events.OccupantLeft) -> Sequence[events.Event]:
        self.rooms.remove_occupant(event.room, event.nick)
        return (event,)

    @keep.register
    def _(self, event: events.OccupantRenamed) -> Sequence[events.Event]:
        if self.rooms.rename_occupant(event.room, event.nick, event.new_nick):
            self.history.change_author(event.room, event.room.with_resource(event.new_nick))
        return (event,)

    @keep.register
    def _(self, event: events.SubjectChanged) -> Sequence[events.Event]:
        self.rooms.set_subject(event.room, event.subject)
        return (event,)

    @keep.register
    def _(self, event: events.DraftChanged) -> Sequence[events.Event]:
        self.lines.set_draft(event.peer, event.draft)
        return (event,)

    @keep.register
    def _(self, event: events.LineEntered) -> Sequence[events.Event]:
        self.lines.enter(event.peer, event.line)
        return (event,)

    @keep.register
    def _(self, event: events.TellingChanged) -> Sequence[events.Event]:
        self.tables.set_telling(event.peer, event.telling)
        return (event,)

    @keep.register
    def _(self, event: events.AbilitiesLearned) -> Sequence[events.Event]:
        self.tables.add_abilities(event)
        return (event,)

    @keep.register
    def _(self, event: events.BookmarkChanged) -> Sequence[events.Event]:
        self.tables.set_bookmark(event.bookmark)
        return (event,)

    @keep.register
    def _(self, event: events.BookmarkRemoved) -> Sequence[events.Event]:
        self.tables.remove_bookmark(event.room)
        return (event,)

    def _with_acts(self, news: Sequence[events.Event]) -> list[events.Event]:
        """`news` of what was read, and what of it concerns acts."""
        read = [each for each in news if isinstance(each, events.ReadByPeer)]
        changes = [self.history.acts.is_read_with(each.peer, each.message_id) for each in read]
        return [*news, *(change for each in changes for change in each)]

    def _said_before(self, peer: Jid) -> list[events.Event]:
        """What a window that opens has to show."""
        messages, has_older = self.history.newest(peer, RESTORED)
        return [events.HistoryLoaded(peer, tuple(messages), has_older)]
