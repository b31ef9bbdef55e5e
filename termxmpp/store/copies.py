"""Which recorded message another one is a copy of, come by another way.

An archive id (XEP-0359) names a message for sure. Without one, copies are the same only if id,
sender and text are, and the routes are not: bots reuse ids, so two live messages are never one.
Only what a room tells of its past at each entry comes twice by one route, with the same stamp.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from termxmpp.core.jid import Jid
from termxmpp.core.message import Message, Route
from termxmpp.store.rows import Row, Rows

__all__ = ["Copies"]

# Some bots give all their messages the same id: so many of the newest are looked at, since more
# would hold up the turn. The plus keeps SQLite from looking through the whole conversation.
_WITH_ID = "SELECT key FROM message WHERE id = ? AND +peer = ? ORDER BY key DESC LIMIT 500"


class Copies:
    """Knows messages again in `rows`, for the instance `slot`."""

    def __init__(self, rows: Rows, slot: int) -> None:
        self._rows = rows
        self._slot = slot

    def of_page(self, items: Sequence[tuple[Jid, Message]]) -> list[Row | None]:
        """What of the page `items` is recorded, each row but once.

        Where two of them look like one that is recorded, it is the nearer in time.
        """
        found: list[Row | None] = []
        taken: dict[int, int] = {}
        for position, (peer, message) in enumerate(items):
            row = self.of(peer, message)
            if row is not None:
                rival = taken.setdefault(row.message.key, position)
                if _apart(items[rival][1], row) > _apart(message, row):
                    taken[row.message.key], found[rival] = position, None
                elif rival != position:
                    row = None
            found.append(row)
        return found

    def of(self, peer: Jid, message: Message) -> Row | None:
        """The recorded message with `peer` that `message` is, or None if it is another."""
        if message.archive_id:
            archive = peer if message.is_groupchat else None
            found = self._rows.in_archive(archive, message.archive_id)
            if found is not None:
                return found
        return self._of_ours(peer, message) if message.is_own else self._of_theirs(peer, message)

    def _of_theirs(self, peer: Jid, message: Message) -> Row | None:
        # In a room what is ours may come back as anybody's; services that give ids of their own
        # leave that of its origin.
        ids = {message.id, message.origin_id} if message.is_groupchat else {message.id}
        candidates = [
            row
            for message_id in filter(None, ids)
            for row in self._rows.select(
                f"key IN ({_WITH_ID}) AND author = ? AND (text = ? OR is_retracted)",
                (message_id, str(peer), str(message.author), message.text),
            )
            if (_may_be_one(row.message, message) or self._is_told_to_others(row, message))
            and not (row.message.archive_id and message.archive_id)
        ]
        return min(candidates, key=lambda row: _apart(message, row), default=None)

    def _of_ours(self, peer: Jid, message: Message) -> Row | None:
        """Our ids are our own making: nobody guesses them, and we use none twice.

        Of what other devices of ours do, nothing is known.
        """
        for message_id in filter(None, dict.fromkeys((message.origin_id, message.id))):
            for row in self._rows.select("id = ? AND peer = ? AND is_own", (message_id, str(peer))):
                is_other = row.message.archive_id and message.archive_id
                is_copy = _may_be_one(row.message, message)
                is_alike = row.message.text == message.text or row.message.is_retracted
                is_theirs = is_alike and is_copy
                if not is_other and (row.message.route is Route.WRITTEN or is_theirs):
                    return row
        return None

    def _is_told_to_others(self, row: Row, message: Message) -> bool:
        """Whether a room told us what another termxmpp, which is in it too, has recorded."""
        return message.is_groupchat and row.slot != self._slot


def _may_be_one(kept: Message, copy: Message) -> bool:
    """Whether one message may have come as these two: by two routes, or told as the past twice."""
    if kept.route is copy.route is Route.HISTORY:
        return kept.at == copy.at
    return kept.route is not copy.route


def _apart(message: Message, row: Row) -> timedelta:
    return abs(message.at - row.message.at)
