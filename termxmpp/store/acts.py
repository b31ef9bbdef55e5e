"""What is done to recorded messages: which act is on which, who may, and what stands after it.

Each act is a record of its own, with its place in the order of the archive, and the message that
it is on stays as it was sent; so whichever of them comes first, the same stands in the end. Only
what is retracted is really forgotten. A correction whose message is not known, or not its author's
to change, stands for itself: nothing that was said is lost.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from termxmpp.core import events, quoting
from termxmpp.core.acts import changed_by
from termxmpp.core.gist import gist
from termxmpp.core.jid import Jid
from termxmpp.core.message import Deed, Fate, Message, Reply, Route
from termxmpp.store.reading import STANDING, Reading
from termxmpp.store.rows import Row, Rows
from termxmpp.store.search import Index

__all__ = ["Acts"]

# So many corrections of one message are looked at, the newest; so many messages of one id; so many
# acts that waited for one message; and so many answers to one are drawn anew.
MOST_CORRECTIONS, MOST_ALIKE, MOST_WAITING, MOST_ANSWERS = 50, 20, 500, 50

# So many keys are asked for at once.
AT_ONCE = 500


class Acts:
    """The acts in `db`, for the instance `slot`."""

    def __init__(
        self, db: sqlite3.Connection, rows: Rows, index: Index, reading: Reading, slot: int
    ) -> None:
        self._db = db
        self._rows = rows
        self._index = index
        self._reading = reading
        self._slot = slot

    # What stands.

    def shown(self, messages: Sequence[Message]) -> list[Message]:
        """Those of the recorded `messages` that stand for themselves, as they stand now."""
        keys = [message.key for message in messages]
        hidden = set(self._among(keys, "key", f"NOT ({STANDING})"))
        touched = set(self._among(keys, "about", "about IS NOT NULL"))
        return [
            self._shown(self._rows.of(message.key))
            if message.key in touched or message.reply is not None
            else message
            for message in messages
            if message.key not in hidden
        ]

    def _among(self, keys: Sequence[int], column: str, where: str) -> Iterator[int]:
        """Which of the `keys` stand in that column of the messages of which `where` holds."""
        for first in range(0, len(keys), AT_ONCE):
            some = keys[first : first + AT_ONCE]
            rows = self._db.execute(
                f"SELECT DISTINCT {column} FROM message"
                f" WHERE {column} IN ({', '.join('?' * len(some))}) AND {where}",
                some,
            )
            yield from (key for (key,) in rows)

    def _shown(self, row: Row) -> Message:
        message = self._changed(row)
        if message.reply is None:
            return message
        return replace(message, reply=self._answered(row, message.reply))

    def _changed(self, row: Row) -> Message:
        return changed_by(row.message, self._on(row.message.key), is_in_room=_is_in_room(row))

    def _on(self, key: int) -> list[Message]:
        """The acts on the message with that key, in their order."""
        on = "about = ? AND deed = ? ORDER BY rank DESC, key DESC LIMIT ?"
        found = [
            row.message
            for deed, most in ((Deed.CORRECTION, MOST_CORRECTIONS), (Deed.REACTIONS, -1))
            for row in self._rows.select(on, (key, deed.value, most))
        ]
        retraction = self._rows.select(on, (key, Deed.RETRACTION.value, MOST_ALIKE))
        found += [row.message for row in retraction]
        found.sort(key=lambda act: (act.rank, act.key))
        # What was written here, was so in the order of the keys, whatever of it has its place.
        written = iter(sorted((a for a in found if a.route is Route.WRITTEN), key=_key))
        return [next(written) if act.route is Route.WRITTEN else act for act in found]

    def _answered(self, row: Row, reply: Reply) -> Reply:
        """What is answered, in the words of the message itself if that is known."""
        found = self._called(row, reply.id, is_by_archive=row.message.is_groupchat)
        if not found:
            return reply
        answered = self._changed(found[0])
        words = "" if answered.is_retracted else gist(answered, is_open=False)
        return Reply(reply.id, answered.author, quoting.excerpt(words))

    def reindex(self) -> None:
        """Index all messages anew, in an index that is empty."""
        for row in self._rows.select(f"{STANDING} ORDER BY key", ()):
            message = self._changed(row)
            self._index.add(message.key, message.findable, message.subject)

    # What happens.

    def came(self, row: Row, *, is_new: bool = False) -> list[events.Event]:
        """`row` is known, or has another name now: what that changes."""
        if is_new:
            self._forget_quoted(row)
        news: list[events.Event] = []
        stands = row
        if row.message.act is not None:
            target = self._target(row) if row.about is None else self._about(row)
            if target is not None and row.about is None:
                news += self._attach([row], target)
            if not row.message.is_text:
                return news
            stands = target or row
        if is_new and stands is row:
            self._index.add(row.message.key, row.message.findable, row.message.subject)
        return [*news, *self._awaited(row, stands)]

    def _about(self, row: Row) -> Row | None:
        """The message that the act `row` is on, if it is on one."""
        return self._rows.of(row.about) if row.about else None

    def _awaited(self, row: Row, stands: Row) -> list[events.Event]:
        """What names `row` and waited for it is on `stands`, which is that or what it corrects."""
        names = _names(row.message)
        marks = ", ".join("?" * len(names))
        is_waiting = f"target IN ({marks}) AND deed IS NOT NULL AND about IS NULL"
        is_awaited, is_quoted = self._db.execute(
            f"SELECT EXISTS (SELECT 1 FROM message WHERE {is_waiting}),"
            f" EXISTS (SELECT 1 FROM message WHERE reply_id IN ({marks}) AND reply_id != '')",
            (*names, *names),
        ).fetchone()
        fitting = []
        if is_awaited:
            waiting = self._rows.select(
                f"{is_waiting} AND +peer = ? ORDER BY rank LIMIT ?",
                (*names, str(row.peer), MOST_WAITING),
            )
            fitting = [
                each
                for each in waiting
                if each.message.key not in (row.message.key, stands.message.key)
                and self._is_called(row, each)
                and self._may(each, stands)
            ]
        news = self._attach(fitting, self._again(stands)) if fitting else []
        return [*news, *self._answers_to(row)] if is_quoted else news

    def named(self, row: Row) -> list[events.Event]:
        """The message `row` has a name that it had not before."""
        return [events.MessageChanged(row.peer, each) for each in self.shown([row.message])]

    def moved(self, row: Row) -> list[events.Event]:
        """The act `row` has another place among the others on its message."""
        if not row.about:
            return []
        target = self._rows.of(row.about)
        return [events.MessageChanged(target.peer, self._shown(target))]

    @contextmanager
    def fated(self, row: Row, news: list[events.Event]) -> Iterator[None]:
        """The fate of `row`, which is ours, changes; `news` gets what else that changes."""
        act = row.message.act
        if act is None or not row.about:
            yield
            if act is None and any(self._among([row.message.key], "about", "about IS NOT NULL")):
                news.append(events.MessageChanged(row.peer, self._shown(self._again(row))))
            return
        with self._changing(self._rows.of(row.about), news):
            yield
        now = self._again(row).message
        if now.fate is Fate.FAILED and row.message.fate is not now.fate and not now.is_text:
            news.append(events.ActFailed(row.peer, now))

    def is_read_with(self, peer: Jid, message_id: str) -> list[events.Event]:
        """The peer has read up to our message of that id: what an act of it or after it means.

        A correction may be what was read, or is not read yet although its message is.
        """
        rows = self._rows.select(
            "id = ? AND is_own AND +peer = ? ORDER BY rank LIMIT 1", (message_id, str(peer))
        )
        news: list[events.Event] = []
        for row in rows:
            if row.about:
                last = self._rows.select(
                    f"peer = ? AND is_own AND {STANDING} AND rank <= ? ORDER BY rank DESC LIMIT 1",
                    (str(peer), row.message.rank),
                )
                news += [events.ReadByPeer(peer, each.message.id) for each in last]
            touched = self._db.execute(
                "SELECT DISTINCT about FROM message WHERE peer = ? AND is_own AND about > 0"
                " AND deed = 'correction' AND rank >= ? LIMIT ?",
                (str(peer), row.message.rank, MOST_ANSWERS),
            ).fetchall()
            targets = [self._rows.of(key) for (key,) in touched]
            news += [events.MessageChanged(each.peer, self._shown(each)) for each in targets]
        return news

    def forget(self, row: Row) -> list[events.Event]:
        """The archive knows only that the message was there (XEP-0424 §5)."""
        news: list[events.Event] = []
        if not row.message.is_retracted:
            with self._changing(row, news):
                self._forget(row)
        return news

    # How.

    def _attach(self, acts: Sequence[Row], target: Row) -> list[events.Event]:
        """These `acts` are on `target`; what stood for itself does so no more."""
        news: list[events.Event] = []
        key = target.message.key
        names_anew = any(self._is_new_mention(each) for each in acts)
        names_anew = names_anew and not self._changed(target).is_mention
        with self._changing(target, news):
            for each in acts:
                if self._is_indexed(each):
                    self._index.remove(
                        each.message.key, each.message.findable, each.message.subject
                    )
                    news.append(events.MessageRemoved(each.peer, each.message.key))
                self._db.execute(
                    "UPDATE message SET about = ?1 WHERE about = ?2", (key, each.message.key)
                )
                self._db.execute(
                    "UPDATE message SET about = ? WHERE key = ?", (key, each.message.key)
                )
                self._spend(each, target)
            if any(isinstance(each, events.MessageRemoved) for each in news):
                # It was counted; that it is new is still to be told to its author (XEP-0333).
                peer, reading = target.peer, self._reading
                if names_anew:
                    self._make_unread(key)
                unread, mentions = reading.unread(peer), reading.mentions(peer)
                news.append(events.UnreadChanged(peer, *unread, mentions))
                names_anew = False
        if names_anew and self._changed(self._again(target)).is_mention:
            news.append(events.MentionAdded(target.peer, key, was_read=self._make_unread(key)))
        return news

    def _is_new_mention(self, act: Row) -> bool:
        """Whether `act` is a correction that names the user, who has not seen it."""
        return act.message.is_mention and act.message.is_text and self._is_unread(act.message.key)

    def _is_unread(self, key: int) -> bool:
        (is_unread,) = self._db.execute(
            "SELECT is_unread FROM message WHERE key = ?", (key,)
        ).fetchone()
        return bool(is_unread)

    def _make_unread(self, key: int) -> bool:
        """Let that message be unread; whether it was read."""
        changed = self._db.execute(
            "UPDATE message SET is_unread = 1 WHERE key = ? AND NOT is_unread", (key,)
        )
        return changed.rowcount > 0

    @contextmanager
    def _changing(self, target: Row, news: list[events.Event]) -> Iterator[None]:
        """`target` changes; the index follows, and `news` gets how it stands then."""
        before = self._changed(target)
        yield
        retracted = self._rows.select(
            "about = ? AND deed = 'retraction' AND coalesce(fate, 'READ') NOT IN"
            " ('QUEUED', 'SENT', 'FAILED') LIMIT 1",
            (target.message.key,),
        )
        if retracted or target.message.is_retracted:
            self._forget(target)
        target = self._again(target)
        after = self._changed(target)
        words = before.findable, before.subject
        if words != (after.findable, after.subject):
            self._index.remove(target.message.key, *words)
            self._index.add(target.message.key, after.findable, after.subject)
        if (words, before.edits) != ((after.findable, after.subject), after.edits):
            news += self._answers_to(target)
        news.append(events.MessageChanged(target.peer, self._shown(target)))

    def _forget(self, target: Row) -> None:
        names, key = self._all_names(target), target.message.key
        self._db.execute(
            "UPDATE message SET text = '', subject = '', reply_text = '', spoiler = NULL,"
            " is_unstyled = 0, files = '', matter = '', is_mention = 0, is_retracted = 1"
            " WHERE key = ?1 OR (about = ?1 AND deed = 'correction')",
            (key,),
        )
        self._db.execute(
            f"UPDATE message SET reply_text = '' WHERE reply_id IN ({', '.join('?' * len(names))})"
            " AND +peer = ?",
            (*names, str(target.peer)),
        )

    def _all_names(self, row: Row) -> tuple[str, ...]:
        """What it may be called by: what has corrected it stands for it."""
        corrections = (each for each in self._on(row.message.key) if each.is_text)
        return tuple(name for each in (row.message, *corrections) for name in _names(each))

    def _forget_quoted(self, row: Row) -> None:
        """What `row` answers may be retracted already."""
        reply = row.message.reply
        if reply is None or not reply.text:
            return
        for each in self._called(row, reply.id, is_by_archive=row.message.is_groupchat)[:1]:
            if each.message.is_retracted:
                self._db.execute(
                    "UPDATE message SET reply_text = '' WHERE key = ?", (row.message.key,)
                )

    def _answers_to(self, row: Row) -> list[events.Event]:
        """The messages that quote `row`, as they stand now."""
        names = self._all_names(row)
        answers = self._rows.select(
            f"reply_id IN ({', '.join('?' * len(names))}) AND reply_id != '' AND +peer = ?"
            f" AND {STANDING} ORDER BY rank DESC LIMIT ?",
            (*names, str(row.peer), MOST_ANSWERS),
        )
        return [events.MessageChanged(each.peer, self._shown(each)) for each in answers]

    def _spend(self, act: Row, target: Row) -> None:
        """Of a peer's reactions to one message only the last count: the others are on nothing.

        Ours stay: what the peer refuses is taken back.
        """
        if act.message.act is None or act.message.act.deed is not Deed.REACTIONS:
            return
        is_in_room = _is_in_room(target)
        alike = [
            each
            for each in self._rows.select(
                "about = ? AND deed = 'reactions' AND NOT is_own", (target.message.key,)
            )
            if _identity(each.message, is_in_room) == _identity(act.message, is_in_room)
        ]
        for each in sorted(alike, key=lambda row: (row.message.rank, row.message.key))[:-1]:
            self._db.execute("UPDATE message SET about = 0 WHERE key = ?", (each.message.key,))

    def _target(self, row: Row) -> Row | None:
        """The message that the act `row` is on, if it is known and `row` may."""
        act = row.message.act
        assert act is not None
        is_correction = act.deed is Deed.CORRECTION
        is_by_archive = row.message.is_groupchat and not is_correction
        candidates = self._called(row, act.target, is_by_archive=is_by_archive)
        if not candidates and act.deed is Deed.RETRACTION:
            # Where the room gives no ids, its author's is used (XEP-0424 §6.1).
            candidates = self._called(row, act.target, is_by_archive=False)
        return next((each for each in candidates if self._may(row, each)), None)

    def _called(self, row: Row, name: str, *, is_by_archive: bool) -> list[Row]:
        """What is called `name` in the conversation of `row`, the newest first.

        What has corrected another message stands for that (XEP-0444 §4.1).
        """
        if is_by_archive:
            found = self._rows.in_archive(row.peer, name)
            rows = [found] if found is not None else []
        else:
            rows = [
                each
                for where in ("id = ?", "origin_id = ? AND origin_id NOT IN ('', id)")
                for each in self._rows.select(
                    f"{where} AND +peer = ? ORDER BY key DESC LIMIT ?",
                    (name, str(row.peer), MOST_ALIKE),
                )
            ]
        targets = []
        for each in rows:
            if each.about and each.message.is_text:
                each = self._rows.of(each.about)
            if each.message.is_text and not each.about and each.message.key != row.message.key:
                targets.append(each)
        return targets

    def _is_called(self, target: Row, act: Row) -> bool:
        """Whether `act`, which names `target` somehow, does so in the way in which it is to."""
        assert act.message.act is not None
        deed, name = act.message.act.deed, act.message.act.target
        is_by_archive = target.message.is_groupchat and deed is not Deed.CORRECTION
        if name == target.message.archive_id:
            return is_by_archive
        return not is_by_archive or deed is Deed.RETRACTION

    def _may(self, act: Row, target: Row) -> bool:
        """Whether the author of `act` may do that to `target`.

        Only who wrote it may change or retract it: the same user, in a room the same occupant
        (XEP-0308 §4, XEP-0424 §6). A room itself may retract what is said in it (XEP-0425 §5).
        """
        deed = act.message.act.deed if act.message.act is not None else None
        if deed is Deed.REACTIONS:
            return True
        author = act.message.author
        if deed is Deed.RETRACTION and act.message.is_groupchat and author == act.peer:
            return True
        if not _is_in_room(target):
            return author.bare == target.message.author.bare
        if act.message.occupant and target.message.occupant:
            return act.message.occupant == target.message.occupant
        if act.message.is_own or target.message.is_own:
            return act.message.is_own and target.message.is_own
        return author == target.message.author and self._was_there(act.message, target.message)

    def _was_there(self, act: Message, target: Message) -> bool:
        """Whether who has that nick now has had it ever since `target` came."""
        row = self._db.execute(
            "SELECT since FROM occupant WHERE slot = ? AND room = ? AND nick = ?",
            (self._slot, str(act.author.bare), act.author.resource),
        ).fetchone()
        return act.route is Route.LIVE and row is not None and target.rank > row[0]

    def _is_indexed(self, act: Row) -> bool:
        """Whether `act` has stood for itself until now, so that its words can be found."""
        if not act.message.is_text:
            return False
        found = self._db.execute("SELECT 1 FROM word WHERE rowid = ?", (act.message.key,))
        return found.fetchone() is not None

    def _again(self, row: Row) -> Row:
        return self._rows.of(row.message.key)


def _is_in_room(row: Row) -> bool:
    """Whether its authors are occupants of a room: all are there, or it is between two."""
    return row.message.is_groupchat or bool(row.peer.resource)


def _key(message: Message) -> int:
    return message.key


def _identity(message: Message, is_in_room: bool) -> str:
    author = message.author if is_in_room else message.author.bare
    return message.occupant or str(author)


def _names(message: Message) -> tuple[str, ...]:
    """What others may call it by."""
    names = dict.fromkeys((message.id, message.origin_id, message.archive_id))
    return tuple(name for name in names if name)
