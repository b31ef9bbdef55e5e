"""The table of the messages: rows in, values out. What they mean is known elsewhere."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from termxmpp.core.files import SharedFile
from termxmpp.core.jid import Jid
from termxmpp.core.matter import Matter, MatterKind
from termxmpp.core.message import Act, Deed, Fate, Message, Reply, Route
from termxmpp.values import dataclass

__all__ = ["Row", "Rows"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

_COLUMNS = (
    "key, peer, rank, id, origin_id, archive, archive_id, author, at, text, subject, is_own,"
    " is_delayed, fate, reason, route, slot, is_markable, deed, target, about, emojis, occupant,"
    " reply_id, reply_author, reply_text, spoiler, is_retracted, is_mention, is_unstyled, files,"
    " matter"
)


@dataclass(frozen=True, slots=True)
class Row:
    """A recorded message, with the conversation and the instance that recorded it.

    It is as it was sent, whatever has been done to it since. If it is an act, `about` is the key
    of the message that it is on, None until that is known.
    """

    peer: Jid
    message: Message
    slot: int
    about: int | None = None


class Rows:
    """The messages in `db`; what is put there is of the instance `slot`."""

    def __init__(self, db: sqlite3.Connection, slot: int) -> None:
        self._db = db
        self._slot = slot

    def select(self, where: str, values: tuple[object, ...]) -> list[Row]:
        """Those of which `where` holds, with `values` for its question marks."""
        rows = self._db.execute(f"SELECT {_COLUMNS} FROM message WHERE {where}", values)
        return [_row(row) for row in rows]

    def of(self, key: int) -> Row:
        """The one with that key."""
        (row,) = self.select("key = ?", (key,))
        return row

    def in_archive(self, archive: Jid | None, archive_id: str) -> Row | None:
        """The one of that id in a room's archive, or with None in the account's own."""
        name = str(archive or "")
        rows = self.select("archive = ? AND archive_id = ?", (name, archive_id))
        return rows[0] if rows else None

    def newest(
        self, where: str, values: tuple[object, ...], count: int
    ) -> tuple[list[Message], bool]:
        """The last `count` of which `where` holds, in their order, and whether there are more."""
        found = self.select(f"{where} ORDER BY rank DESC, key DESC LIMIT ?", (*values, count + 1))
        return [row.message for row in reversed(found[:count])], len(found) > count

    def insert(self, peer: Jid, message: Message, rank: int, *, is_unread: bool) -> Message:
        """Record `message` at `rank`, with the key it has, if it has one that is free."""
        fate = message.fate.name if message.fate else None
        act, reply = message.act, message.reply or Reply("")
        cursor = self._db.execute(
            "INSERT INTO message (key, peer, rank, id, origin_id, archive, archive_id, author, at,"
            " text, subject, is_own, is_delayed, is_unread, fate, reason, route, slot, is_markable,"
            " deed, target, emojis, occupant, reply_id, reply_author, reply_text, spoiler,"
            " is_retracted, is_mention, is_unstyled, files, matter)"
            " VALUES ((SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM message WHERE key = ?1)),"
            f" {', '.join('?' * 31)})",
            (
                *(message.key or None, str(peer), rank, message.id, message.origin_id),
                *(str(peer) if message.is_groupchat else "", message.archive_id or None),
                *(str(message.author), (message.at - EPOCH) // MICROSECOND, message.text),
                *(message.subject, message.is_own, message.is_delayed, is_unread),
                *(fate, message.reason, message.route.value, self._slot, message.is_markable),
                *(act.deed.value if act else None, act.target if act else ""),
                *(" ".join(act.emojis) if act else "", message.occupant, reply.id),
                *(str(reply.author or ""), reply.text, message.spoiler, message.is_retracted),
                *(message.is_mention, message.is_unstyled, _files_text(message.files)),
                _matter_text(message.matter),
            ),
        )
        key = cursor.lastrowid
        assert key is not None
        return replace(message, key=key, rank=rank)

    def move(self, keys: Sequence[int], rank: int, step: int) -> list[Message]:
        """Place those with these `keys` one after the other behind `rank`, `step` apart."""
        for place, key in enumerate(keys, 1):
            self._db.execute(
                "UPDATE message SET rank = ? WHERE key = ?", (rank + step * place, key)
            )
        return [self.of(key).message for key in keys]

    def next_rank(self, rank: int, *, but: frozenset[int] = frozenset()) -> int | None:
        """The first rank behind `rank` that is taken, by others than those with the keys `but`."""
        rows = self._db.execute(
            "SELECT key, rank FROM message WHERE rank > ? ORDER BY rank LIMIT ?",
            (rank, len(but) + 1),
        )
        return next((found for key, found in rows if key not in but), None)

    def ranks(self, peer: Jid) -> tuple[int, int]:
        """Between which ranks what was said with `peer` stands, the second one not among them."""
        first, last = self._db.execute(
            "SELECT min(rank), max(rank) FROM message WHERE peer = ?", (str(peer),)
        ).fetchone()
        return (0, 0) if first is None else (first, last + 1)

    def first_rank(self) -> int | None:
        return self._rank("min")

    def last_rank(self) -> int | None:
        return self._rank("max")

    def _rank(self, which: str) -> int | None:
        found: int | None
        (found,) = self._db.execute(f"SELECT {which}(rank) FROM message").fetchone()
        return found


def _row(row: Sequence[object]) -> Row:
    key, peer, rank, id, origin_id, archive, archive_id, author, at, text, subject = row[:11]
    is_own, is_delayed, fate, reason, route, slot, is_markable, *more = row[11:]
    deed, target, about, emojis, occupant, reply_id, reply_author, reply_text, *last = more
    spoiler, is_retracted, is_mention, is_unstyled, files, matter = last
    reply_by = Jid.prepared(str(reply_author)) if reply_author else None
    act = Act(Deed(deed), str(target), tuple(str(emojis).split())) if deed else None
    return Row(
        Jid.prepared(str(peer)),
        Message(
            str(id),
            Jid.prepared(str(author)),
            str(text),
            EPOCH + int(str(at)) * MICROSECOND,
            bool(is_own),
            Fate[str(fate)] if fate else None,
            str(reason),
            str(subject),
            bool(is_delayed),
            Route(route),
            str(origin_id),
            str(archive_id or ""),
            int(str(key)),
            int(str(rank)),
            is_markable=bool(is_markable),
            is_groupchat=bool(archive),
            reply=Reply(str(reply_id), reply_by, str(reply_text)) if reply_id else None,
            is_retracted=bool(is_retracted),
            spoiler=None if spoiler is None else str(spoiler),
            act=act,
            occupant=str(occupant),
            is_mention=bool(is_mention),
            is_unstyled=bool(is_unstyled),
            files=_files_of(str(files)),
            matter=_matter_of(str(matter)),
        ),
        int(str(slot)),
        None if about is None else int(str(about)),
    )


def _matter_text(matter: Matter | None) -> str:
    return f"{matter.kind.value} {matter.detail}" if matter is not None else ""


def _matter_of(text: str) -> Matter | None:
    kind, _blank, detail = text.partition(" ")
    return Matter(MatterKind(kind), detail) if kind else None


def _files_text(files: Sequence[SharedFile]) -> str:
    """What of `files` is kept: what they are not is left out."""
    rows = [{name: each for name, each in asdict(file).items() if each} for file in files]
    return json.dumps(rows, ensure_ascii=False) if rows else ""


def _files_of(text: str) -> tuple[SharedFile, ...]:
    if not text:
        return ()
    rows: list[dict[str, Any]] = json.loads(text)
    return tuple(
        SharedFile(
            **{**row, "hashes": tuple((algo, value) for algo, value in row.get("hashes", ()))}
        )
        for row in rows
    )
