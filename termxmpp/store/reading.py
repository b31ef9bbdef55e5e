"""Who has read how far: the user here, on another device, and the peer.

Reading only ever moves forward, in the order of the archive. A message that is named and not
known yet is waited for, over restarts: the archive may bring it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message
from termxmpp.store.records import Due
from termxmpp.values import dataclass

__all__ = ["STANDING", "TEXTS", "Reading"]

# Of the messages that stand for themselves this holds: not of an act on another one, but of a
# correction for as long as what it corrects is not known.
STANDING = "(about IS NULL AND (deed IS NULL OR deed = 'correction'))"

# And this of those that say something, be it a correction.
TEXTS = "(deed IS NULL OR deed = 'correction')"

# So many of our messages become READ at once, the newest first: a marker that speaks for a
# whole long history must not hold up the turn. The next one goes on with the rest.
AT_ONCE = 500

# So far back one looks for a message that the archive has given its id.
REACH = 1000

# So many names that mean nothing (yet) are kept for each conversation, if they are no longer
# than any client makes them.
AWAITED, LONGEST_NAME = 50, 500


@dataclass(frozen=True, slots=True)
class _Place:
    key: int
    rank: int


class Reading:
    """What of the messages in `db` is read, and by whom."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def unread(self, peer: Jid) -> tuple[int, int | None]:
        """How many messages with `peer` are unread, and the key of the first."""
        unread = f"FROM message WHERE peer = ?1 AND is_unread AND {STANDING}"
        (count, first) = self._db.execute(
            f"SELECT count(*), (SELECT key {unread} ORDER BY rank LIMIT 1) {unread}", (str(peer),)
        ).fetchone()
        return count, first

    def mentions(self, peer: Jid) -> int:
        """How many of the unread messages with `peer` name the user, or did before a correction."""
        (count,) = self._db.execute(
            "SELECT count(DISTINCT coalesce(about, key)) FROM message WHERE peer = ?"
            " AND is_unread AND is_mention AND (deed IS NULL OR deed = 'correction')",
            (str(peer),),
        ).fetchone()
        return int(count)

    # The user, here.

    def read(self, peer: Jid) -> None:
        """Nothing with `peer` is unread any more; what that tells others is due."""
        due = {
            "to_publish": f"SELECT key FROM message WHERE peer = ? AND NOT is_own AND {STANDING}",
            "to_mark": "SELECT id FROM message WHERE peer = ? AND is_unread AND is_markable",
        }
        for mark, newest in due.items():
            row = self._db.execute(f"{newest} ORDER BY rank DESC LIMIT 1", (str(peer),)).fetchone()
            if row is not None:
                self._note(peer, mark, row[0])
        self._db.execute(
            "UPDATE message SET is_unread = 0 WHERE peer = ? AND is_unread", (str(peer),)
        )

    def markers_due(self) -> Sequence[Due]:
        """The newest message of each peer that has been read and asked to be told so."""
        rows = self._db.execute("SELECT peer, to_mark FROM reading WHERE to_mark IS NOT NULL")
        return [Due(_jid(peer), id) for peer, id in rows]

    def marker_settled(self, peer: Jid, message_id: str) -> None:
        """Nothing is to be told of that message (any more)."""
        self._db.execute(
            "UPDATE reading SET to_mark = NULL WHERE peer = ? AND to_mark = ?",
            (str(peer), message_id),
        )

    def readings_due(self) -> Sequence[Due]:
        """How far each conversation has been read, where other devices may not know it.

        Up to there everything is read: nothing is told of what came after something unread.
        """
        rows = self._db.execute(
            "SELECT reading.peer, rank FROM reading JOIN message ON key = to_publish"
        ).fetchall()
        due = (self._archived(peer, rank) for peer, rank in rows)
        return [each for each in due if each is not None]

    def reading_published(self, peer: Jid, archive_id: str) -> None:
        """Our other devices know that the user has read up to that message."""
        for place in self._named(peer, "archive", archive_id):
            self._move_forward(peer, "published", place)
            self._db.execute(
                "UPDATE reading SET to_publish = NULL WHERE peer = ? AND to_publish = ?",
                (str(peer), place.key),
            )

    # The user, on another device.

    def read_elsewhere(self, event: events.ReadElsewhere) -> Sequence[events.Event]:
        """The user has read up to a message on another device; what that changes."""
        kind, name = ("archive", event.archive_id) if event.archive_id else ("id", event.message_id)
        news = self._read_elsewhere(event.peer, kind, name)
        if not news:
            self._await(event.peer, kind, name)
            if kind == "archive":
                # What is not known here is likely newer than what is: not to be taken back.
                self._note(event.peer, "to_publish", None)
        return news

    def is_read(self, peer: Jid, rank: int) -> bool:
        """Whether what stands there was read on another device, before it came to be here."""
        return self._reaches(peer, "elsewhere", rank)

    # The peer.

    def read_by_peer(self, event: events.ReadByPeer) -> Sequence[events.Event]:
        """The peer has read up to a message of ours; what that changes."""
        news = self._read_by_peer(event.peer, event.message_id)
        if not news:
            self._await(event.peer, "own", event.message_id)
        return news

    def is_read_by_peer(self, peer: Jid, rank: int) -> bool:
        """Whether the peer has read what we wrote after what stands there."""
        return self._reaches(peer, "by_peer", rank)

    def look_again(self, came: Iterable[tuple[Jid, Message]]) -> list[events.Event]:
        """These messages have come, or are named now: what was waiting for them?"""
        news: list[events.Event] = []
        for peer, message in came:
            rows = self._db.execute(
                "SELECT number, kind, name FROM awaited WHERE peer = ? AND name IN (?, ?)",
                (str(peer), message.id, message.archive_id),
            ).fetchall()
            for number, kind, name in rows:
                found = (
                    self._read_by_peer(peer, name)
                    if kind == "own"
                    else self._read_elsewhere(peer, kind, name)
                )
                if found:
                    self._db.execute("DELETE FROM awaited WHERE number = ?", (number,))
                news += found
        return news

    # How.

    def _read_elsewhere(self, peer: Jid, kind: str, name: str) -> list[events.Event]:
        """Nothing where the message is not known."""
        places = self._named(peer, kind, name)
        if not places:
            return []
        place = places[0]
        self._move_forward(peer, "elsewhere", place)
        self._db.execute(
            "UPDATE message SET is_unread = 0 WHERE peer = ? AND is_unread AND rank <= ?",
            (str(peer), place.rank),
        )
        if kind == "archive":
            self._move_forward(peer, "published", place)
        return [events.UnreadChanged(peer, *self.unread(peer), self.mentions(peer))]

    def _read_by_peer(self, peer: Jid, message_id: str) -> list[events.Event]:
        places = self._named(peer, "own", message_id)
        if not places:
            return []
        place = places[0]
        self._move_forward(peer, "by_peer", place)
        self._set_read(place.key)
        # What nobody has confirmed may have been lost, also if what came after it was read.
        self._db.execute(
            "UPDATE message SET fate = 'READ' WHERE key IN ("
            "SELECT key FROM message WHERE peer = ? AND rank <= ? AND is_own"
            " AND fate IN ('ACKNOWLEDGED', 'RECEIVED') ORDER BY rank DESC LIMIT ?)",
            (str(peer), place.rank, AT_ONCE),
        )
        return [events.ReadByPeer(peer, message_id)]

    def _set_read(self, key: int) -> None:
        (fate,) = self._db.execute("SELECT fate FROM message WHERE key = ?", (key,)).fetchone()
        if Fate[fate].becomes(Fate.READ) is Fate.READ:
            self._db.execute("UPDATE message SET fate = 'READ', reason = '' WHERE key = ?", (key,))

    def _named(self, peer: Jid, kind: str, name: str) -> list[_Place]:
        """The messages with `peer` that are called so, the one that is meant first.

        An archive names each but once. Ids of senders may be used again: what is meant then is
        the oldest that is unread, else the newest, and of ours the oldest, so that nothing
        becomes read that is not.
        """
        where, order = {
            "archive": ("archive_id = ?1 AND archive IN ('', ?2)", "rank"),
            "id": ("id = ?1", "NOT is_unread, CASE WHEN is_unread THEN rank ELSE -rank END"),
            "own": ("id = ?1 AND is_own", "rank"),
        }[kind]
        # The plus keeps SQLite from looking through the whole conversation in its order.
        rows = self._db.execute(
            f"SELECT key, rank FROM message WHERE {where} AND +peer = ?2 ORDER BY {order}",
            (name, str(peer)),
        )
        return [_Place(key, rank) for key, rank in rows]

    def _await(self, peer: Jid, kind: str, name: str) -> None:
        """The message is not known: wait for it, but for no more than some."""
        if len(name) > LONGEST_NAME:
            return
        self._db.execute(
            "INSERT INTO awaited (peer, kind, name) SELECT ?1, ?2, ?3 WHERE NOT EXISTS ("
            "SELECT 1 FROM awaited WHERE peer = ?1 AND kind = ?2 AND name = ?3)",
            (str(peer), kind, name),
        )
        self._db.execute(
            "DELETE FROM awaited WHERE number IN (SELECT number FROM awaited WHERE peer = ?"
            " ORDER BY number DESC LIMIT -1 OFFSET ?)",
            (str(peer), AWAITED),
        )

    def _archived(self, peer: str, rank: int) -> Due | None:
        """The newest message of `peer` up to `rank` with an id of an archive and all read."""
        row = self._db.execute(
            "SELECT archive, archive_id, rank FROM ("
            "SELECT archive, archive_id, rank, is_own, about, deed FROM message"
            " WHERE peer = ?1 AND rank <= ?2"
            " AND rank < coalesce((SELECT min(rank) FROM message WHERE peer = ?1 AND is_unread"
            f" AND {STANDING}), ?2 + 1) ORDER BY rank DESC LIMIT ?3)"
            f" WHERE archive_id IS NOT NULL AND NOT is_own AND {STANDING}"
            " ORDER BY rank DESC LIMIT 1",
            (peer, rank, REACH),
        ).fetchone()
        if row is None or self._reaches(_jid(peer), "published", row[2]):
            return None
        return Due(_jid(peer), row[1], _jid(row[0]) if row[0] else None)

    def _move_forward(self, peer: Jid, mark: str, place: _Place) -> None:
        if not self._reaches(peer, mark, place.rank):
            self._note(peer, mark, place.key)

    def _reaches(self, peer: Jid, mark: str, rank: int) -> bool:
        """Whether `mark` stands at that rank or behind it."""
        row = self._db.execute(
            f"SELECT rank FROM reading JOIN message ON key = {mark} WHERE reading.peer = ?",
            (str(peer),),
        ).fetchone()
        return row is not None and bool(row[0] >= rank)

    def _note(self, peer: Jid, mark: str, value: object) -> None:
        self._db.execute(
            f"INSERT INTO reading (peer, {mark}) VALUES (?, ?)"
            f" ON CONFLICT (peer) DO UPDATE SET {mark} = excluded.{mark}",
            (str(peer), value),
        )


def _jid(text: str) -> Jid:
    """The address that `text` is, which was one when it was recorded."""
    bare, _, resource = text.partition("/")
    local, _, domain = bare.rpartition("@")
    return Jid(local, domain, resource)
