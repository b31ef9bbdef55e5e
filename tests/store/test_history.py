"""Messages: each recorded once, whichever ways it comes, with one fate, read or unread."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from termxmpp.core.events import (
    ArchivePaged,
    Event,
    FateChanged,
    MessageReceived,
    MessagesPlaced,
    MessageWritten,
    ReadElsewhere,
)
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Route
from termxmpp.store.database import in_memory
from termxmpp.store.history import History
from termxmpp.store.places import STEP

ALICE = Jid.parse("alice@example.org/here")
BOB, CAROL = Jid.parse("bob@example.org"), Jid.parse("carol@example.org")
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)

HELLO = Message("a", BOB.with_resource("desk"), "hello", NOON)
MINE = Message(
    "m", ALICE, "hi", NOON, True, Fate.QUEUED, route=Route.WRITTEN, origin_id="m", subject="s"
)

# The ways on which a peer's message comes.
THEIRS = (Route.LIVE, Route.OFFLINE, Route.CARBON, Route.ARCHIVE)


@pytest.fixture
def db() -> sqlite3.Connection:
    return in_memory()


@pytest.fixture
def history(db: sqlite3.Connection) -> History:
    """That of the first instance."""
    return History(db, 0)


@pytest.fixture
def others(db: sqlite3.Connection) -> History:
    """That of another instance on the same records."""
    return History(db, 1)


def by(message: Message, route: Route, archive_id: str = "") -> Message:
    """`message` as it comes on that way."""
    fate = Fate.ACKNOWLEDGED if message.is_own else None
    return replace(message, route=route, archive_id=archive_id, fate=fate)


def kept(history: History, peer: Jid = BOB) -> list[Message]:
    messages, _ = history.newest(peer, 1000)
    return messages


def texts(history: History, peer: Jid = BOB) -> list[str]:
    return [message.text for message in kept(history, peer)]


def fate(history: History, message_id: str = "m") -> tuple[Fate | None, str]:
    [found] = [message for message in kept(history) if message.id == message_id]
    return found.fate, found.reason


def page(history: History, *messages: tuple[Jid, Message], is_last: bool = True) -> Sequence[Event]:
    """Let a page of the archive come, for a gap that is opened if there is none."""
    if not history.gaps():
        history.raise_floor()
        history.open_gap()
    gap = history.gaps()[-1]
    return history.fill(ArchivePaged(gap.number, messages, messages[0][1].archive_id, is_last))


# One message is recorded once.


def test_a_message_comes_back_as_it_was(history: History) -> None:
    message = replace(
        HELLO,
        text="two\nlines of 日本 😀",
        at=NOON + timedelta(microseconds=1),
        subject="subject",
        is_delayed=True,
        route=Route.OFFLINE,
        origin_id="o",
        archive_id="x",
    )
    [news] = history.add(BOB, message)
    assert isinstance(news, MessageReceived)
    assert news.message == replace(message, key=1, rank=STEP)
    [mine] = history.add(BOB, MINE)
    assert isinstance(mine, MessageWritten)
    assert kept(history) == [news.message, mine.message]


@pytest.mark.parametrize("first", THEIRS)
@pytest.mark.parametrize("second", THEIRS)
@pytest.mark.parametrize("ids", [("", ""), ("x", ""), ("", "x"), ("x", "x"), ("x", "y")])
def test_copies_by_two_ways_are_one_message_unless_the_archive_knows_two(
    history: History, first: Route, second: Route, ids: tuple[str, str]
) -> None:
    """By one way the same id says nothing without the archive: bots reuse theirs."""
    history.add(BOB, by(HELLO, first, ids[0]))
    news = history.add(BOB, by(HELLO, second, ids[1]))
    is_one = ids == ("x", "x") or (ids != ("x", "y") and first is not second)
    assert len(kept(history)) == (1 if is_one else 2)
    assert bool(news) is not is_one


def test_two_live_messages_are_never_one(history: History) -> None:
    for archive_id in ("", "", "x", "y"):
        assert history.add(BOB, by(HELLO, Route.LIVE, archive_id))
    assert texts(history) == ["hello"] * 4


@pytest.mark.parametrize(
    "other",
    [
        replace(HELLO, text="hello!"),
        replace(HELLO, id="b"),
        replace(HELLO, author=BOB.with_resource("phone")),
    ],
)
def test_copies_that_differ_are_two_messages(history: History, other: Message) -> None:
    history.add(BOB, HELLO)
    assert history.add(BOB, by(other, Route.CARBON))
    assert len(kept(history)) == 2


def test_one_id_in_two_conversations_names_two_messages(history: History) -> None:
    history.add(BOB, HELLO)
    assert history.add(CAROL, by(HELLO, Route.CARBON))
    assert (texts(history, BOB), texts(history, CAROL)) == (["hello"], ["hello"])


def test_without_an_id_only_the_archive_knows_copies(history: History) -> None:
    nameless = replace(HELLO, id="")
    history.add(BOB, nameless)
    assert history.add(BOB, by(nameless, Route.CARBON))
    history.add(BOB, by(nameless, Route.LIVE, "x"))
    assert not history.add(BOB, by(nameless, Route.CARBON, "x"))
    assert len(kept(history)) == 3


def test_of_two_that_a_copy_may_be_of_it_is_of_the_nearer_in_time(history: History) -> None:
    times = [NOON + timedelta(hours=hour) for hour in range(3)]
    for at in times:
        history.add(BOB, replace(HELLO, at=at))
    page(history, (BOB, by(replace(HELLO, at=times[1] + timedelta(minutes=1)), Route.ARCHIVE, "x")))
    assert [message.archive_id for message in kept(history)] == ["", "x", ""]


def test_one_id_for_everything_costs_no_more_the_longer_it_goes_on(
    db: sqlite3.Connection, history: History
) -> None:
    steps = [0]

    def step() -> None:
        steps[0] += 1

    counts = []
    for number in range(1500):
        steps[0] = 0
        db.set_progress_handler(step, 100)
        history.add(BOB, replace(HELLO, text=f"{number}", archive_id=f"{number}"))
        db.set_progress_handler(None, 0)
        counts.append(steps[0])
    assert max(counts[1000:]) < 2 * max(counts[500:600])


def test_a_copy_gives_the_archive_id_that_was_not_known(history: History) -> None:
    history.add(BOB, HELLO)
    history.add(BOB, by(HELLO, Route.CARBON, "x"))
    assert [message.archive_id for message in kept(history)] == ["x"]


def test_an_archive_id_counts_whatever_else_differs(history: History) -> None:
    """The server may change what a message holds on its way into the archive."""
    history.add(BOB, by(HELLO, Route.LIVE, "x"))
    changed = replace(HELLO, id="other", text="[link removed]", author=BOB)
    assert not history.add(BOB, by(changed, Route.CARBON, "x"))
    assert texts(history) == ["hello"]


@settings(deadline=None)
@given(st.permutations([route for route in THEIRS for _ in range(2)]))
def test_in_any_order_all_copies_are_one(routes: list[Route]) -> None:
    history = History(in_memory(), 0)
    for route in routes:
        history.add(BOB, by(HELLO, route, "x" if route is not Route.OFFLINE else ""))
    # What comes twice by one way without an archive id may be another.
    offline = len([message for message in kept(history) if message.route is Route.OFFLINE])
    assert len(kept(history)) == max(1, offline)


def test_what_is_to_be_kept_nowhere_is_told_and_not_kept(history: History) -> None:
    """Its keys are nobody else's (XEP-0334 §4.2)."""
    history.add(BOB, HELLO)
    secret = replace(HELLO, id="s", text="secret", is_transient=True)
    told = [event for _ in range(2) for event in history.add(BOB, secret)]
    keys = {event.message.key for event in told if isinstance(event, MessageReceived)}
    assert len(keys) == 2
    assert all(key < 0 for key in keys)
    assert texts(history) == ["hello"]
    assert history.index.find("secret", 1) == []


