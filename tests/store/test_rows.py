"""The table of the messages: what goes in comes out, and each has a key and a place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Route
from termxmpp.store.database import in_memory
from termxmpp.store.rows import Row, Rows

BOB, ROOM = Jid.parse("bob@example.org"), Jid.parse("room@example.org")
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
HELLO = Message("a", BOB, "hello", NOON)


@pytest.fixture
def rows() -> Rows:
    return Rows(in_memory(), 3)


TEXTS = st.text(max_size=20)
TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))


@settings(deadline=None)
@given(
    st.builds(
        Message,
        TEXTS,
        st.sampled_from([BOB, BOB.with_resource("a/b@c"), Jid("", "example.org")]),
        TEXTS,
        TIMES,
        st.booleans(),
        st.none() | st.sampled_from(Fate),
        TEXTS,
        TEXTS,
        st.booleans(),
        st.sampled_from(Route),
        TEXTS,
        TEXTS,
        is_markable=st.booleans(),
        is_groupchat=st.booleans(),
        spoiler=st.none() | TEXTS,
        is_unstyled=st.booleans(),
    )
)
def test_a_message_comes_back_as_it_was(message: Message) -> None:
    rows = Rows(in_memory(), 3)
    kept = rows.insert(ROOM, message, 7, is_unread=False)
    assert kept == replace(message, key=1, rank=7)
    assert rows.of(1) == Row(ROOM, kept, 3)


def test_a_key_that_is_free_is_kept(rows: Rows) -> None:
    keys = [
        rows.insert(BOB, replace(HELLO, key=key), 1, is_unread=False).key for key in (0, 7, 7, 0, 1)
    ]
    assert keys == [1, 7, 8, 9, 10]


def test_each_archive_has_ids_of_its_own(rows: Rows) -> None:
    rows.insert(ROOM, replace(HELLO, archive_id="x", is_groupchat=True), 1, is_unread=False)
    rows.insert(ROOM, replace(HELLO, text="private", archive_id="x"), 2, is_unread=False)
    in_room, own = rows.in_archive(ROOM, "x"), rows.in_archive(None, "x")
    assert in_room is not None
    assert own is not None
    assert (in_room.message.text, own.message.text) == ("hello", "private")
    assert rows.in_archive(BOB, "x") is None
    assert rows.in_archive(None, "") is None


def test_they_are_moved_one_after_the_other(rows: Rows) -> None:
    for rank in (10, 20, 30):
        rows.insert(BOB, HELLO, rank, is_unread=False)
    assert (rows.first_rank(), rows.last_rank()) == (10, 30)
    assert [message.rank for message in rows.move([2, 1], 30, 5)] == [35, 40]
    assert [row.message.key for row in rows.select("1 ORDER BY rank", ())] == [3, 2, 1]
    assert rows.next_rank(30) == 35
    assert rows.next_rank(30, but=frozenset({2})) == 40
    assert rows.next_rank(40) is None


def test_the_newest_come_in_their_order(rows: Rows) -> None:
    for rank in (30, 10, 20, 20):
        rows.insert(BOB, replace(HELLO, at=NOON + timedelta(rank)), rank, is_unread=False)
    newest, has_older = rows.newest("peer = ?", (str(BOB),), 3)
    assert ([message.key for message in newest], has_older) == ([3, 4, 1], True)
    all_of_them, has_older = rows.newest("peer = ?", (str(BOB),), 4)
    assert (len(all_of_them), has_older) == (4, False)
    assert rows.newest("peer = ?", (str(ROOM),), 3) == ([], False)


def test_nothing_has_no_rank(rows: Rows) -> None:
    assert (rows.first_rank(), rows.last_rank()) == (None, None)
