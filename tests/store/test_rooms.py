"""The records of rooms: what any later run knows of them, and what only one in their session."""

from __future__ import annotations

import sqlite3

import pytest

from termxmpp.core.events import RoomRestored
from termxmpp.core.jid import Jid
from termxmpp.core.room import Affiliation, Occupant, Role
from termxmpp.core.roster import Availability, Presence
from termxmpp.store.rooms import Rooms

CLUB = Jid.parse("club@conference.example.org")
HALL = Jid.parse("hall@conference.example.org")
BOB = Occupant(
    "bob",
    Role.MODERATOR,
    Affiliation.OWNER,
    Jid.parse("bob@example.org/desk"),
    Presence(Availability.DND, "busy"),
    ("Host", "Speaker"),
)


@pytest.fixture
def rooms(db: sqlite3.Connection) -> Rooms:
    """Those of the first instance, which is in the club."""
    rooms = Rooms(db, 0)
    rooms.request(CLUB, "alice")
    rooms.discover(CLUB, frozenset({"urn:b", "urn:a"}))
    rooms.set_occupant(CLUB, BOB)
    rooms.enter(CLUB, "alice")
    rooms.set_subject(CLUB, "tea")
    return rooms


def test_a_session_that_may_go_on_is_in_the_room_with_everybody(rooms: Rooms) -> None:
    assert rooms.restore(is_going_on=True) == [
        RoomRestored(CLUB, "alice", True, True, "tea", frozenset({"urn:a", "urn:b"}), (BOB,))
    ]


def test_one_that_can_not_only_wants_to_be(rooms: Rooms) -> None:
    assert rooms.restore(is_going_on=False) == [RoomRestored(CLUB, "alice", True)]
    rooms.forget_session()
    assert rooms.restore(is_going_on=True) == [RoomRestored(CLUB, "alice", True)]


def test_another_instance_wants_the_same_rooms_and_is_in_none(
    db: sqlite3.Connection, rooms: Rooms
) -> None:
    assert Rooms(db, 1).restore(is_going_on=True) == [RoomRestored(CLUB, "alice", True)]


def test_rooms_come_in_the_order_in_which_they_were_first_wanted(rooms: Rooms) -> None:
    rooms.request(HALL, "al")
    rooms.request(CLUB, "alice")
    assert [each.room for each in rooms.restore(is_going_on=False)] == [CLUB, HALL]
    rooms.leave(CLUB, is_for_good=True)
    rooms.request(CLUB, "alice")
    assert [each.room for each in rooms.restore(is_going_on=False)] == [HALL, CLUB]


def test_leaving_forgets_who_is_there_and_keeps_the_nick(rooms: Rooms) -> None:
    rooms.leave(CLUB, is_for_good=True)
    assert rooms.restore(is_going_on=True) == [RoomRestored(CLUB, "alice", False)]


def test_being_out_for_a_while_is_no_leaving(rooms: Rooms) -> None:
    rooms.leave(CLUB, is_for_good=False)
    assert rooms.restore(is_going_on=True) == [RoomRestored(CLUB, "alice", True)]


def test_whether_we_were_in_it_counts_from_when_we_left_it(rooms: Rooms) -> None:
    assert rooms.enter(CLUB, "alice")
    rooms.leave(CLUB, is_for_good=True)
    rooms.request(CLUB, "alice")
    assert not rooms.enter(CLUB, "alice")


def test_who_is_renamed_is_called_so_from_then_on(rooms: Rooms) -> None:
    assert not rooms.rename_occupant(CLUB, "bob", "robert")
    assert rooms.rename_occupant(CLUB, "alice", "queen")
    [restored] = rooms.restore(is_going_on=True)
    assert restored.nick == "queen"
    assert [each.nick for each in restored.occupants] == ["robert"]
    rooms.forget_session()
    assert rooms.restore(is_going_on=False)[0].nick == "queen"


def test_who_leaves_is_not_there_any_more(rooms: Rooms) -> None:
    rooms.remove_occupant(CLUB, "bob")
    rooms.remove_occupant(CLUB, "nobody")
    assert rooms.restore(is_going_on=True)[0].occupants == ()