# What we wrote ourselves.


@pytest.mark.parametrize("route", [Route.CARBON, Route.ARCHIVE])
@pytest.mark.parametrize("copied", [MINE, replace(MINE, id="else"), replace(MINE, origin_id="")])
def test_what_we_wrote_is_known_again_by_either_id(
    history: History, route: Route, copied: Message
) -> None:
    """Servers may change one of them, and the text; nobody guesses ours."""
    history.add(BOB, MINE)
    news = history.add(BOB, by(replace(copied, text="hi (changed)"), route, "x"))
    assert news == [FateChanged(BOB, "m", Fate.ACKNOWLEDGED)]
    assert [(each.text, each.archive_id) for each in kept(history)] == [("hi", "x")]


def test_a_copy_of_what_we_wrote_proves_that_it_arrived_once(history: History) -> None:
    history.add(BOB, MINE)
    history.set_fate(BOB, "m", Fate.SENT, "who knows")
    assert history.add(BOB, by(MINE, Route.CARBON)) == [FateChanged(BOB, "m", Fate.ACKNOWLEDGED)]
    assert history.add(BOB, by(MINE, Route.ARCHIVE, "x")) == []
    assert fate(history) == (Fate.ACKNOWLEDGED, "")


def test_what_another_device_wrote_is_one_message_by_all_ways(history: History) -> None:
    theirs = replace(MINE, author=ALICE.with_resource("phone"))
    [news] = history.add(BOB, by(theirs, Route.CARBON))
    assert isinstance(news, MessageReceived)
    assert history.add(BOB, by(theirs, Route.ARCHIVE, "x")) == []
    assert [message.archive_id for message in kept(history)] == ["x"]


