"""A conversation: its messages in order, and what of it is unread.

Changed by `State.apply` only; everybody else reads. The order is that of the ranks, which the
store gives; what termxmpp itself says stays where it was said.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace

from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Notice
from termxmpp.core.picture import Picture

__all__ = ["Conversation"]

# So many entries are kept at hand for scrolling; older ones are in the store. They are forgotten
# many at once, so that most messages cost nothing of it.
KEPT, LONG = 500, 750

# So many are forgotten in one turn: no key waits for it.
FORGOTTEN = 2000

# Of the past no more than this is at hand either; where it gets more, the nearest are kept.
FAR, NEAR = 2000, 1000

# Of these it is known that they have not been lost on the way.
CONFIRMED = frozenset({Fate.ACKNOWLEDGED, Fate.RECEIVED})

# What is not at hand is older than all that is.
OLDEST = -(2**63)

# Keys of notices, from here on: the store gives none of these.
NOTICES = -(2**62)


class Conversation:
    """The entries of one conversation, oldest first.

    `unread` counts peers' messages since it was last read, `mentions` those of them that name the
    user; `first_unread` is the key of the oldest of them, or None; `is_changed`: a peer's message
    has become another since. `has_older` tells whether the
    store holds more before the first entry, `has_newer` whether behind the last one: then this is
    a part of the past, into which nothing comes. `revision` grows with every change, so that a
    drawing of the conversation can be kept until it is out of date.
    """

    def __init__(self, peer: Jid) -> None:
        self.peer = peer
        self.entries: list[Message | Notice] = []
        self.unread = 0
        self.mentions = 0
        self.first_unread: int | None = None
        self.is_changed = False
        self.has_older = False
        self.has_newer = False
        self.revision = 0
        # A notice has the rank of what it stands behind, also if that is not at hand any more.
        self._ranks: list[int] = []
        self._last = 0
        self._rank_of: dict[int, int] = {}
        self._own: dict[str, int] = {}
        # Of ours, what is confirmed and not read.
        self._confirmed: set[int] = set()
        self._notices = 0

    def __contains__(self, key: int) -> bool:
        return key in self._rank_of

    def add(self, entry: Message | Notice) -> None:
        """Put `entry` where it belongs; a peer's message counts as unread."""
        if isinstance(entry, Notice):
            self._notices += 1
            noted = replace(entry, key=NOTICES + self._notices)
            self._insert(len(self.entries), self._ranks[-1] if self._ranks else self._last, noted)
            self._rank_of[noted.key] = self._ranks[-1]
        else:
            self._place(entry)
            if not entry.is_own:
                self.mentions += entry.is_mention
                self._count(1, [entry])
        self.revision += 1

    def fold(self, notice: Notice) -> None:
        """Put `notice` at the end, in place of the last entry if that was folded, too."""
        last = self.entries[-1] if self.entries else None
        if isinstance(last, Notice) and last.is_folded:
            self._remove(last.key)
        if notice.text:
            self.add(notice)
        self.revision += 1

    def place(self, messages: Iterable[Message], unread: Sequence[int] = ()) -> None:
        """Put `messages` in their order among the others, or move those that are here already.

        `unread` are the keys of those that nobody has seen. Where they are older than the
        entries and there is more between, they are left in the store.
        """
        placed = []
        for message in messages:
            self.mentions += message.is_mention and message.key in unread
            if message.key in self._rank_of:
                self._remove(message.key)
            elif self._is_out_of_reach(message.rank):
                self.has_older |= message.rank < self._ranks[0]
                continue
            self._place(message)
            placed.append(message)
        self._count(len(unread), [message for message in placed if message.key in unread])
        self.revision += 1

    def change(self, message: Message) -> None:
        """Something was done to `message`; one that is not at hand is read from the store."""
        self.is_changed |= not message.is_own
        rank = self._rank_of.get(message.key)
        if rank == message.rank:
            self._replace(message)
        elif rank is not None:
            self.place([message])

    def add_mention(self, key: int, *, was_read: bool) -> None:
        """The message with that key names the user now; if it `was_read`, it is unread again."""
        self.mentions += 1
        if was_read:
            self.unread += 1
            first, rank = self.first_unread, self._rank_of.get(key, OLDEST)
            if first is None or rank < self._rank_of.get(first, OLDEST):
                self.first_unread = key
        self.revision += 1

    def show_pictures(self, key: int, pictures: tuple[Picture, ...]) -> None:
        """So look the pictures of the message with that key, if it is at hand."""
        message = self.message(key)
        if message is not None and not message.is_retracted:
            self._replace(replace(message, pictures=pictures))

    def remove(self, key: int) -> None:
        """The message with that key stands for itself no more."""
        if key in self._rank_of:
            entry = self.entries[self._position(key)]
            if isinstance(entry, Message) and self._own.get(entry.id) == key:
                del self._own[entry.id]
            self._confirmed.discard(key)
            self._remove(key)
            self.revision += 1

    def prepend(self, messages: Sequence[Message], *, has_older: bool) -> None:
        """Put older `messages` from the store, which are in order, before the entries."""
        new = [message for message in messages if message.key not in self._rank_of]
        if new and (not self._ranks or new[-1].rank <= self._ranks[0]):
            self.entries[:0] = new
            self._ranks[:0] = [message.rank for message in new]
            for message in new:
                self._note(message)
        else:
            for message in new:
                self._place(message)
        self.has_older = has_older
        self.revision += 1

    def append(self, messages: Sequence[Message], *, has_newer: bool) -> None:
        """Put newer `messages` from the store behind the entries of a part of the past."""
        for message in messages:
            if message.key not in self._rank_of:
                self._place(message)
        self.has_newer = has_newer
        self.revision += 1

    def reaches(self, other: Conversation) -> bool:
        """Whether nothing lies between this part of the past and `other`, which goes on there."""
        begins = next((each.rank for each in other.entries if isinstance(each, Message)), None)
        if begins is None or not self._ranks:
            return not self.has_newer
        return self._ranks[-1] >= begins

    def join(self, past: Conversation) -> None:
        """Take over `past`, which reaches as far as here."""
        messages = [entry for entry in past.entries if isinstance(entry, Message)]
        self.prepend(messages, has_older=past.has_older)

    @property
    def is_long(self) -> bool:
        """Whether more is at hand than anybody needs who looks at the end."""
        return len(self.entries) > LONG

    @property
    def is_far(self) -> bool:
        """Whether so much is at hand that one end of it is far from the other."""
        return len(self.entries) > FAR

    def oldest(self) -> tuple[Message, ...]:
        """The first messages at hand, which are kept of what is far."""
        return tuple(each for each in self.entries[:NEAR] if isinstance(each, Message))

    def newest(self) -> tuple[Message, ...]:
        """The last messages at hand, which are kept of what is far."""
        return tuple(each for each in self.entries[-NEAR:] if isinstance(each, Message))

    def forget_older(self) -> None:
        """Keep at hand only what is newest; the messages before are in the store.

        Of what is much too long only a part goes at once.
        """
        count = min(len(self.entries) - KEPT, FORGOTTEN)
        while count > 0 and self._is_one_place(count):
            count -= 1
        if count <= 0:
            return
        forgotten = self.entries[:count]
        del self.entries[:count], self._ranks[:count]
        for entry in forgotten:
            del self._rank_of[entry.key]
            if isinstance(entry, Message):
                self.has_older = True
                self._confirmed.discard(entry.key)
                if self._own.get(entry.id) == entry.key:
                    del self._own[entry.id]
        self.revision += 1

    def place_of(self, key: int) -> int | None:
        """Where among the entries that with `key` stands; None if it is not at hand."""
        return self._position(key) if key in self._rank_of else None

    def message(self, key: int) -> Message | None:
        """The message with that key, if it is at hand."""
        place = self.place_of(key)
        entry = self.entries[place] if place is not None else None
        return entry if isinstance(entry, Message) else None

    def restore_unread(self, unread: int, first: int | None, mentions: int = 0) -> None:
        """What the store knows to be unread: how many, the key of the first, and mentions."""
        self.unread, self.first_unread, self.mentions = unread, first, mentions
        self.revision += 1

    def index_of(self, rank: int) -> int:
        """How many of the entries stand before that rank."""
        return bisect_left(self._ranks, rank)

    def own(self, message_id: str) -> Message | None:
        """The message of ours with that id."""
        key = self._own.get(message_id)
        entry = self.entries[self._position(key)] if key is not None else None
        return entry if isinstance(entry, Message) else None

    def set_fate(self, message_id: str, fate: Fate, reason: str = "") -> None:
        """Let the fate of our message come as far as `fate`; unknown ids are ignored."""
        message = self.own(message_id)
        if message is None or message.fate is None:
            return
        now = message.fate.becomes(fate)
        if now is not message.fate or (now is fate and reason != message.reason):
            self._replace(replace(message, fate=now, reason=reason))

    def read_by_peer(self, message_id: str) -> None:
        """The peer has read our message of that id, and with it all of ours before.

        What nobody has confirmed may have been lost, also if what came after it was read.
        """
        last = self.own(message_id)
        if last is None:
            return
        self.set_fate(message_id, Fate.READ)
        for key in [key for key in self._confirmed if self._rank_of[key] <= last.rank]:
            message = self.message(key)
            if message is not None:
                self._replace(replace(message, fate=Fate.READ))

    def read_elsewhere(self, unread: int, first: int | None, mentions: int = 0) -> None:
        """The user has read on another device; what is read already stays so."""
        if unread < self.unread:
            self.restore_unread(unread, first, mentions)

    def read(self, *, is_seen_coming: bool = False) -> None:
        """Nothing is unread any more.

        The place of the first unread stays until the reader turns away, but for what
        `is_seen_coming`: that is new to nobody.
        """
        self.is_changed = False
        if self.unread:
            last = self.entries[-1] if self.entries else None
            if is_seen_coming and isinstance(last, Message) and self.first_unread == last.key:
                self.first_unread = None
            self.unread = self.mentions = 0
            self.revision += 1

    def leave(self) -> None:
        """The reader turned away: what was read needs no mark of where the new begins."""
        if not self.unread and self.first_unread is not None:
            self.first_unread = None
            self.revision += 1

    def clear(self) -> None:
        """Forget what is shown, but keep messages whose fate is still open."""
        kept = [
            entry
            for entry in self.entries
            if isinstance(entry, Message) and entry.fate in (Fate.QUEUED, Fate.SENT)
        ]
        if self._ranks:
            # What is read from the store again stands before what is told from now on.
            self._last = self._ranks[-1] + 1
        self.entries, self._ranks = [], []
        self._rank_of, self._own, self._confirmed = {}, {}, set()
        for entry in kept:
            self._place(entry)
        self.unread, self.mentions, self.first_unread = 0, 0, None
        self.has_older = True
        self.revision += 1

    def _is_out_of_reach(self, rank: int) -> bool:
        if not self._ranks:
            return False
        is_older = rank < self._ranks[0] and (self.has_older or len(self.entries) >= KEPT)
        return is_older or (rank > self._ranks[-1] and self.has_newer)

    def _is_one_place(self, count: int) -> bool:
        """Whether what stands on both sides of a cut there has one rank, and so is one thing."""
        sides = self.entries[count - 1 : count + 1]
        is_said = any(isinstance(entry, Message) for entry in sides)
        return is_said and self._ranks[count - 1] == self._ranks[count]

    def _place(self, message: Message) -> None:
        self._insert(bisect_right(self._ranks, message.rank), message.rank, message)
        self._note(message)

    def _note(self, message: Message) -> None:
        self._rank_of[message.key] = message.rank
        if message.is_own:
            self._own[message.id] = message.key
            self._note_fate(message)

    def _note_fate(self, message: Message) -> None:
        if message.fate in CONFIRMED:
            self._confirmed.add(message.key)
        else:
            self._confirmed.discard(message.key)

    def _replace(self, message: Message) -> None:
        place = self._position(message.key)
        before = self.entries[place]
        if isinstance(before, Message) and before.files == message.files and not message.pictures:
            # The store does not know how they look.
            message = replace(message, pictures=before.pictures)
        self.entries[place] = message
        self._note_fate(message)
        self.revision += 1

    def _insert(self, position: int, rank: int, entry: Message | Notice) -> None:
        self.entries.insert(position, entry)
        self._ranks.insert(position, rank)

    def _remove(self, key: int) -> None:
        position = self._position(key)
        del self.entries[position], self._ranks[position], self._rank_of[key]
        self._confirmed.discard(key)

    def _position(self, key: int) -> int:
        position = bisect_left(self._ranks, self._rank_of[key])
        while self.entries[position].key != key:
            position += 1
        return position

    def _count(self, unread: int, messages: Sequence[Message]) -> None:
        self.unread += unread
        if not messages:
            return
        first = min(messages, key=lambda message: message.rank)
        if self.first_unread is None or self._rank_of.get(self.first_unread, OLDEST) > first.rank:
            self.first_unread = first.key
