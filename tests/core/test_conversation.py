"""A conversation: what is unread, where the new begins, and whose fate is open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeGuard

from termxmpp.core.conversation import KEPT, LONG, Conversation
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Notice

BOB = Jid.parse("bob@example.org")
ALICE = Jid.parse("alice@example.org")
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def heard(text: str, rank: int = 0) -> Message:
    return Message(text, BOB, text, NOW, key=key_of(text), rank=rank)


def written(text: str, fate: Fate = Fate.QUEUED, rank: int = 0) -> Message:
    return Message(text, ALICE, text, NOW, is_own=True, fate=fate, key=-key_of(text), rank=rank)


def key_of(text: str) -> int:
    """As the store would give it: another for each text."""
    return int.from_bytes(text.encode(), "big")


def test_what_others_write_is_unread_and_what_we_write_is_not() -> None:
    talk = Conversation(BOB)
    talk.add(written("hello"))
    talk.add(heard("hi"))
    talk.add(heard("there"))
    talk.add(Notice("a notice", NOW))
    assert (talk.unread, talk.first_unread) == (2, key_of("hi"))


def test_the_line_where_the_new_begins_stays_until_one_turns_away() -> None:
    talk = Conversation(BOB)
    talk.add(heard("one"))
    talk.read()
    assert (talk.unread, talk.first_unread) == (0, key_of("one"))
    talk.add(heard("two"))
    assert (talk.unread, talk.first_unread) == (1, key_of("one"))
    talk.leave()
    assert talk.first_unread == key_of("one")
    talk.read()
    talk.leave()
    assert talk.first_unread is None
    talk.add(heard("three"))
    assert talk.first_unread == key_of("three")


def test_what_is_seen_coming_is_new_to_nobody() -> None:
    talk = Conversation(BOB)
    talk.add(heard("one"))
    talk.read(is_seen_coming=True)
    assert talk.first_unread is None
    talk.add(heard("two"))
    talk.add(heard("three"))
    talk.read(is_seen_coming=True)
    assert talk.first_unread == key_of("two")


def test_a_fate_belongs_to_a_message_of_ours_only() -> None:
    talk = Conversation(BOB)
    talk.add(heard("same id"))
    talk.set_fate("same id", Fate.FAILED, "no")
    talk.set_fate("no such id", Fate.FAILED, "no")
    assert talk.entries == [heard("same id")]
    talk.add(written("same id"))
    talk.set_fate("same id", Fate.SENT)
    message = talk.own("same id")
    assert message is not None
    assert message.fate is Fate.SENT


def test_every_change_is_a_new_revision_and_no_change_is_none() -> None:
    talk = Conversation(BOB)
    revisions = [talk.revision]
    changes: list[Callable[[], None]] = [
        lambda: talk.add(written("a")),
        lambda: talk.set_fate("a", Fate.SENT),
        lambda: talk.set_fate("a", Fate.SENT, "unproven"),
        lambda: talk.set_fate("a", Fate.ACKNOWLEDGED),
        lambda: talk.add(heard("b")),
        talk.read,
        talk.leave,
        talk.clear,
    ]
    for change in changes:
        change()
        revisions.append(talk.revision)
    assert revisions == sorted(set(revisions))
    before = talk.revision
    talk.read()
    talk.leave()
    talk.set_fate("a", Fate.SENT)
    assert talk.revision == before


def test_clearing_forgets_no_message_whose_fate_is_open() -> None:
    talk = Conversation(BOB)
    for entry in (heard("a"), written("b"), written("c", Fate.ACKNOWLEDGED), Notice("d", NOW)):
        talk.add(entry)
    talk.clear()
    assert talk.entries == [written("b")]
    talk.set_fate("b", Fate.SENT)
    message = talk.own("b")
    assert message is not None
    assert message.fate is Fate.SENT
    assert (talk.unread, talk.first_unread) == (0, None)


def test_what_is_told_after_clearing_stands_behind_what_is_read_again() -> None:
    talk = Conversation(BOB)
    messages = [heard("a", 1024), heard("b", 2048)]
    for each in messages:
        talk.add(each)
    talk.clear()
    talk.add(Notice("told", NOW))
    talk.prepend(messages, has_older=False)
    assert texts(talk) == ["a", "b", "told"]
    talk.add(heard("c", 3072))
    assert texts(talk) == ["a", "b", "told", "c"]


def texts(talk: Conversation) -> list[str]:
    return [entry.text for entry in talk.entries]


def test_messages_stand_in_the_order_of_their_ranks() -> None:
    talk = Conversation(BOB)
    talk.add(heard("a", 10))
    talk.add(heard("d", 40))
    talk.add(Notice("said here", NOW))
    talk.place([heard("c", 30), heard("b", 20)], [key_of("c")])
    assert texts(talk) == ["a", "b", "c", "d", "said here"]
    assert talk.unread == 3
    talk.place([heard("a", 35)])
    assert texts(talk) == ["b", "c", "a", "d", "said here"]
    assert talk.own("a") is None


def test_the_first_unread_is_the_oldest_whenever_it_came() -> None:
    talk = Conversation(BOB)
    talk.add(heard("b", 20))
    talk.place([heard("a", 10)], [key_of("a")])
    assert talk.first_unread == key_of("a")
    talk.place([heard("0", 5)])
    assert talk.first_unread == key_of("a")


def test_what_lies_beyond_what_is_at_hand_stays_in_the_store() -> None:
    talk = Conversation(BOB)
    talk.prepend([heard("m", 100)], has_older=True)
    talk.place([heard("far", 50)], [key_of("far")])
    assert texts(talk) == ["m"]
    assert talk.unread == 1
    talk.prepend([heard("far", 50)], has_older=False)
    assert texts(talk) == ["far", "m"]
    talk.place([heard("farther", 10)])
    assert texts(talk) == ["farther", "far", "m"]


def test_the_fate_reaches_a_message_that_has_moved() -> None:
    talk = Conversation(BOB)
    talk.add(written("mine", rank=10))
    talk.add(heard("b", 20))
    talk.place([written("mine", Fate.SENT, rank=30)])
    assert texts(talk) == ["b", "mine"]
    talk.set_fate("mine", Fate.READ)
    moved = talk.own("mine")
    assert moved is not None
    assert moved.fate is Fate.READ


def test_what_the_peer_has_read_it_has_read_with_all_before() -> None:
    """What nobody has confirmed may have been lost, and what came after is another matter."""
    talk = Conversation(BOB)
    fates = (Fate.RECEIVED, Fate.FAILED, Fate.SENT, Fate.ACKNOWLEDGED, Fate.SENT, Fate.RECEIVED)
    for place, fate in enumerate(fates):
        talk.add(written(f"m{place}", fate, rank=place))
        talk.add(heard(f"h{place}", rank=place))
    talk.add(Notice("a notice", NOW))
    talk.read_by_peer("m4")
    shown = [entry.fate for entry in talk.entries if isinstance(entry, Message) and entry.is_own]
    assert shown == [Fate.READ, Fate.FAILED, Fate.SENT, Fate.READ, Fate.READ, Fate.RECEIVED]
    before = talk.revision
    for name in ("m4", "m0", "nothing", "h5"):
        talk.read_by_peer(name)
    assert talk.revision == before


def test_what_is_read_elsewhere_is_no_more_unread_here_and_never_again() -> None:
    talk = Conversation(BOB)
    for rank, text in enumerate(("a", "b", "c")):
        talk.add(heard(text, rank))
    talk.read_elsewhere(1, key_of("c"))
    assert (talk.unread, talk.first_unread) == (1, key_of("c"))
    talk.read_elsewhere(2, key_of("b"))
    assert (talk.unread, talk.first_unread) == (1, key_of("c"))


def test_what_is_read_elsewhere_moves_no_mark_under_the_eyes_of_the_reader() -> None:
    """Our own reading comes back from the server as news."""
    talk = Conversation(BOB)
    talk.add(heard("a"))
    talk.read()
    talk.read_elsewhere(0, None)
    assert talk.first_unread == key_of("a")


def long(count: int) -> Conversation:
    """A conversation with `count` messages, every tenth of them ours and confirmed."""
    talk = Conversation(BOB)
    for rank in range(count):
        text = f"t{rank}"
        talk.add(
            written(text, Fate.ACKNOWLEDGED, rank) if rank % 10 == 0 else heard(text, rank=rank)
        )
    return talk


def test_of_a_long_conversation_only_the_newest_is_kept_at_hand() -> None:
    talk = long(LONG)
    assert not talk.is_long
    talk.add(heard("last", rank=LONG))
    assert talk.is_long
    unread = talk.unread
    talk.forget_older()
    assert len(talk.entries) == KEPT
    assert texts(talk)[-1] == "last"
    assert talk.has_older
    assert (talk.unread, talk.first_unread) == (unread, key_of("t1"))
    assert key_of("t1") not in talk
    assert talk.own("t0") is None
    talk.read_by_peer("t740")
    assert all(entry.fate is Fate.READ for entry in talk.entries if entry_is_own(entry))


def entry_is_own(entry: Message | Notice) -> TypeGuard[Message]:
    return isinstance(entry, Message) and entry.is_own


def test_what_is_forgotten_comes_back_in_its_place() -> None:
    talk = long(LONG + 1)
    before = list(talk.entries)
    talk.forget_older()
    gone = before[: len(before) - KEPT]
    talk.prepend([entry for entry in gone if isinstance(entry, Message)], has_older=False)
    assert talk.entries == before
    assert talk.message(key_of("t1")) == before[1]
    message = talk.own("t0")
    assert message is not None
    talk.read_by_peer("t10")
    assert [entry.fate for entry in talk.entries[:21:10] if entry_is_own(entry)] == [
        Fate.READ,
        Fate.READ,
        Fate.ACKNOWLEDGED,
    ]


def test_what_has_one_rank_is_not_parted() -> None:
    """A transient message has the rank of the one before it, from which the store goes on."""
    talk = Conversation(BOB)
    for rank in range(LONG + 1):
        talk.add(heard(f"t{rank}", rank=min(rank, LONG - KEPT)))
    talk.forget_older()
    assert len(talk.entries) == KEPT + 1


def test_what_termxmpp_said_is_forgotten_where_no_store_has_more() -> None:
    console = Conversation(BOB)
    for number in range(LONG + 1):
        console.add(Notice(f"n{number}", NOW))
    console.forget_older()
    assert len(console.entries) == KEPT
    assert not console.has_older


def test_each_entry_is_found_by_its_key() -> None:
    talk = Conversation(BOB)
    for entry in (heard("a", rank=1), Notice("n", NOW), Notice("n", NOW), heard("b", rank=2)):
        talk.add(entry)
    assert [talk.place_of(entry.key) for entry in talk.entries] == [0, 1, 2, 3]
    assert talk.place_of(key_of("c")) is None
    assert talk.message(talk.entries[1].key) is None


def test_nothing_comes_into_a_part_of_the_past_that_lies_beyond_it() -> None:
    past = Conversation(BOB)
    past.prepend([heard("m", 50), heard("p", 60)], has_older=True)
    past.has_newer = True
    past.place([heard("older", 10), heard("newer", 90), heard("n", 55)])
    assert texts(past) == ["m", "n", "p"]
    assert past.has_older
    past.append([heard("q", 70), heard("newer", 90)], has_newer=False)
    assert texts(past) == ["m", "n", "p", "q", "newer"]


def test_a_part_of_the_past_joins_what_it_reaches() -> None:
    present = Conversation(BOB)
    present.prepend([heard("y", 90), heard("z", 95)], has_older=True)
    past = Conversation(BOB)
    past.prepend([heard("m", 50)], has_older=True)
    past.has_newer = True
    assert not past.reaches(present)
    past.append([heard("q", 70), heard("y", 90)], has_newer=True)
    assert past.reaches(present)
    present.add(heard("now", 99))
    present.join(past)
    assert texts(present) == ["m", "q", "y", "z", "now"]
    assert present.has_older
