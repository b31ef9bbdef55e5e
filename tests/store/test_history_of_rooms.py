"""What is said in rooms, recorded once, each room by its own archive."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from termxmpp.core import events
from termxmpp.core.archive import Gap
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Route
from termxmpp.store.history import History
from tests.support.harness import ALICE, BOB, NOON

CLUB = Jid.parse("club@conference.example.org")
HALL = Jid.parse("hall@conference.example.org")


@pytest.fixture
def history(db: sqlite3.Connection) -> History:
    """A session has just begun."""
    history = History(db, 0)
    history.raise_floor()
    return history


def heard(
    text: str, archive_id: str = "", *, room: Jid = CLUB, route: Route = Route.LIVE, id: str = ""
) -> Message:
    author = room.with_resource("bob")
    return Message(
        id or text, author, text, NOON, route=route, archive_id=archive_id, is_groupchat=True
    )


def written(text: str, *, room: Jid = CLUB) -> Message:
    return Message(
        *(text, room.with_resource("alice"), text, NOON),
        is_own=True,
        fate=Fate.SENT,
        route=Route.WRITTEN,
        origin_id=text,
        is_groupchat=True,
    )


def reflected(text: str, archive_id: str = "", *, room: Jid = CLUB) -> Message:
    message = written(text, room=room)
    return replace(message, fate=Fate.ACKNOWLEDGED, route=Route.LIVE, archive_id=archive_id)


def texts(history: History, peer: Jid = CLUB) -> list[str]:
    return [message.text for message in history.newest(peer, 100)[0]]


def gap_of(history: History, room: Jid | None) -> Gap:
    """The newest gap of that archive."""
    return [gap for gap in history.gaps.all() if gap.archive == room][-1]


def fills(history: History, gap: Gap, *messages: Message, is_last: bool = True) -> None:
    room = gap.archive or BOB
    first = messages[0].archive_id if messages else ""
    page = [(room, replace(message, route=Route.ARCHIVE)) for message in messages]
    history.fill(events.ArchivePaged(gap.number, page, first, is_last))


def test_each_archive_has_its_own_gap(history: History) -> None:
    history.add(CLUB, heard("club", "c1"))
    history.add(HALL, heard("hall", "h1", room=HALL))
    history.raise_floor()
    history.gaps.open()
    history.open_room_gap(CLUB, was_here=True)
    history.open_room_gap(HALL, was_here=True)
    found = {gap.archive: gap.after for gap in history.gaps.all()}
    assert found == {None: "", CLUB: "c1", HALL: "h1"}


def test_one_id_of_two_archives_names_two_messages(history: History) -> None:
    history.add(CLUB, heard("club", "1"))
    history.add(HALL, heard("hall", "1", room=HALL))
    history.add(BOB, Message("b", BOB, "bob", NOON, archive_id="1"))
    assert (texts(history), texts(history, HALL), texts(history, BOB)) == (
        ["club"],
        ["hall"],
        ["bob"],
    )
    history.reading.read_elsewhere(events.ReadElsewhere(HALL, archive_id="1"))
    assert [history.reading.unread(peer)[0] for peer in (CLUB, HALL, BOB)] == [1, 0, 1]
    assert not history.reading.read_elsewhere(events.ReadElsewhere(BOB, archive_id="2"))


def test_what_of_ours_a_room_has_not_shown_holds_up_no_other_archive(history: History) -> None:
    history.gaps.open()
    history.gaps.close(gap_of(history, None).number)
    history.add(CLUB, written("not shown"))
    history.add(BOB, Message("b", BOB, "bob", NOON, archive_id="b1"))
    history.raise_floor()
    history.gaps.open()
    assert gap_of(history, None).after == "b1"


def test_the_end_of_one_archive_settles_nothing_of_another(history: History) -> None:
    """What the account's archive does not have may be in the room's."""
    history.add(CLUB, heard("before", "c1"))
    history.add(CLUB, written("mine"))
    history.set_fate(CLUB, "mine", Fate.ACKNOWLEDGED, "")
    history.raise_floor()
    history.gaps.open()
    history.gaps.close(gap_of(history, None).number)
    history.open_room_gap(CLUB, was_here=True)
    assert gap_of(history, CLUB).after == "c1"
    fills(history, gap_of(history, CLUB), replace(reflected("mine"), archive_id="c2"))
    assert texts(history) == ["before", "mine"]


def test_what_was_missed_stands_between_before_and_now(history: History) -> None:
    history.add(CLUB, heard("before", "1"))
    history.raise_floor()
    history.open_room_gap(CLUB, was_here=True)
    history.add(CLUB, heard("now", "4"))
    gap = gap_of(history, CLUB)
    fills(history, gap, heard("missed 2", "3"), heard("now", "4"), is_last=False)
    fills(history, gap_of(history, CLUB), heard("missed 1", "2"))
    assert texts(history) == ["before", "missed 1", "missed 2", "now"]
    assert history.reading.unread(CLUB)[0] == 4
    assert history.gaps.all() == ()


def test_what_was_said_before_our_time_is_read_by_nobody_and_new_to_nobody(
    history: History,
) -> None:
    history.open_room_gap(CLUB, was_here=False)
    fills(history, gap_of(history, CLUB), heard("old", "1"))
    assert history.reading.unread(CLUB) == (0, None)


def test_a_second_entrance_in_one_session_begins_behind_what_was_said(history: History) -> None:
    history.open_room_gap(CLUB, was_here=False)
    fills(history, gap_of(history, CLUB))
    history.add(CLUB, heard("first stay", "1"))
    history.add(CLUB, written("waits"))
    news = history.open_room_gap(CLUB, was_here=True)
    assert [event.peer for event in news if isinstance(event, events.MessagesPlaced)] == [CLUB]
    history.add(CLUB, heard("second stay", "3"))
    assert gap_of(history, CLUB).after == "1"
    fills(history, gap_of(history, CLUB), heard("between", "2"))
    assert texts(history) == ["first stay", "between", "waits", "second stay"]


def test_a_past_of_which_nothing_has_come_is_asked_for_once(history: History) -> None:
    history.open_room_gap(CLUB, was_here=False)
    history.raise_floor()
    history.open_room_gap(CLUB, was_here=True)
    [gap] = history.gaps.all()
    assert (gap.after, gap.before, gap.is_missed) == ("", "", False)


def test_a_reflection_is_the_message_that_was_written_and_stands_where_it_came(
    history: History,
) -> None:
    history.add(CLUB, written("one"))
    history.add(CLUB, written("two"))
    history.add(CLUB, heard("meanwhile", "1"))
    news = history.add(CLUB, reflected("one", "2"))
    assert events.FateChanged(CLUB, "one", Fate.ACKNOWLEDGED) in news
    assert texts(history) == ["meanwhile", "one", "two"]
    history.add(CLUB, reflected("two", "3"))
    assert texts(history) == ["meanwhile", "one", "two"]
    assert history.pending() == []


def test_a_reflection_with_nothing_between_moves_nothing(history: History) -> None:
    history.add(CLUB, written("one"))
    news = history.add(CLUB, reflected("one", "1"))
    assert [type(event) for event in news] == [events.MessageChanged, events.FateChanged]


def test_two_that_were_sent_from_another_device_are_two(history: History) -> None:
    history.add(CLUB, reflected("phone"))
    history.add(CLUB, reflected("phone"))
    assert texts(history) == ["phone", "phone"]


@pytest.mark.parametrize("stamp", [0, 1])
def test_the_past_that_a_room_tells_twice_has_one_stamp(history: History, stamp: int) -> None:
    past = heard("old", route=Route.HISTORY)
    history.add(CLUB, past)
    history.add(CLUB, replace(past, at=NOON + timedelta(minutes=stamp)))
    assert len(texts(history)) == 1 + stamp


def test_a_nick_that_changed_is_that_of_what_has_not_left(history: History) -> None:
    history.add(CLUB, replace(written("waits"), fate=Fate.QUEUED))
    history.add(CLUB, written("left"))
    history.add(HALL, replace(written("elsewhere", room=HALL), fate=Fate.QUEUED))
    history.change_author(CLUB, CLUB.with_resource("queen"))
    authors = {message.text: message.author.resource for _, message in history.pending()}
    assert authors == {"waits": "queen", "left": "alice", "elsewhere": "alice"}


@pytest.mark.parametrize("archive_id", ["", "1"])
def test_two_instances_in_one_room_record_once_and_both_are_told(
    db: sqlite3.Connection, history: History, archive_id: str
) -> None:
    other = History(db, 1)
    history.add(CLUB, heard("hello", archive_id))
    [told] = other.add(CLUB, heard("hello", archive_id))
    assert isinstance(told, events.MessageReceived)
    assert texts(history) == ["hello"]


def test_what_one_instance_wrote_is_proven_to_it_though_another_saw_it_first(
    db: sqlite3.Connection, history: History
) -> None:
    other = History(db, 1)
    history.add(CLUB, written("mine"))
    other.add(CLUB, reflected("mine", "1"))
    news = history.add(CLUB, reflected("mine", "1"))
    assert events.FateChanged(CLUB, "mine", Fate.ACKNOWLEDGED) in news
    assert texts(history) == ["mine"]


def test_a_message_to_all_is_known_as_one_when_it_is_read_again(history: History) -> None:
    history.add(CLUB, heard("to all"))
    history.add(BOB, Message("b", ALICE, "to one", NOON))
    assert history.newest(CLUB, 1)[0][0].is_groupchat
    assert not history.newest(BOB, 1)[0][0].is_groupchat
