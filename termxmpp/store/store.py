"""The records of one account on disk, and in memory for as long as the disk fails.

Everything recorded in a turn is one transaction, committed before the screen or the wire sees
it. When that fails, it is told once; what happens then is kept in memory and written as soon
as the disk lets us.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import singledispatchmethod
from pathlib import Path

from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.core.session import Session, Token
from termxmpp.errors import StoreError
from termxmpp.store import database
from termxmpp.store.database import CORRUPT, Checkpoints
from termxmpp.store.history import History
from termxmpp.store.records import Pending
from termxmpp.store.slots import Slot, machine, take, take_slot
from termxmpp.store.tables import Tables

__all__ = ["Store"]

logger = logging.getLogger(__name__)

# How much of each open conversation is at hand after a start; scrolling fetches more.
RESTORED = 200

# A failing disk is tried again after 1, 2, 4 … seconds, at most this long; a file that another
# instance holds at the moment, sooner.
LONGEST_RETRY, RETRY_LOCKED = 60.0, 0.5

# From a disk that can't be written, so many newest messages are kept at hand, and of those that
# the archive may show again, so that copies of them are known as such.
KEPT_AT_HAND, KEPT_OF_GAPS = 2000, 20_000

_SMALL_TABLES = ("conversation", "gap", "session", "unacknowledged", "contact", "presence", "fact")


class Store:
    """The records of one account (`records.Records`) in the file `path`.

    Opening never fails: what can't be kept on disk is kept in memory, which is told to whoever
    watches.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told: list[str] = []
        self._on_problem: Callable[[str], None] = self._told.append
        self._journal: list[events.Event | _Change] = []
        self._failing_since: float | None = None
        self._is_told = False
        self._next_try = 0.0
        self._delay = 1.0
        self._retry: asyncio.TimerHandle | None = None
        self._handled = 0
        self._committed_handled = 0
        self._session: Session | None = None
        self._slot: Slot | None = None
        self._db: sqlite3.Connection | None = None
        self._checkpoints = Checkpoints(path)
        self._commit_soon: asyncio.Handle | None = None
        self._changes = 0
        self.ended_badly = False
        self._open()

    @property
    def slot(self) -> int:
        """The number of this instance among those of the account."""
        return self._slot.number if self._slot is not None else 0

    @property
    def is_failing(self) -> bool:
        """Whether records go to memory only."""
        return self._failing_since is not None

    def watch(self, on_problem: Callable[[str], None]) -> None:
        self._on_problem = on_problem
        told, self._told = self._told, []
        for problem in told:
            on_problem(problem)

    # Reading.

    def restore(self) -> Sequence[events.Event]:
        with self._guarded():
            return self._restore()
        return []

    def older(self, peer: Jid, before: Message | None, count: int) -> tuple[list[Message], bool]:
        with self._guarded():
            if before is None:
                return self.history.newest(peer, count)
            return self.history.older(peer, before, count)
        return [], False

    def pending(self) -> Sequence[Pending]:
        with self._guarded():
            return [Pending(peer, message) for peer, message in self.history.pending()]
        return ()

    def session(self) -> Session | None:
        return self._session

    def find(self, words: str, count: int) -> list[int]:
        """The keys of at most `count` messages that hold all `words`, recorded last first."""
        with self._guarded():
            return self.history.index.find(words, count)
        return []

    # Writing.

    def record(self, event: events.Event) -> Sequence[events.Event]:
        return self._write(event)

    def session_began(self, session: Session) -> None:
        self._handled = self._committed_handled = session.handled
        self._write(_Change(lambda tables: tables.begin_session(session)))

    def session_ended(self) -> None:
        self._session = None
        self._write(_Change(lambda tables: tables.end_session()))

    def stanza_sent(self, stanza: str, stanza_id: str) -> None:
        self._write(_Change(lambda tables: tables.add_stanza(stanza, stanza_id)))

    def stanzas_acknowledged(self, count: int, total: int) -> None:
        self._write(_Change(lambda tables: tables.acknowledge(count, total)))

    def stanzas_handled(self, total: int) -> None:
        self._handled = total
        self._schedule()

    @property
    def handled(self) -> int:
        return self._committed_handled

    def note(self, name: str, value: object, *, of_account: bool = False) -> None:
        """Note a single fact; None forgets it."""
        self._write(_Change(lambda tables: tables.note(name, value, of_account=of_account)))

    def fact(self, name: str, *, of_account: bool = False) -> object:
        """What was noted under `name`, or None."""
        with self._guarded():
            return self.tables.fact(name, of_account=of_account)
        return None

    @property
    def user_agent(self) -> str:
        known = self.fact("user agent")
        if known is None:
            known = str(uuid.uuid4())
            self.note("user agent", known)
        return str(known)

    @property
    def token(self) -> Token | None:
        with self._guarded():
            return self.tables.token()
        return None

    def keep_token(self, token: Token | None) -> None:
        self._write(_Change(lambda tables: tables.keep_token(token)))

    def commit(self) -> None:
        if self._commit_soon is not None:
            self._commit_soon.cancel()
            self._commit_soon = None
        if self.is_failing:
            self._return_to_disk()
        if not self.is_failing and self._handled != self._committed_handled:
            total = self._handled
            self._write(_Change(lambda tables: tables.handle(total)))
        if self._db is None or not self._db.in_transaction:
            return
        try:
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._fail(error)
            return
        if self.is_failing:
            # In memory only: what is not on disk must not be acknowledged.
            return
        self._journal.clear()
        self._committed_handled = self._handled
        changes, self._changes = self._changes, self._db.total_changes
        self._checkpoints.committed(self._db.total_changes - changes)

    def close(self) -> None:
        if self._db is None:
            return
        self.note("is open", None)
        if self._next_try != float("inf"):
            self._next_try = 0.0
        self.commit()
        for handle in (self._commit_soon, self._retry):
            if handle is not None:
                handle.cancel()
        self._checkpoints.close()
        self._db.close()
        self._db = None
        if self._slot is not None:
            self._slot.release()

    def abandon(self) -> None:
        """Let go of the file without a commit, as the end of the process would.

        What is recorded from now on goes nowhere.
        """
        if self._db is not None:
            self._db.close()
        self._use(database.in_memory())
        self._failing_since, self._next_try = time.monotonic(), float("inf")
        if self._retry is not None:
            self._retry.cancel()
        if self._slot is not None:
            self._slot.release()

    async def check(self) -> None:
        """After a run that did not end in good order, look through the file."""
        if not self.ended_badly or self.is_failing:
            return
        answer = await database.check(self._path)
        if answer not in ("ok", ""):
            self._fail(sqlite3.DatabaseError(f"the file is damaged: {answer}"))

    # How.

    def _open(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._slot = take_slot(self._path)
        except OSError as error:
            logger.info("no lock beside %s: %s", self._path, error)
        try:
            self._use(database.open_file(self._path))
            self.ended_badly = self.tables.fact("is open") is not None
            if self.tables.fact("machine") not in (None, machine()):
                # A copy of another machine's file: its session is still that one's.
                self.tables.forget_instance(self.slot)
            self._session = self.tables.session()
            if self._session is not None:
                self._handled = self._committed_handled = self._session.handled
            self._adopt_orphans()
        except (sqlite3.Error, OSError, StoreError) as error:
            if getattr(error, "sqlite_errorname", "") in CORRUPT:
                self._set_aside()
            else:
                self._fail(error)
        self.note("is open", 1)
        self.note("machine", machine())
        self.commit()

    def _use(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.history = History(db, self.slot)
        self.tables = Tables(db, self.slot)
        self._changes = db.total_changes

    def _restore(self) -> list[events.Event]:
        restored: list[events.Event] = [self.tables.roster()]
        if self._session is not None:
            restored += self.tables.presences()
            account = str(self.tables.fact("namespaces") or "").split()
            server = str(self.tables.fact("server namespaces") or "").split()
            restored.append(events.ServerDiscovered(frozenset(account), frozenset(server)))
        for peer in self.tables.windows():
            messages, has_older = self.history.newest(peer, RESTORED)
            unread, first = self.history.unread(peer)
            restored.append(
                events.ConversationRestored(peer, tuple(messages), has_older, unread, first)
            )
        restored.append(events.GapsChanged(self.history.gaps()))
        return restored

    def _adopt_orphans(self) -> None:
        """Take over the open messages of instances that are gone and may never come back."""
        assert self._db is not None
        rows = self._db.execute(
            "SELECT DISTINCT slot FROM message WHERE fate IN ('QUEUED', 'SENT') AND slot != ?",
            (self.slot,),
        ).fetchall()
        for (number,) in rows:
            orphaned = take(self._path, number)
            if orphaned is None:
                continue
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(
                "UPDATE message SET slot = ? WHERE slot = ? AND fate IN ('QUEUED', 'SENT')",
                (self.slot, number),
            )
            self.tables.forget_instance(number)
            self._db.execute("COMMIT")
            orphaned.release()

    def _write(self, change: events.Event | _Change) -> Sequence[events.Event]:
        """Apply `change` in the turn's transaction; what of it is news."""
        if not isinstance(change, (_Change, _KEPT)):
            return (change,)
        try:
            news = self._apply_in_transaction(change)
        except (sqlite3.Error, OSError) as error:
            self._fail(error)
            news = self._apply_in_transaction(change)
        self._journal.append(_remembered(change, news))
        self._schedule()
        return news

    def _apply_in_transaction(self, change: events.Event | _Change) -> Sequence[events.Event]:
        assert self._db is not None
        if not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")
        if isinstance(change, _Change):
            change.apply(self.tables)
            return ()
        return self._keep(change)

    def _schedule(self) -> None:
        """Commit at the end of this turn; who shows or sends before that commits itself."""
        if self._commit_soon is None:
            with contextlib.suppress(RuntimeError):
                self._commit_soon = asyncio.get_running_loop().call_soon(self._commit_now)

    def _commit_now(self) -> None:
        self._commit_soon = None
        self.commit()

    @singledispatchmethod
    def _keep(self, event: events.Event) -> Sequence[events.Event]:
        raise TypeError(f"no record is known for {event!r}")

    @_keep.register(events.MessageReceived)
    @_keep.register(events.MessageWritten)
    def _(self, event: events.MessageReceived | events.MessageWritten) -> Sequence[events.Event]:
        is_opened = self.tables.open_window(event.peer)
        news = self.history.add(event.peer, event.message)
        return (*news, *self._said_before(event.peer)) if is_opened else news

    @_keep.register
    def _(self, event: events.FateChanged) -> Sequence[events.Event]:
        self.history.set_fate(event.peer, event.message_id, event.fate, event.reason)
        return (event,)

    @_keep.register
    def _(self, event: events.ConversationOpened) -> Sequence[events.Event]:
        self.tables.open_window(event.peer)
        return (event, *self._said_before(event.peer))

    @_keep.register
    def _(self, event: events.ConversationClosed) -> Sequence[events.Event]:
        self.tables.close_window(event.peer)
        return (event,)

    @_keep.register
    def _(self, event: events.ConversationRead) -> Sequence[events.Event]:
        self.history.read(event.peer)
        return (event,)

    @_keep.register
    def _(self, event: events.SessionStarted) -> Sequence[events.Event]:
        if not event.is_resumed:
            self.tables.forget_presences()
            return (event, *self.history.raise_floor())
        return (event,)

    @_keep.register
    def _(self, event: events.ServerDiscovered) -> Sequence[events.Event]:
        self.tables.note("namespaces", " ".join(sorted(event.account)))
        self.tables.note("server namespaces", " ".join(sorted(event.server)))
        return (event,)

    @_keep.register
    def _(self, event: events.CatchUpBegun) -> Sequence[events.Event]:
        self.history.open_gap()
        return (events.GapsChanged(self.history.gaps()),)

    @_keep.register
    def _(self, event: events.ArchivePaged) -> Sequence[events.Event]:
        news = self.history.fill(event)
        before: list[events.Event] = []
        for each in news:
            if isinstance(each, events.MessagesPlaced) and each.unread:
                is_opened = self.tables.open_window(each.peer)
                before += self._said_before(each.peer) if is_opened else []
        return (*news, *before, events.GapsChanged(self.history.gaps()))

    @_keep.register
    def _(self, event: events.ArchiveEnded) -> Sequence[events.Event]:
        self.history.close_gap(event.gap)
        return (events.GapsChanged(self.history.gaps()),)

    @_keep.register
    def _(self, event: events.GapFailed) -> Sequence[events.Event]:
        self.history.fail_gap(event.gap, event.problem)
        return (events.GapsChanged(self.history.gaps()),)

    @_keep.register
    def _(self, event: events.RosterReceived) -> Sequence[events.Event]:
        self.tables.set_roster(event.contacts, event.version)
        return (event,)

    @_keep.register
    def _(self, event: events.ContactChanged) -> Sequence[events.Event]:
        self.tables.set_contact(event.contact, event.version)
        return (event,)

    @_keep.register
    def _(self, event: events.ContactRemoved) -> Sequence[events.Event]:
        self.tables.remove_contact(event.jid, event.version)
        return (event,)

    @_keep.register
    def _(self, event: events.PresenceChanged) -> Sequence[events.Event]:
        self.tables.set_presence(event.jid, event.presence)
        return (event,)

    def _said_before(self, peer: Jid) -> list[events.Event]:
        """What a window that opens has to show."""
        messages, has_older = self.history.newest(peer, RESTORED)
        return [events.HistoryLoaded(peer, tuple(messages), has_older)]

    # When the disk fails.

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        """Go on in memory, with all that is not on disk."""
        logger.warning("%s: %s", self._path, error)
        is_locked = getattr(error, "sqlite_errorname", "") == "SQLITE_BUSY"
        self._try_again_after(RETRY_LOCKED if is_locked else self._delay)
        self._delay = min(self._delay * 2, LONGEST_RETRY)
        if self.is_failing:
            return
        self._failing_since = time.monotonic()
        disk = self._db
        self._use(database.in_memory())
        if disk is not None:
            self._copy_what_is_at_hand(disk)
            with contextlib.suppress(sqlite3.Error):
                disk.close()
        journal, self._journal = self._journal, []
        for change in journal:
            self._apply_in_transaction(change)
        self._journal = journal
        if not is_locked:
            self._is_told = True
            self._on_problem(_problem_words(self._path, error))

    def _copy_what_is_at_hand(self, disk: sqlite3.Connection) -> None:
        assert self._db is not None
        with contextlib.suppress(sqlite3.Error):
            if disk.in_transaction:
                disk.execute("ROLLBACK")
        queries = [(name, f"SELECT * FROM {name}") for name in _SMALL_TABLES]
        queries += [
            ("message", f"SELECT * FROM message ORDER BY key DESC LIMIT {KEPT_AT_HAND}"),
            (
                "message",
                "SELECT message.* FROM gap JOIN message ON rank > low"
                f" AND (rank <= high OR before = '') LIMIT {KEPT_OF_GAPS}",
            ),
        ]
        for name, query in queries:
            try:
                rows = disk.execute(query).fetchall()
            except sqlite3.Error:
                continue
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                self._db.executemany(f"REPLACE INTO {name} VALUES ({marks})", rows)

    def _try_again_after(self, seconds: float) -> None:
        """Also if nothing comes meanwhile: what is in memory only is to be there no longer."""
        self._next_try = time.monotonic() + seconds
        if self._retry is not None:
            self._retry.cancel()
        with contextlib.suppress(RuntimeError):
            self._retry = asyncio.get_running_loop().call_later(seconds, self.commit)

    def _return_to_disk(self) -> None:
        """Write what happened since the disk failed, if it lets us."""
        if time.monotonic() < self._next_try:
            return
        try:
            disk = database.open_file(self._path)
        except (sqlite3.Error, OSError, StoreError) as error:
            self._fail(error)
            return
        memory, self._db = self._db, None
        self._use(disk)
        try:
            for change in self._journal:
                self._apply_in_transaction(change)
            if disk.in_transaction:
                disk.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            disk.close()
            assert memory is not None
            self._use(memory)
            self._fail(error)
            return
        if memory is not None:
            memory.close()
        self._failing_since = None
        self._delay = 1.0
        self._journal.clear()
        if self._is_told:
            self._is_told = False
            self._on_problem(f"The history is kept in {self._path} again; nothing is missing.")

    def _set_aside(self) -> None:
        """The file is no database any more: keep it, and begin another."""
        aside = self._path.with_name(f"{self._path.name}.damaged-{int(time.time())}")
        try:
            for suffix in ("", "-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    os.rename(f"{self._path}{suffix}", f"{aside}{suffix}")
            self._use(database.open_file(self._path))
        except (sqlite3.Error, OSError, StoreError) as error:
            self._fail(error)
            return
        self._on_problem(
            f"The history in {self._path} is damaged and was set aside as {aside.name}; a new "
            "one begins, and the server's archive fills it."
        )


class _Change:
    """A change of the smaller tables that is no event."""

    def __init__(self, apply: Callable[[Tables], None]) -> None:
        self.apply = apply


_KEPT = (
    events.MessageReceived
    | events.MessageWritten
    | events.FateChanged
    | events.ConversationOpened
    | events.ConversationClosed
    | events.ConversationRead
    | events.SessionStarted
    | events.ServerDiscovered
    | events.CatchUpBegun
    | events.ArchivePaged
    | events.ArchiveEnded
    | events.GapFailed
    | events.RosterReceived
    | events.ContactChanged
    | events.ContactRemoved
    | events.PresenceChanged
)


def _remembered(
    change: events.Event | _Change, news: Sequence[events.Event]
) -> events.Event | _Change:
    """`change` as it is to be done once more, with the place that was given."""
    for event in news:
        if isinstance(event, (events.MessageReceived, events.MessageWritten)):
            return event
    return change


def _problem_words(path: Path, error: Exception) -> str:
    if isinstance(error, StoreError):
        return f"{error} Until then nothing is kept of what is said."
    return (
        f"The history can't be kept in {path} ({error}). Chat goes on in memory; free the disk "
        "or make it writable, and it is saved then."
    )