def test_what_a_peer_claims_with_our_id_is_its_own(history: History) -> None:
    history.add(BOB, MINE)
    forged = replace(HELLO, id="m", origin_id="m", text="hi")
    assert history.add(BOB, by(forged, Route.OFFLINE))
    assert texts(history) == ["hi", "hi"]
    assert [each.fate for _, each in history.pending()] == [Fate.QUEUED]


def test_writing_the_same_twice_is_writing_two(history: History) -> None:
    for message_id in ("m", "n"):
        history.add(BOB, replace(MINE, id=message_id, origin_id=message_id))
    assert texts(history) == ["hi", "hi"]


# Fates.


def test_a_fate_moves_forward_and_is_kept(history: History) -> None:
    history.add(BOB, MINE)
    steps = [
        (Fate.SENT, "unproven", (Fate.SENT, "unproven")),
        (Fate.RECEIVED, "", (Fate.RECEIVED, "")),
        (Fate.ACKNOWLEDGED, "", (Fate.RECEIVED, "")),
        (Fate.FAILED, "bounced", (Fate.RECEIVED, "")),
        (Fate.READ, "", (Fate.READ, "")),
    ]
    for newer, reason, expected in steps:
        history.set_fate(BOB, "m", newer, reason)
        assert fate(history) == expected


def test_a_failure_keeps_its_reason(history: History) -> None:
    history.add(BOB, MINE)
    history.set_fate(BOB, "m", Fate.FAILED, "no such user")
    assert fate(history) == (Fate.FAILED, "no such user")


def test_only_ours_in_that_conversation_has_a_fate(history: History) -> None:
    history.add(BOB, MINE)
    history.add(BOB, replace(HELLO, id="m"))
    history.set_fate(CAROL, "m", Fate.FAILED, "")
    history.set_fate(BOB, "unknown", Fate.FAILED, "")
    assert [message.fate for message in kept(history)] == [Fate.QUEUED, None]
    history.set_fate(BOB, "m", Fate.FAILED, "")
    assert [message.fate for message in kept(history)] == [Fate.FAILED, None]


