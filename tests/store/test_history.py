"""What messages go through: recorded, with one fate, read or not, missed and found."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core.events import (
    ArchivePaged,
    FateChanged,
    MessageReceived,
    MessagesPlaced,
    MessageWritten,
    ReadElsewhere,
)
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Route
from termxmpp.store.database import in_memory
from termxmpp.store.history import LOOKED_AT, History
from termxmpp.store.places import STEP
from tests.support.history import BOB, CAROL, HELLO, MINE, NOON, by, kept, page, texts


@pytest.fixture
def others(db: sqlite3.Connection) -> History:
    """That of another instance on the same records."""
    return History(db, 1)


def fate(history: History, message_id: str = "m") -> tuple[Fate | None, str]:
    [found] = [message for message in kept(history) if message.id == message_id]
    return found.fate, found.reason


# Recorded.


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


def test_a_copy_gives_the_archive_id_that_was_not_known(history: History) -> None:
    history.add(BOB, HELLO)
    history.add(BOB, by(HELLO, Route.CARBON, "x"))
    assert [message.archive_id for message in kept(history)] == ["x"]


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


def test_a_copy_of_what_we_wrote_proves_that_it_arrived_once(history: History) -> None:
    history.add(BOB, MINE)
    history.set_fate(BOB, "m", Fate.SENT, "who knows")
    assert history.add(BOB, by(MINE, Route.CARBON)) == [FateChanged(BOB, "m", Fate.ACKNOWLEDGED)]
    assert history.add(BOB, by(MINE, Route.ARCHIVE, "x")) == []
    assert fate(history) == (Fate.ACKNOWLEDGED, "")


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
    history.gaps.open()
    [gap] = history.gaps.all()
    db = history._db
    db.execute("UPDATE gap SET high = low + 3 WHERE number = ?", (gap.number,))
    messages = [by(replace(HELLO, id=f"{n}", text=f"{n}"), Route.ARCHIVE, f"{n}") for n in range(8)]
    history.fill(ArchivePaged(gap.number, [(BOB, each) for each in messages[4:]], "4", False))
    history.fill(ArchivePaged(gap.number, [(BOB, each) for each in messages[:4]], "0", True))
    assert sorted(texts(history)) == sorted(["first", *(each.text for each in messages)])
    assert history.gaps.all() == ()


def test_a_page_that_holds_a_message_twice_holds_it_once(history: History) -> None:
    item = (BOB, by(HELLO, Route.ARCHIVE, "x"))
    page(history, item, item)
    assert texts(history) == ["hello"]


def test_a_page_for_a_gap_that_is_gone_changes_nothing(history: History) -> None:
    stray = ArchivePaged(77, [(BOB, by(HELLO, Route.ARCHIVE, "x"))], "x", True)
    assert history.fill(stray) == []
    assert texts(history) == []
    history.gaps.close(77)
    history.gaps.fail(77, "no")


def test_a_gap_that_can_not_be_filled_says_why_until_it_is_tried_again(history: History) -> None:
    history.raise_floor()
    history.gaps.open()
    [gap] = history.gaps.all()
    history.gaps.fail(gap.number, "the server refuses")
    assert history.gaps.all() == (replace(gap, problem="the server refuses"),)
    history.gaps.fail(gap.number, "")
    assert history.gaps.all() == (gap,)
    history.gaps.fail(gap.number, "again")
    page(history, (BOB, by(HELLO, Route.ARCHIVE, "x")), is_last=False)
    [gap] = history.gaps.all()
    assert (gap.before, gap.problem) == ("x", "")


def test_an_empty_page_without_messages_makes_the_gap_smaller(history: History) -> None:
    """It held only what is no message, such as receipts."""
    history.raise_floor()
    history.gaps.open()
    [gap] = history.gaps.all()
    history.fill(ArchivePaged(gap.number, [], "r7", False))
    assert history.gaps.all() == (replace(gap, before="r7"),)
    history.fill(ArchivePaged(gap.number, [], "r1", True))
    assert history.gaps.all() == ()


def said_in_order(history: History, *texts: str, peer: Jid = BOB) -> None:
    for text in texts:
        history.add(peer, replace(HELLO, id=text, text=text))


def test_newer_messages_are_taken_as_older_ones_are(history: History) -> None:
    said_in_order(history, *"abcdef")
    said_in_order(history, "other", peer=CAROL)
    first, *_others = kept(history)
    newer, has_more = history.newer(BOB, first, 3)
    assert ([message.text for message in newer], has_more) == (["b", "c", "d"], True)
    newer, has_more = history.newer(BOB, newer[-1], 3)
    assert ([message.text for message in newer], has_more) == (["e", "f"], False)
    assert history.newer(BOB, newer[-1], 3) == ([], False)


def test_a_message_is_known_by_its_key_in_its_conversation_only(history: History) -> None:
    said_in_order(history, "a")
    [message] = kept(history)
    assert history.get(BOB, message.key) == message
    assert history.get(CAROL, message.key) is None
    assert history.get(BOB, message.key + 1) is None


def found(history: History, words: str, peer: Jid | None = None) -> list[str]:
    """All that is found, part by part."""
    texts: list[str] = []
    start: int | None = None
    while True:
        page = history.search(words, peer, start)
        texts += [message.text for _peer, message in page.found]
        if page.next is None:
            return texts
        start = page.next


def test_a_search_gives_the_newest_first_here_or_everywhere(history: History) -> None:
    said_in_order(history, "tea one", "coffee", "two teas")
    said_in_order(history, "the tea of carol", peer=CAROL)
    assert found(history, "tea") == ["the tea of carol", "tea one"]
    assert found(history, "TEA", BOB) == ["tea one"]
    assert found(history, "coff", BOB) == ["coffee"]
    assert found(history, "cof", BOB) == []
    assert found(history, "coff ", BOB) == []
    assert found(history, "one tea") == ["tea one"]
    assert found(history, "nothing") == found(history, " ") == found(history, '"') == []


def test_a_search_goes_through_all_in_parts(history: History) -> None:
    said_in_order(history, *(f"tea {number}" for number in range(LOOKED_AT * 2 + 50)))
    said_in_order(history, "tea of carol", peer=CAROL)
    page = history.search("tea", CAROL, None)
    assert len(page.found) == 1
    assert page.next is not None
    assert len(found(history, "tea", BOB)) == LOOKED_AT * 2 + 50
    assert found(history, "tea", CAROL) == ["tea of carol"]


@pytest.mark.parametrize("words", ['a"b', "a*", "AND", "NOT x", "好的", "a\0b", "(", "^x", "-"])
def test_no_words_break_a_search(history: History, words: str) -> None:
    said_in_order(history, words.replace("\0", " "))
    assert len(found(history, words)) <= 1


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(0, 10))
def test_the_first_since_a_time_is_found_by_halves(hours: list[int], wanted: int) -> None:
    history = History(in_memory(), 0)
    for number, hour in enumerate(sorted(hours)):
        at = NOON + timedelta(hours=hour)
        history.add(BOB, replace(HELLO, id=str(number), text=str(number), at=at))
    at = NOON + timedelta(hours=wanted)
    expected = next((each for each in kept(history) if each.at >= at), None)
    assert history.since(BOB, at) == expected


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(0, 10))
def test_where_times_are_in_no_order_it_is_one_of_that_time(hours: list[int], wanted: int) -> None:
    history = History(in_memory(), 0)
    for number, hour in enumerate(hours):
        at = NOON + timedelta(hours=hour)
        history.add(BOB, replace(HELLO, id=str(number), text=str(number), at=at))
    found = history.since(BOB, NOON + timedelta(hours=wanted))
    assert found is None or found.at >= NOON + timedelta(hours=wanted)
