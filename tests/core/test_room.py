"""A room as a value: what it becomes as we enter, are renamed, and leave."""

from __future__ import annotations

import pytest

from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.core.room import Affiliation, Occupant, Role, Room, Standing
from termxmpp.core.roster import OFFLINE, Availability, Contact, Presence
from termxmpp.core.state import State
from tests.support.harness import ALICE, BOB, NOON

CLUB = Jid.parse("club@conference.example.org")
HERE = Presence(Availability.ONLINE)


def inside() -> State:
    """A state in the club as `alice`, with `bob`."""
    state = State(ALICE)
    for event in (
        events.RoomRequested(CLUB, "alice"),
        events.RoomDiscovered(CLUB, frozenset({"urn:xmpp:sid:0"})),
        events.OccupantChanged(CLUB, Occupant("bob", Role.MODERATOR, presence=HERE)),
        events.OccupantChanged(CLUB, Occupant("alice", Role.PARTICIPANT, presence=HERE)),
        events.RoomEntered(CLUB, "alice"),
        events.SubjectChanged(CLUB, "tea"),
    ):
        state.apply(event)
    return state


@pytest.mark.parametrize("word", [None, "", "emperor", "MODERATOR"])
def test_a_word_that_is_not_known_means_none(word: str | None) -> None:
    assert Role.of(word) is Role.NONE
    assert Affiliation.of(word) is Affiliation.NONE
    assert Role.of("visitor") is Role.VISITOR


def test_who_enters_begins_with_nothing_known() -> None:
    state = inside()
    state.apply(events.RoomRequested(CLUB, "queen"))
    room = state.rooms[CLUB]
    assert (room.standing, room.nick, room.subject) == (Standing.ENTERING, "queen", None)
    assert room.occupants == {}
    assert not room.is_settled


def test_who_is_renamed_stays_what_it_was() -> None:
    state = inside()
    state.apply(events.OccupantRenamed(CLUB, "bob", "robert"))
    state.apply(events.OccupantRenamed(CLUB, "nobody", "somebody"))
    room = state.rooms[CLUB]
    assert room.occupants["robert"] == Occupant("robert", Role.MODERATOR, presence=HERE)
    assert sorted(room.occupants) == ["alice", "robert"]
    assert room.nick == "alice"
    state.apply(events.OccupantRenamed(CLUB, "alice", "queen"))
    assert (room.nick, room.me) == ("queen", CLUB.with_resource("queen"))


@pytest.mark.parametrize("is_for_good", [True, False])
def test_who_leaves_knows_nobody_any_more(is_for_good: bool) -> None:
    state = inside()
    state.apply(events.RoomLeft(CLUB, is_for_good))
    room = state.rooms[CLUB]
    assert (room.is_in, room.occupants) == (False, {})
    assert room.is_wanted is not is_for_good


def test_a_new_session_is_in_no_room_and_a_resumed_one_in_all() -> None:
    state = inside()
    state.apply(events.SessionStarted(ALICE.with_resource("here"), is_resumed=True))
    assert state.rooms[CLUB].is_in
    assert state.rooms[CLUB].subject == "tea"
    state.apply(events.SessionStarted(ALICE.with_resource("here")))
    room = state.rooms[CLUB]
    assert (room.is_in, room.is_wanted, room.nick) == (False, True, "alice")


def test_an_occupant_is_called_by_its_nick_and_its_room() -> None:
    state = inside()
    bob = CLUB.with_resource("bob")
    assert state.title_of(CLUB) == "club"
    assert state.title_of(bob) == "bob (club)"
    assert state.author_of(Message("1", bob, "hi", NOON, is_groupchat=True)) == "bob"
    assert state.author_of(Message("1", CLUB, "hi", NOON, is_groupchat=True)) == "club"
    assert Room(Jid.parse("conference.example.org")).title == "conference.example.org"


def test_an_occupant_is_apart_from_everybody_else() -> None:
    state = inside()
    state.apply(events.RosterReceived((Contact(BOB, "Bob"),)))
    bob = CLUB.with_resource("bob")
    assert state.peer_of(bob) == bob
    assert state.peer_of(CLUB) == CLUB
    assert state.peer_of(BOB.with_resource("desk")) == BOB
    assert state.is_occupant(bob)
    assert not state.is_occupant(BOB.with_resource("desk"))


def test_the_presence_of_an_occupant_is_that_in_the_room() -> None:
    room = inside().rooms[CLUB]
    assert room.presence_of("bob") == HERE
    assert room.presence_of("nobody") == OFFLINE


def test_what_a_room_announces_says_what_can_be_believed() -> None:
    room = inside().rooms[CLUB]
    assert (room.has_stanza_ids, room.has_archive) == (True, False)


def test_a_restored_room_is_what_it_was_only_if_its_session_goes_on() -> None:
    state = State(ALICE)
    occupants = (Occupant("bob", presence=HERE),)
    state.apply(
        events.RoomRestored(CLUB, "alice", True, True, "tea", frozenset({"urn:x"}), occupants)
    )
    assert state.rooms[CLUB].occupants == {"bob": occupants[0]}
    assert (state.rooms[CLUB].is_in, state.rooms[CLUB].subject) == (True, "tea")
    state.apply(events.RoomRestored(CLUB, "alice", True))
    assert (state.rooms[CLUB].is_in, state.rooms[CLUB].is_wanted) == (False, True)