def test_what_is_open_is_this_instances_in_the_order_in_which_it_was_written(
    history: History, others: History
) -> None:
    for peer, message_id in ((BOB, "1"), (CAROL, "2"), (BOB, "3"), (BOB, "4")):
        history.add(peer, replace(MINE, id=message_id))
    others.add(BOB, replace(MINE, id="5"))
    history.set_fate(CAROL, "2", Fate.SENT, "")
    history.set_fate(BOB, "1", Fate.ACKNOWLEDGED, "")
    history.set_fate(BOB, "4", Fate.FAILED, "")
    assert [(peer, each.id) for peer, each in history.pending()] == [(CAROL, "2"), (BOB, "3")]
    assert [(peer, each.id) for peer, each in others.pending()] == [(BOB, "5")]


# Unread.


def test_what_others_say_is_unread_until_it_is_read(history: History) -> None:
    for text in ("one", "two"):
        history.add(BOB, replace(HELLO, id=text, text=text))
    history.add(BOB, MINE)
    history.add(BOB, by(replace(MINE, id="o", origin_id="o"), Route.CARBON))
    history.add(CAROL, HELLO)
    assert history.reading.unread(BOB) == (2, kept(history)[0].key)
    history.reading.read(BOB)
    assert history.reading.unread(BOB) == (0, None)
    assert history.reading.unread(CAROL)[0] == 1


def test_a_copy_of_what_was_read_makes_nothing_unread(history: History) -> None:
    history.add(BOB, HELLO)
    history.reading.read(BOB)
    history.add(BOB, by(HELLO, Route.CARBON, "x"))
    page(history, (BOB, by(HELLO, Route.ARCHIVE, "x")))
    assert history.reading.unread(BOB) == (0, None)


def test_reading_as_far_as_a_message_leaves_what_comes_after_it(history: History) -> None:
    for text in ("one", "two", "three"):
        history.add(BOB, by(replace(HELLO, id=text, text=text), Route.LIVE, text))
    assert history.reading.read_elsewhere(ReadElsewhere(BOB, archive_id="two"))
    assert history.reading.unread(BOB) == (1, kept(history)[2].key)
    assert not history.reading.read_elsewhere(ReadElsewhere(BOB, archive_id="four"))


def test_what_was_missed_is_unread_unless_we_have_answered_it_since(history: History) -> None:
    """On another device; in whichever pages it comes."""
    history.add(BOB, by(HELLO, Route.LIVE, "x"))
    history.reading.read(BOB)
    answer = by(replace(MINE, id="c", text="c"), Route.ARCHIVE, "c")
    a, b, d = (by(replace(HELLO, id=text, text=text), Route.ARCHIVE, text) for text in "abd")
    news = [*page(history, (BOB, b), (BOB, answer), (BOB, d), is_last=False)]
    news += page(history, (BOB, a))
    assert texts(history) == ["hello", "a", "b", "c", "d"]
    [unread] = [event.unread for event in news if isinstance(event, MessagesPlaced) if event.unread]
    assert unread == (kept(history)[-1].key,)
    assert history.reading.unread(BOB) == (1, *unread)


def test_the_past_from_before_we_came_is_not_unread(history: History) -> None:
    old = by(HELLO, Route.ARCHIVE, "x")
    [placed] = page(history, (BOB, old))
    assert isinstance(placed, MessagesPlaced)
    assert placed.unread == ()
    assert history.reading.unread(BOB) == (0, None)


# Pages of the conversation.


def test_older_messages_come_in_pages_and_it_is_known_when_there_are_no_more(
    history: History,
) -> None:
    for number in range(7):
        history.add(BOB, replace(HELLO, id=f"{number}", text=f"{number}"))
        history.add(CAROL, HELLO)
    newest, has_older = history.newest(BOB, 3)
    assert ([each.text for each in newest], has_older) == (["4", "5", "6"], True)
    older, has_older = history.older(BOB, newest[0], 3)
    assert ([each.text for each in older], has_older) == (["1", "2", "3"], True)
    oldest, has_older = history.older(BOB, older[0], 3)
    assert ([each.text for each in oldest], has_older) == (["0"], False)
    assert history.older(BOB, oldest[0], 3) == ([], False)


