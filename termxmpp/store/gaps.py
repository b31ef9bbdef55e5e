"""What is missing of the archives: gaps, which only a page of the archive makes smaller.

Where a gap begins and ends is known by ranks, which messages have too (`places`); what of that is
noted beside the gaps stands in the table `fact`.
"""

from __future__ import annotations

import sqlite3
from functools import lru_cache
from typing import Any

from termxmpp.core.archive import Gap
from termxmpp.core.jid import Jid
from termxmpp.store.places import GAP_ROOM
from termxmpp.store.rows import Rows

__all__ = ["Gaps"]

_GAP = "number, after, before, low, high, is_missed, holds_ours, problem, archive"


class Gaps:
    """The gaps of one account in `db`, between the messages in `rows`."""

    def __init__(self, db: sqlite3.Connection, rows: Rows) -> None:
        self._db = db
        self._rows = rows

    def all(self) -> tuple[Gap, ...]:
        """What is missing, oldest first."""
        return tuple(map(_gap, self._db.execute(f"SELECT {_GAP} FROM gap ORDER BY high")))

    def find(self, number: int) -> Gap | None:
        """The gap with that number, or None if there is none (any more)."""
        found = self._db.execute(f"SELECT {_GAP} FROM gap WHERE number = ?", (number,)).fetchone()
        return None if found is None else _gap(found)

    def note_begin(self, *, holds_ours: bool) -> None:
        """A session begins: note where what was missed before anything of it does.

        After the last message whose place in the archive is known, but before the first of ours
        that the archive has not shown, which may stand before others that are here.
        """
        if holds_ours:
            self._note("gap holds ours", 1)
        if self._fact("gap low") is None:
            after, low = self._last_known("", self.top + GAP_ROOM)
            self._note("gap after", after)
            self._note("gap low", low)

    def lift_floor(self) -> None:
        """Leave room behind all that is here."""
        self._note("floor", self.top + GAP_ROOM)

    def open(self) -> None:
        """Note that what came between the last session and this one is missing."""
        high = self._number("floor")
        was_here_before = self._number("gap floor") > 0
        if self._fact("gap low") is None:
            # It was opened before in this session, which a former run began.
            return
        after, low = str(self._fact("gap after")), self._number("gap low")
        holds_ours = self._fact("gap holds ours") is not None
        for name in ("gap after", "gap low", "gap holds ours"):
            self._note(name, None)
        self._note("gap floor", high)
        is_missed = (bool(after) or was_here_before) and self._make_way("", after, low)
        self._add("", after, "", low, high, is_missed, holds_ours)

    def open_room(self, room: Jid, *, was_here: bool) -> None:
        """Note that what was said in `room` since we were last in it is missing.

        `was_here`: we have been in it, so that all of it is new.
        """
        archive, high = str(room), self._number("floor")
        holds_ours = self._first_unsettled(archive) is not None
        after, low = self._last_known(archive, high)
        self._note(f"gap floor {archive}", high)
        is_missed = self._make_way(archive, after, low) and (bool(after) or was_here)
        self._add(archive, after, "", low, high, is_missed, holds_ours)

    def has_come_since(self, room: Jid) -> bool:
        """Whether something said in `room` stands over the floor: it came in this session."""
        (newest,) = self._db.execute(
            "SELECT max(rank) FROM message WHERE peer = ? AND coalesce(fate, '') NOT IN"
            " ('QUEUED', 'SENT')",
            (str(room),),
        ).fetchone()
        return (newest or 0) > self._number("floor")

    def open_past(self) -> None:
        """What is older than all that is here was lost: the archive may have it."""
        before, high = self._db.execute(
            "SELECT archive_id, min(rank) FROM message WHERE archive = ''"
            " AND archive_id IS NOT NULL"
        ).fetchone()
        if before is not None:
            self._db.execute("DELETE FROM gap WHERE archive = '' AND high <= ?", (high,))
            self._add("", "", before, self._bottom() - GAP_ROOM, high, False, False)

    def fail(self, number: int, problem: str) -> None:
        """The gap can't be filled; without a `problem` it is to be tried again."""
        self._db.execute("UPDATE gap SET problem = ? WHERE number = ?", (problem, number))

    def close(self, number: int) -> None:
        """Nothing is missing there any more."""
        found = self.find(number)
        if found is not None:
            self._db.execute("DELETE FROM gap WHERE number = ?", (number,))
            self.settle(found, found.low)

    def narrow(self, gap: Gap, before: str, high: int) -> None:
        """A page of `gap` is recorded: what is missing ends before that id and that rank now."""
        self.settle(gap, high)
        self._db.execute(
            "UPDATE gap SET before = ?, high = ?, problem = '' WHERE number = ?",
            (before, high, gap.number),
        )

    def settle(self, gap: Gap, low: int) -> None:
        """From `low` on `gap` was looked through; what the archive does not have, it never will.

        Not what was written in this session: that may arrive after the archive was asked.
        """
        self._db.execute(
            "UPDATE message SET is_settled = 1 WHERE is_own AND archive_id IS NULL"
            " AND NOT is_settled AND archive = ? AND rank > ? AND rank <= ?"
            " AND fate NOT IN ('QUEUED', 'SENT')",
            (str(gap.archive or ""), low, min(gap.high, self.floor_of(gap))),
        )

    def floor_of(self, gap: Gap) -> int:
        """What came since we asked that archive for what was missed stands behind this rank."""
        return self._number(f"gap floor {gap.archive}" if gap.archive else "gap floor")

    @property
    def top(self) -> int:
        """The last rank of all: that of a message, or the floor of what comes in this session."""
        return max(self._rows.last_rank() or 0, self._number("floor"))

    def _last_known(self, archive: str, floor: int) -> tuple[str, int]:
        """The id and the rank of the last message under `floor` whose place there is known.

        Nothing of ours that the archive has not shown stands before it; without one it is the
        beginning of all.
        """
        unsettled = self._first_unsettled(archive)
        # The past that was never looked at is no place to go on from.
        known = self._db.execute(
            "SELECT archive_id, rank FROM message WHERE archive = ? AND archive_id IS NOT NULL"
            " AND rank < ? ORDER BY rank DESC LIMIT 1",
            (archive, floor if unsettled is None else unsettled),
        ).fetchone()
        after, low = known or ("", self._bottom() - GAP_ROOM)
        return after, low

    def _first_unsettled(self, archive: str) -> int | None:
        """Where the first of ours stands that the archive has neither shown nor missed."""
        (rank,) = self._db.execute(
            "SELECT min(rank) FROM message WHERE is_own AND archive_id IS NULL AND NOT is_settled"
            " AND archive = ?",
            (archive,),
        ).fetchone()
        found: int | None = rank
        return found

    def _add(self, *columns: object) -> None:
        """Note a gap that has no number of one before: that one may still be asked about."""
        (highest,) = self._db.execute("SELECT max(number) FROM gap").fetchone()
        number = max(self._number("gap number"), highest or 0) + 1
        self._note("gap number", number)
        self._db.execute(
            "INSERT INTO gap (number, archive, after, before, low, high, is_missed, holds_ours)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (number, *columns),
        )

    def _make_way(self, archive: str, after: str, low: int) -> bool:
        """A gap of `archive` from `low` on is to be opened: the older ones end where it begins.

        Those that lie in it go; False if one of them was the past from before we came.
        """
        is_missed = True
        for gap in self.all():
            if str(gap.archive or "") != archive:
                continue
            if gap.low >= low:
                is_missed &= gap.is_missed
                self._db.execute("DELETE FROM gap WHERE number = ?", (gap.number,))
            elif not gap.before:
                before, high = self._db.execute(
                    "SELECT archive_id, min(rank) FROM message WHERE archive = ?"
                    " AND archive_id IS NOT NULL AND rank >= ?",
                    (archive, gap.high),
                ).fetchone()
                if before is None:
                    # Nothing came in its session: what was known before is in it.
                    before, high = after, low
                self._db.execute(
                    "UPDATE gap SET before = ?, high = ? WHERE number = ?",
                    (before, high, gap.number),
                )
        return is_missed

    def _bottom(self) -> int:
        return min(self._rows.first_rank() or 0, 0)

    def _fact(self, name: str) -> object:
        found = self._db.execute("SELECT value FROM fact WHERE slot = -1 AND name = ?", (name,))
        row = found.fetchone()
        return row[0] if row else None

    def _number(self, name: str) -> int:
        """The number that is noted under `name`, or 0."""
        return int(str(self._fact(name) or 0))

    def _note(self, name: str, value: object) -> None:
        """Note `value` under `name`; None forgets it."""
        if value is None:
            self._db.execute("DELETE FROM fact WHERE slot = -1 AND name = ?", (name,))
        else:
            self._db.execute("REPLACE INTO fact VALUES (-1, ?, ?)", (name, value))


# Told as a whole with each change, while of hundreds of rooms one after the other is read.
@lru_cache(maxsize=512)
def _gap(row: tuple[Any, ...]) -> Gap:
    """The gap that a row of `_GAP` is."""
    number, after, before, low, high, is_missed, holds_ours, problem, archive = row
    return Gap(
        *(number, after, before, low, high, bool(is_missed), bool(holds_ours), problem),
        Jid.prepared(archive) if archive else None,
    )
