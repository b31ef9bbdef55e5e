"""The messages: each recorded once, in the order of the archive that it belongs to.

That is the account's own, or for what was said to everybody in a room the room's. What is missing
of an archive is recorded beside them (`gaps`).
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from termxmpp.core import events
from termxmpp.core.archive import Gap
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Route
from termxmpp.store.acts import Acts
from termxmpp.store.copies import Copies
from termxmpp.store.gaps import Gaps
from termxmpp.store.places import STEP, ranks_of
from termxmpp.store.reading import STANDING, TEXTS, Reading
from termxmpp.store.records import SearchPage
from termxmpp.store.rows import Row, Rows
from termxmpp.store.search import Index

__all__ = ["History"]

# Fates of what something is waited for.
OPEN_FATES = frozenset({Fate.QUEUED, Fate.SENT})

# So many messages that hold the words are looked at in one part of a search.
LOOKED_AT = 200


class History:
    """The messages of one account in `db`, for the instance `slot`.

    `transient_keys` are those of messages that are not kept, each given once. Where nobody reads
    but a program (`is_listener`), only what that was told is read, whatever was said since.
    """

    def __init__(
        self,
        db: sqlite3.Connection,
        slot: int,
        transient_keys: Iterator[int] | None = None,
        *,
        is_listener: bool = False,
    ) -> None:
        self._is_listener = is_listener
        self._db = db
        self._slot = slot
        self._rows = Rows(db, slot)
        self._copies = Copies(self._rows, slot)
        self.index = Index(db)
        self.reading = Reading(db)
        self.gaps = Gaps(db, self._rows)
        self.acts = Acts(db, self._rows, self.index, self.reading, slot)
        self._transient_keys = transient_keys or itertools.count(-1, -1)

    def add(self, peer: Jid, message: Message) -> Sequence[events.Event]:
        """Record a message that was written, or that came by another way than the archive."""
        if message.is_transient:
            shown = replace(message, key=next(self._transient_keys), rank=self.gaps.top)
            return (self._told(peer, shown),)
        found = None if message.route is Route.WRITTEN else self._copies.of(peer, message)
        if found is None:
            is_unread = message.is_text and not message.is_own
            kept, news = self._insert(peer, message, is_unread)
            if not news and kept.act is None and kept.reply is None:
                return [self._told(peer, kept)]
            return [self._told(peer, each) for each in self.acts.shown([kept])] + news
        news = list(self._merge(found, message))
        if message.is_groupchat and found.message.route is Route.WRITTEN:
            news += self._take_place(found)
        if found.slot != self._slot:
            # Another termxmpp has recorded it; here nobody has seen it.
            row = self._rows.of(found.message.key)
            news += [
                self._told(peer, replace(each, route=message.route))
                for each in self.acts.shown([row.message])
            ]
            news += self.acts.moved(row)
        return news

    def set_fate(self, peer: Jid, message_id: str, fate: Fate, reason: str) -> list[events.Event]:
        """Let the fate of our message come as far as `fate`, as `Fate.becomes` has it.

        Returns what that changes besides.
        """
        news: list[events.Event] = []
        for row in self._rows.select("id = ? AND peer = ? AND is_own", (message_id, str(peer))):
            if row.message.fate is not None:
                now = row.message.fate.becomes(fate)
                words = reason if now is fate else row.message.reason
                with self.acts.fated(row, news):
                    self._db.execute(
                        "UPDATE message SET fate = ?, reason = ? WHERE key = ?",
                        (now.name, words, row.message.key),
                    )
        return news

    def change_author(self, room: Jid, author: Jid) -> None:
        """What we have written there and has not left will do so as `author`."""
        self._db.execute(
            "UPDATE message SET author = ? WHERE archive = ? AND fate = 'QUEUED' AND slot = ?",
            (str(author), str(room), self._slot),
        )

    def newest(self, peer: Jid, count: int) -> tuple[list[Message], bool]:
        """The newest `count` messages with `peer`, oldest first, and whether there are more."""
        return self._newest("peer = ?", (str(peer),), count)

    def older(self, peer: Jid, before: Message, count: int) -> tuple[list[Message], bool]:
        """The `count` messages with `peer` before that one, oldest first, and if there are more."""
        return self._newest("peer = ? AND rank < ?", (str(peer), before.rank), count)

    def _newest(
        self, where: str, values: tuple[object, ...], count: int
    ) -> tuple[list[Message], bool]:
        found, has_older = self._rows.newest(f"{where} AND {STANDING}", values, count)
        return self.acts.shown(found), has_older

    def newer(self, peer: Jid, after: Message | None, count: int) -> tuple[list[Message], bool]:
        """The `count` messages with `peer` behind that one, oldest first, and if there are more.

        With None they are the first ones.
        """
        where = f"peer = ? AND (rank, key) > (?, ?) AND {STANDING} ORDER BY rank, key LIMIT ?"
        rank, key = (after.rank, after.key) if after is not None else (-(2**63), 0)
        found = self._rows.select(where, (str(peer), rank, key, count + 1))
        return self.acts.shown([row.message for row in found[:count]]), len(found) > count

    def peers(self) -> list[Jid]:
        """With whom something was said, in the order of their addresses.

        The index is gone through by leaps, so that it takes as long as there are peers.
        """
        found: list[Jid] = []
        last = ""
        while True:
            (peer,) = self._db.execute(
                "SELECT min(peer) FROM message WHERE peer > ?", (last,)
            ).fetchone()
            if peer is None:
                return found
            found.append(Jid.prepared(peer))
            last = peer

    def get(self, peer: Jid, key: int) -> Message | None:
        """The message with `peer` of that key."""
        rows = self._rows.select("key = ? AND peer = ?", (key, str(peer)))
        return next(iter(self.acts.shown([row.message for row in rows])), None)

    def since(self, peer: Jid, at: datetime) -> Message | None:
        """The first message with `peer` of that time or later (`records.Records.since`).

        Found by halves: to go through a long conversation would take longer than a key may.
        """
        low, high = self._rows.ranks(peer)
        while low < high:
            middle = (low + high) // 2
            found = self._standing_from(peer, middle)
            if found is None or found.at >= at:
                high = middle
            else:
                low = found.rank + 1
        found = self._standing_from(peer, low)
        if found is None or found.at < at:
            return None
        return self.get(peer, found.key)

    def _standing_from(self, peer: Jid, rank: int) -> Message | None:
        where = f"peer = ? AND rank >= ? AND {STANDING} ORDER BY rank, key LIMIT 1"
        rows = self._rows.select(where, (str(peer), rank))
        return rows[0].message if rows else None

    def search(self, words: str, peer: Jid | None, start: int | None) -> SearchPage:
        """A part of the messages that hold `words` (`records.Records.search`)."""
        keys = self.index.beginning(words, LOOKED_AT, start)
        if not keys:
            return SearchPage()
        marks = ", ".join("?" * len(keys))
        where = f"key IN ({marks})"
        values: list[object] = [*keys]
        if peer is not None:
            # The plus keeps SQLite from going through all of the conversation instead.
            where, values = f"{where} AND +peer = ?", [*values, str(peer)]
        rows = self._rows.select(f"{where} ORDER BY key DESC", tuple(values))
        peers = {row.message.key: row.peer for row in rows}
        shown = self.acts.shown([row.message for row in rows])
        found = tuple((peers[message.key], message) for message in shown)
        return SearchPage(found, keys[-1] if len(keys) == LOOKED_AT else None)

    def unread(self, besides: Collection[Jid], count: int) -> list[tuple[Jid, Message]]:
        """The first `count` messages that are unread, with their peers, as they were sent.

        Those with the peers `besides` are left out.
        """
        marks = ", ".join("?" * len(besides))
        where = f"is_unread AND {TEXTS} AND peer NOT IN ({marks}) ORDER BY rank, key LIMIT ?"
        rows = self._rows.select(where, (*map(str, besides), count))
        return [(row.peer, row.message) for row in rows]

    def forget_read(self, kept: int) -> None:
        """Forget what is read, but for the newest `kept` and the last of each archive."""
        old = "rank < (SELECT rank FROM message ORDER BY rank DESC LIMIT 1 OFFSET ?)"
        has_some = f"SELECT EXISTS (SELECT 1 FROM message WHERE {old})"
        if self._db.execute(has_some, (kept,)).fetchone() == (0,):
            return
        self._db.execute(
            f"DELETE FROM message WHERE {old} AND NOT is_unread"
            " AND coalesce(fate, '') NOT IN ('QUEUED', 'SENT') AND key NOT IN (SELECT key FROM"
            " (SELECT key, max(rank) FROM message WHERE archive_id IS NOT NULL GROUP BY archive))",
            (kept,),
        )
        self.index.forget()

    def pending(self) -> list[tuple[Jid, Message]]:
        """What this instance has written and whose fate is open."""
        where = "slot = ? AND fate IN ('QUEUED', 'SENT') ORDER BY key"
        return [(row.peer, row.message) for row in self._rows.select(where, (self._slot,))]

    def waiting_of_others(self) -> list[int]:
        """The slots of other instances that have written something whose fate is open."""
        rows = self._db.execute(
            "SELECT DISTINCT slot FROM message WHERE fate IN ('QUEUED', 'SENT') AND slot != ?",
            (self._slot,),
        )
        return [slot for (slot,) in rows]

    def adopt(self, slot: int) -> None:
        """What of the instance `slot` is open is this one's from now on."""
        self._db.execute(
            "UPDATE message SET slot = ? WHERE slot = ? AND fate IN ('QUEUED', 'SENT')",
            (self._slot, slot),
        )

    def disown(self) -> None:
        """What this instance has written before is nobody's."""
        self._db.execute("UPDATE message SET slot = -1 WHERE slot = ?", (self._slot,))

    # What was missed.

    def raise_floor(self) -> list[events.Event]:
        """A session begins: leave room for what was missed before anything of it.

        What of ours has not arrived will do so after all that.
        """
        is_waiting = any(not message.is_groupchat for _, message in self.pending())
        self.gaps.note_begin(holds_ours=is_waiting)
        return self._lift()

    def open_room_gap(self, room: Jid, *, was_here: bool) -> list[events.Event]:
        """Note that what was said in `room` is missing; see `Gaps.open_room`.

        In one session a room may be entered more than once: what it held before comes before what
        comes from now on.
        """
        news = self._lift() if self.gaps.has_come_since(room) else []
        self.gaps.open_room(room, was_here=was_here)
        return news

    def _lift(self) -> list[events.Event]:
        """Leave room behind all that is here; what has not arrived goes behind that."""
        waiting: dict[Jid, list[int]] = {}
        for peer, message in self.pending():
            waiting.setdefault(peer, []).append(message.key)
        self.gaps.lift_floor()
        return [self._placed(peer, self._to_the_end(keys)) for peer, keys in waiting.items()]

    def fill(self, page: events.ArchivePaged) -> list[events.Event]:
        """Record a page of the archive and make its gap smaller."""
        gap = self.gaps.find(page.gap)
        if gap is None:
            return []
        # What a server tells twice in one answer is one.
        items = list({item[1].archive_id: item for item in page.messages}.values())
        found = self._copies.of_page(items)
        ranks = self._ranks(gap, found)
        answers = {
            peer: rank for (peer, message), rank in zip(items, ranks, strict=True) if message.is_own
        }
        placed: dict[Jid, list[Message]] = {}
        unread: dict[Jid, list[int]] = {}
        news: list[events.Event] = []
        for (peer, message), row, rank in zip(items, found, ranks, strict=True):
            if row is None:
                is_unread = gap.is_missed and self._is_news(peer, message, rank, answers)
                if message.is_own and self.reading.is_read_by_peer(peer, rank):
                    message = replace(message, fate=Fate.READ)
                kept, changes = self._insert(peer, message, is_unread, rank)
                news += changes
                if is_unread:
                    unread.setdefault(peer, []).append(kept.key)
            else:
                news += self._merge(row, message)
                if row.message.rank == rank and row.slot == self._slot:
                    continue
                self._db.execute(
                    "UPDATE message SET rank = ? WHERE key = ?", (rank, row.message.key)
                )
                moved = self._rows.of(row.message.key)
                news += self.acts.moved(moved)
                kept = moved.message
            placed.setdefault(peer, []).append(kept)
        for peer, messages in placed.items():
            messages += self._left_behind(peer, messages)
        news[:0] = [self._placed(peer, each, unread.get(peer, ())) for peer, each in placed.items()]
        if page.is_last:
            self.gaps.close(gap.number)
        else:
            self.gaps.narrow(gap, page.first, ranks[0] if ranks else gap.high)
        return news

    def _is_news(self, peer: Jid, message: Message, rank: int, answers: Mapping[Jid, int]) -> bool:
        """Whether nobody has read what was missed; `answers` are our last in the page, by rank."""
        if message.is_own or not message.is_text:
            return False
        if self._is_listener:
            return True
        is_answered = answers.get(peer, rank) > rank or self._is_answered(peer, rank)
        return not is_answered and not self.reading.is_read(peer, rank)

    def _left_behind(self, peer: Jid, placed: Sequence[Message]) -> list[Message]:
        """What we wrote after something that has just moved beyond it: it follows at once.

        So everything that stands before it is before it in the archive too, which is what gaps
        go by. What has not left will arrive after all that is here; what has may have arrived since
        the archive was asked, before what came live.
        """
        written = sorted((each for each in placed if each.route is Route.WRITTEN), key=_key)
        if not written:
            return []
        rows = self._db.execute(
            "SELECT key, rank, fate = 'QUEUED' FROM message WHERE peer = ? AND is_own"
            " AND archive_id IS NULL AND NOT is_settled AND slot = ? AND route = ? AND key > ?"
            " ORDER BY key",
            (str(peer), self._slot, Route.WRITTEN.value, written[0].key),
        ).fetchall()
        behind: dict[int, list[int]] = {}
        waiting: list[int] = []
        for key, rank, is_queued in rows:
            last = max(each.rank for each in written if each.key < key)
            if is_queued and (waiting or rank < last):
                waiting.append(key)
            elif rank < last:
                behind.setdefault(last, []).append(key)
        moved = self._to_the_end(waiting)
        for last, keys in behind.items():
            following = self._rows.next_rank(last)
            room = STEP if following is None else following - last
            moved += self._rows.move(keys, last, room // (len(keys) + 1))
        return moved

    def _take_place(self, row: Row) -> list[events.Event]:
        """A room has shown what we wrote: it stands behind all that it has shown before."""
        (is_behind,) = self._db.execute(
            "SELECT EXISTS (SELECT 1 FROM message WHERE peer = ? AND rank > ?"
            " AND coalesce(fate, '') NOT IN ('QUEUED', 'SENT'))",
            (str(row.peer), row.message.rank),
        ).fetchone()
        if not is_behind or row.message.fate not in OPEN_FATES:
            return []
        placed = self._to_the_end([row.message.key])
        placed += self._left_behind(row.peer, placed)
        return [self._placed(row.peer, placed)]

    def _to_the_end(self, keys: Sequence[int]) -> list[Message]:
        return self._rows.move(keys, self.gaps.top, STEP)

    def _ranks(self, gap: Gap, found: Sequence[Row | None]) -> list[int]:
        """Where the items of a page belong."""
        known = [row.message if row is not None else None for row in found]
        keys = frozenset(message.key for message in known if message is not None)
        following = partial(self._rows.next_rank, but=keys)
        return ranks_of(gap, known, self.gaps.floor_of(gap), self.gaps.top, following)

    def _placed(
        self, peer: Jid, messages: Sequence[Message], unread: Sequence[int] = ()
    ) -> events.MessagesPlaced:
        """Of `messages` those that stand for themselves have their places now."""
        shown = self.acts.shown(messages)
        keys = {message.key for message in shown}
        return events.MessagesPlaced(
            peer, tuple(shown), tuple(key for key in unread if key in keys)
        )

    def _insert(
        self, peer: Jid, message: Message, is_unread: bool, rank: int | None = None
    ) -> tuple[Message, list[events.Event]]:
        """Record `message`; what it changes of others."""
        if rank is None:
            rank = message.rank or self.gaps.top + STEP
        kept = self._rows.insert(peer, message, rank, is_unread=is_unread)
        return kept, self.acts.came(Row(peer, kept, self._slot), is_new=True)

    def _told(self, peer: Jid, message: Message) -> events.Event:
        if message.route is Route.WRITTEN:
            return events.MessageWritten(peer, message)
        return events.MessageReceived(peer, message)

    def _merge(self, found: Row, copy: Message) -> Iterator[events.Event]:
        """`copy` is the message `found` once more: keep what it adds."""
        message = found.message
        if copy.archive_id and not message.archive_id:
            self._db.execute(
                "UPDATE message SET archive_id = ?, is_settled = 1 WHERE key = ?",
                (copy.archive_id, message.key),
            )
        if copy.occupant and not message.occupant:
            self._db.execute(
                "UPDATE message SET occupant = ? WHERE key = ?", (copy.occupant, message.key)
            )
        if copy.archive_id != message.archive_id or copy.occupant != message.occupant:
            row = self._rows.of(message.key)
            if copy.is_groupchat:
                # By that id others are to call it.
                yield from self.acts.named(row)
            yield from self.acts.came(row)
        if copy.is_retracted:
            yield from self.acts.forget(self._rows.of(message.key))
        if message.fate in OPEN_FATES or self._waits_for(found, copy):
            changes = self.set_fate(found.peer, message.id, Fate.ACKNOWLEDGED, "")
            yield events.FateChanged(found.peer, message.id, Fate.ACKNOWLEDGED)
            yield from changes

    def _waits_for(self, found: Row, copy: Message) -> bool:
        """Whether this instance may wait for a room to show `found`, as it has to another."""
        is_reflection = copy.is_groupchat and copy.route is Route.LIVE
        return is_reflection and found.slot == self._slot and found.message.is_own

    def _is_answered(self, peer: Jid, rank: int) -> bool:
        """Whether we have written something later there, wherever from."""
        (answer,) = self._db.execute(
            "SELECT EXISTS (SELECT 1 FROM message WHERE peer = ? AND rank > ? AND is_own)",
            (str(peer), rank),
        ).fetchone()
        return bool(answer)


def _key(message: Message) -> int:
    return message.key
