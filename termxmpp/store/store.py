"""The records of one account on disk, and in memory for as long as the disk fails.

Everything recorded in a turn is one transaction, committed before the screen or the wire sees
it. When that fails, it is told once; what happens then is kept in memory and written as soon
as the disk lets us. A file that is damaged is set aside, and another goes on with what could be
read of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import sqlite3
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from termxmpp.core import events
from termxmpp.core.archive import Gap
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.core.session import Session, Token
from termxmpp.errors import StoreError
from termxmpp.store import database, rescue
from termxmpp.store.database import Checkpoints
from termxmpp.store.history import History
from termxmpp.store.journal import AboutGap, Change, Entry, remembered
from termxmpp.store.keeper import KEPT, Keeper
from termxmpp.store.lines import KEPT_LINES
from termxmpp.store.records import Due, Pending, SearchPage
from termxmpp.store.slots import Slot, machine, take, take_slot
from termxmpp.store.tables import Tables
from termxmpp.words import _

__all__ = ["Store"]

logger = logging.getLogger(__name__)

# A disk that fails is tried again after 1, 2, 4 … seconds, at most this long.
RETRY, RARELY = 1.0, 60.0

# A file that another instance holds is tried sooner, and is worth a word after some tries only.
LOCKED_SOONER, LOCKED_LONG = 0.5, 8.0

# So much of what was told stays: by it copies are known, which come soon or never.
LISTENER_KEEPS = 10_000

# At the start, when there is no screen yet, another instance is waited for so long (seconds).
AT_START = 2.0

Answer = TypeVar("Answer")


class Store:
    """The records of one account (`records.Records`) in the file `path`.

    Opening never fails: what can't be kept on disk is kept in memory, which is told to whoever
    watches. A disk that fails is tried again after `retry` seconds for the first time. Those of
    who listens (`is_listener`) say what is to be told yet; of what was told little is kept.
    """

    def __init__(self, path: Path, retry: float = RETRY, *, is_listener: bool = False) -> None:
        self._path = path
        self._is_listener = is_listener
        self._told: list[str] = []
        self._told_count = 0
        self._on_problem: Callable[[str], None] = self._told.append
        self._journal: list[Entry] = []
        self._file: tuple[int, int] | None = None
        self._failing_since: float | None = None
        self._is_told = False
        self._retry = retry
        self._delay = 0.0
        self._next_try = 0.0
        self._try_soon: asyncio.TimerHandle | None = None
        self._handled = 0
        self._committed_handled = 0
        self._session: Session | None = None
        self._slot: Slot | None = None
        self._db: sqlite3.Connection | None = None
        self._checkpoints = Checkpoints(path)
        self._commit_soon: asyncio.Handle | None = None
        self._changes = 0
        self.ended_badly = False
        self._has_begun = False
        self._transient_keys = itertools.count(-1, -1)
        self._open()

    @property
    def slot(self) -> int:
        """The number of this instance among those of the account."""
        return self._slot.number if self._slot is not None else 0

    @property
    def history(self) -> History:
        """The messages, wherever they are kept now."""
        return self._keeper.history

    @property
    def tables(self) -> Tables:
        """The rest, wherever it is kept now."""
        return self._keeper.tables

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
        is_going_on = self._session is not None
        return self._ask(lambda: self._keeper.restore(is_going_on=is_going_on))

    def older(self, peer: Jid, before: Message | None, count: int) -> tuple[list[Message], bool]:
        if before is None:
            return self._ask(lambda: self.history.newest(peer, count))
        return self._ask(lambda: self.history.older(peer, before, count))

    def peers(self) -> Sequence[Jid]:
        return self._ask(lambda: self.history.peers())

    def newer(self, peer: Jid, after: Message | None, count: int) -> tuple[list[Message], bool]:
        return self._ask(lambda: self.history.newer(peer, after, count))

    def get(self, peer: Jid, key: int) -> Message | None:
        return self._ask(lambda: self.history.get(peer, key))

    def since(self, peer: Jid, at: datetime) -> Message | None:
        return self._ask(lambda: self.history.since(peer, at))

    def search(self, words: str, peer: Jid | None, start: int | None) -> SearchPage:
        return self._ask(lambda: self.history.search(words, peer, start))

    def untold(self, besides: Collection[Jid], count: int) -> list[tuple[Jid, Message]]:
        """The first `count` messages that are to be told yet, but for those with `besides`."""
        return self._ask(lambda: self.history.unread(besides, count))

    def told(self, key: int) -> None:
        """The message of that key was told."""
        self._write(Change(lambda tables: tables.told(key)))
        self._told_count += 1
        if self._told_count % LISTENER_KEEPS == 0:
            self._ask(lambda: self.history.forget_read(LISTENER_KEEPS))

    @property
    def keeps_history(self) -> bool:
        return not self.is_failing

    def lines(self, peer: Jid | None) -> Sequence[str]:
        return self._ask(lambda: self._keeper.lines.entered(peer, KEPT_LINES))

    def pending(self) -> Sequence[Pending]:
        found = self._ask(lambda: self.history.pending())
        return [Pending(peer, message) for peer, message in found]

    def markers_due(self) -> Sequence[Due]:
        return self._ask(lambda: self.history.reading.markers_due())

    def readings_due(self) -> Sequence[Due]:
        return self._ask(lambda: self.history.reading.readings_due())

    def session(self) -> Session | None:
        return self._session

    def find(self, words: str, count: int) -> list[int]:
        """The keys of at most `count` messages that hold all `words`, recorded last first."""
        return self._ask(lambda: self.history.index.find(words, count))

    # Writing.

    def record(self, event: events.Event) -> Sequence[events.Event]:
        return self._write(event)

    def session_began(self, session: Session) -> None:
        self._handled = self._committed_handled = session.handled
        self._write(Change(lambda tables: tables.begin_session(session)))

    def session_ended(self) -> None:
        self._session = None
        self._write(Change(lambda tables: tables.end_session()))

    def stanza_sent(self, stanza: str, stanza_id: str) -> None:
        self._write(Change(lambda tables: tables.add_stanza(stanza, stanza_id)))

    def stanzas_acknowledged(self, count: int, total: int) -> None:
        self._write(Change(lambda tables: tables.acknowledge(count, total)))

    def stanzas_handled(self, total: int) -> None:
        self._handled = total
        self._schedule()

    @property
    def handled(self) -> int:
        return self._committed_handled

    def note(self, name: str, value: object, *, of_account: bool = False) -> None:
        """Note a single fact; None forgets it."""
        self._write(Change(lambda tables: tables.note(name, value, of_account=of_account)))

    def fact(self, name: str, *, of_account: bool = False) -> object:
        """What was noted under `name`, or None."""
        return self._ask(lambda: self.tables.fact(name, of_account=of_account))

    @property
    def user_agent(self) -> str:
        known = self.fact("user agent")
        if known is None:
            known = str(uuid.uuid4())
            self.note("user agent", known)
        return str(known)

    @property
    def token(self) -> Token | None:
        return self._ask(lambda: self.tables.token())

    def keep_token(self, token: Token | None) -> None:
        self._write(Change(lambda tables: tables.keep_token(token)))

    def commit(self) -> None:
        if self._commit_soon is not None:
            self._commit_soon.cancel()
            self._commit_soon = None
        if self.is_failing:
            self._return_to_disk()
        if not self.is_failing and self._handled != self._committed_handled:
            total = self._handled
            self._write(Change(lambda tables: tables.handle(total)))
        if self._db is None or not self._db.in_transaction:
            return
        try:
            self.history.index.merge()
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
        if self.is_failing:
            logger.warning("%s: what came since the disk failed is lost", self._path)
        for handle in (self._commit_soon, self._try_soon):
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
        if self._try_soon is not None:
            self._try_soon.cancel()
        self._use(database.in_memory())
        self._failing_since, self._next_try = time.monotonic(), float("inf")
        if self._slot is not None:
            self._slot.release()

    async def check(self) -> None:
        """After a run that did not end in good order, look through the file."""
        if not self.ended_badly or self.is_failing:
            return
        answer = await database.check(self._path)
        if answer not in ("ok", "") and not self.is_failing:
            self._fail(database.Damaged(answer))

    # How.

    def _open(self) -> None:
        self._file = rescue.identity(self._path)
        try:
            self._use(self._open_file(AT_START))
        except (sqlite3.Error, OSError, StoreError) as error:
            self._fail(error)
        self._ask(self._begin)
        self.note("is open", 1)
        self.note("machine", machine())
        self.commit()
        self._has_begun = True

    def _open_file(self, patience: float = database.LOCK_TIMEOUT) -> sqlite3.Connection:
        """The file, and with it a slot, if there is none yet."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._slot = self._slot or take_slot(self._path)
        except OSError as error:
            logger.info("no lock beside %s: %s", self._path, error)
        disk = database.open_file(self._path, patience)
        self._file = rescue.identity(self._path)
        return disk

    def _begin(self) -> None:
        """Go on where the run before has ended, however it has."""
        self.ended_badly = self.tables.fact("is open") is not None
        if self.tables.fact("machine") not in (None, machine()):
            # A copy of another machine's file: its session is still that one's.
            self.tables.forget_instance(self.slot)
        self._session = self.tables.session()
        if self._session is not None:
            self._handled = self._committed_handled = self._session.handled
        if not self.is_failing:
            self._adopt_orphans()
            if self._is_listener:
                self.history.forget_read(LISTENER_KEEPS)

    def _use(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._keeper = Keeper(db, self.slot, self._transient_keys, is_listener=self._is_listener)
        self._changes = db.total_changes

    def _adopt_orphans(self) -> None:
        """Take over the open messages of instances that are gone and may never come back."""
        assert self._db is not None
        for number in self.history.waiting_of_others():
            orphaned = take(self._path, number)
            if orphaned is None:
                continue
            try:
                self._db.execute("BEGIN IMMEDIATE")
                self.history.adopt(number)
                self.tables.forget_instance(number)
                self._db.execute("COMMIT")
            finally:
                orphaned.release()

    def _write(self, change: events.Event | Change) -> Sequence[events.Event]:
        """Do `change` in the turn's transaction; what of it is news."""
        if not isinstance(change, (Change, KEPT)):
            return (change,)
        gap = self._ask(lambda: self._gap_of(change))
        news = self._ask(lambda: self._do(change))
        self._journal.append(remembered(change, news, gap))
        self._schedule()
        return news

    def _ask(self, question: Callable[[], Answer]) -> Answer:
        """What `question` gives; if the disk fails, by what is in memory then."""
        try:
            return question()
        except (sqlite3.Error, OSError) as error:
            if not database.is_of_disk(error):
                raise
            self._fail(error)
            return question()

    def _do(self, entry: Entry) -> Sequence[events.Event]:
        assert self._db is not None
        if not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")
        return self._keeper.do(entry)

    def _gap_of(self, change: events.Event | Change) -> Gap | None:
        """The gap that `change` is about, as it is now."""
        return self.history.gaps.find(change.gap) if isinstance(change, AboutGap) else None

    def _schedule(self) -> None:
        """Commit at the end of this turn; who shows or sends before that commits itself."""
        if self._commit_soon is None:
            with contextlib.suppress(RuntimeError):
                self._commit_soon = asyncio.get_running_loop().call_soon(self._commit_now)

    def _commit_now(self) -> None:
        self._commit_soon = None
        self.commit()

    # When the disk fails.

    def _fail(self, error: Exception) -> None:
        """Go on in memory, with all that is not on disk."""
        logger.warning("%s: %s", self._path, error)
        is_damaged, is_locked = database.is_damaged(error), database.is_locked(error)
        if not self.is_failing:
            self._failing_since = time.monotonic()
            self._go_into_memory(may_write=is_damaged)
        if is_damaged and self._begin_another():
            return
        first = self._retry * (LOCKED_SOONER if is_locked else 1)
        self._delay = min(max(2 * self._delay, first), RARELY)
        self._next_try = time.monotonic() + self._delay
        self._schedule_try()
        if not self._is_told and (not is_locked or self._delay > LOCKED_LONG * self._retry):
            self._is_told = True
            self._on_problem(_problem_words(self._path, error))

    def _go_into_memory(self, *, may_write: bool) -> None:
        disk, memory = self._db, database.in_memory()
        if disk is None:
            disk = rescue.open_to_read(self._path)
        elif disk.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                disk.execute("ROLLBACK")
        if disk is not None:
            rescue.copy(disk, memory)
            with contextlib.suppress(sqlite3.Error):
                disk.close()
        self._use(memory)
        if not self._has_begun and not may_write:
            # Where nothing can be noted, nothing is done in the name of the run before: the
            # next one would do it once more.
            self.tables.forget_instance(self.slot)
            self.history.disown()
            self._session, self._handled, self._committed_handled = None, 0, 0
        for change in self._journal:
            self._do(change)

    def _begin_another(self) -> bool:
        """The file is damaged: set it aside and go on in another; False if that can't be done."""
        if rescue.identity(self._path) not in (None, self._file):
            # Another instance has done so.
            self._next_try = 0.0
            self._return_to_disk()
            return not self.is_failing
        memory = self._db
        assert memory is not None

        def fill() -> None:
            assert self._db is not None
            rescue.copy(memory, self._db)
            self.history.gaps.open_past()

        try:
            aside = rescue.set_aside(self._path)
            self._move_to(self._open_file(), fill)
        except (sqlite3.Error, OSError, StoreError) as error:
            logger.warning("no other file instead of %s: %s", self._path, error)
            return False
        self._on_problem(
            _(
                "The history in {path} is damaged and was set aside as {name}. Another "
                "goes on with the newest of it that could be read; the server's "
                "archive fills it."
            ).format(path=self._path, name=aside.name)
        )
        return True

    def _return_to_disk(self) -> None:
        """Write what happened since the disk failed, if it lets us."""
        if time.monotonic() < self._next_try:
            return

        def fill() -> None:
            for change in self._journal:
                self._do(change)

        try:
            self._move_to(self._open_file(), fill)
        except (sqlite3.Error, OSError, StoreError) as error:
            self._fail(error)
            return
        if self._is_told:
            self._is_told = False
            self._on_problem(
                _("The history is kept in {path} again; nothing is missing.").format(
                    path=self._path
                )
            )

    def _move_to(self, disk: sqlite3.Connection, fill: Callable[[], None]) -> None:
        """Let `disk` hold the records, after `fill` has written what it does not have."""
        memory = self._db
        assert memory is not None
        self._use(disk)
        try:
            disk.execute("BEGIN IMMEDIATE")
            fill()
            disk.execute("COMMIT")
        except BaseException:
            self._use(memory)
            disk.close()
            raise
        memory.close()
        self._failing_since = None
        self._delay = 0.0
        self._journal.clear()

    def _schedule_try(self) -> None:
        """Try the disk again when it is time, also if nothing happens until then."""
        if self._try_soon is None:
            with contextlib.suppress(RuntimeError):
                self._try_soon = asyncio.get_running_loop().call_later(self._delay, self._try_now)

    def _try_now(self) -> None:
        self._try_soon = None
        self.commit()
        if self.is_failing:
            self._schedule_try()


def _problem_words(path: Path, error: Exception) -> str:
    if isinstance(error, StoreError):
        return f"{error} Until then nothing is kept of what is said."
    return _(
        "The history can't be kept in {path} ({error}). Chat goes on in "
        "memory; free the disk or make it writable, and it is saved then."
    ).format(path=path, error=error)