# Two instances on the same records.


def test_what_another_instance_recorded_is_told_here_without_being_doubled(
    history: History, others: History
) -> None:
    others.add(BOB, by(HELLO, Route.LIVE, "x"))
    [news] = history.add(BOB, by(HELLO, Route.CARBON, "x"))
    assert isinstance(news, MessageReceived)
    assert (news.message.key, news.message.archive_id) == (1, "x")
    assert texts(history) == ["hello"]


# Places.


def test_a_gap_without_room_loses_nothing(history: History) -> None:
    """More comes than there are numbers for: it stands together, in the order of the archive."""
    history.add(BOB, by(replace(HELLO, id="first", text="first"), Route.LIVE, "first"))
    history.raise_floor()
    history.open_gap()
    [gap] = history.gaps()
    db = history._db
    db.execute("UPDATE gap SET high = low + 3 WHERE number = ?", (gap.number,))
    messages = [by(replace(HELLO, id=f"{n}", text=f"{n}"), Route.ARCHIVE, f"{n}") for n in range(8)]
    history.fill(ArchivePaged(gap.number, [(BOB, each) for each in messages[4:]], "4", False))
    history.fill(ArchivePaged(gap.number, [(BOB, each) for each in messages[:4]], "0", True))
    assert sorted(texts(history)) == sorted(["first", *(each.text for each in messages)])
    assert history.gaps() == ()


def test_a_page_that_holds_a_message_twice_holds_it_once(history: History) -> None:
    item = (BOB, by(HELLO, Route.ARCHIVE, "x"))
    page(history, item, item)
    assert texts(history) == ["hello"]


@pytest.mark.parametrize("heard", [0, 1])
def test_of_two_that_look_the_same_one_that_was_heard_is_only_one(
    history: History, heard: int
) -> None:
    """A bot says the same with the same id; live without archive ids, as some servers do."""
    times = [NOON, NOON + timedelta(hours=1)]
    history.add(BOB, replace(HELLO, at=times[heard]))
    page(
        history,
        *((BOB, by(replace(HELLO, at=at), Route.ARCHIVE, f"{at:%H}")) for at in times),
    )
    assert [message.archive_id for message in kept(history)] == ["12", "13"]


def test_a_page_for_a_gap_that_is_gone_changes_nothing(history: History) -> None:
    stray = ArchivePaged(77, [(BOB, by(HELLO, Route.ARCHIVE, "x"))], "x", True)
    assert history.fill(stray) == []
    assert texts(history) == []
    history.close_gap(77)
    history.fail_gap(77, "no")


def test_a_gap_that_can_not_be_filled_says_why_until_it_is_tried_again(history: History) -> None:
    history.raise_floor()
    history.open_gap()
    [gap] = history.gaps()
    history.fail_gap(gap.number, "the server refuses")
    assert history.gaps() == (replace(gap, problem="the server refuses"),)
    history.fail_gap(gap.number, "")
    assert history.gaps() == (gap,)
    history.fail_gap(gap.number, "again")
    page(history, (BOB, by(HELLO, Route.ARCHIVE, "x")), is_last=False)
    [gap] = history.gaps()
    assert (gap.before, gap.problem) == ("x", "")


def test_an_empty_page_without_messages_makes_the_gap_smaller(history: History) -> None:
    """It held only what is no message, such as receipts."""
    history.raise_floor()
    history.open_gap()
    [gap] = history.gaps()
    history.fill(ArchivePaged(gap.number, [], "r7", False))
    assert history.gaps() == (replace(gap, before="r7"),)
    history.fill(ArchivePaged(gap.number, [], "r1", True))
    assert history.gaps() == ()
