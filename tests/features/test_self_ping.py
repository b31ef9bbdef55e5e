"""Whether we are in a room still: asked when something happens after a silence, and only then."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element

import pytest

from termxmpp.core.jid import Jid
from termxmpp.core.room import Standing
from tests.support.harness import BOB, Actor
from tests.support.rooms import CLUB, announces, answer, away, enters, here, refusal, said, subject

ME = CLUB.with_resource("alice")
HALL = Jid.parse("hall@conference.example.org")
OTHER = Jid.parse("den@rooms.x.org")
LONG = 16 * 60.0


class Rooms:
    """Rooms that are pinged: `asked` are they, `condition` is what they answer, if no result."""

    def __init__(self, actor: Actor, condition: str = "") -> None:
        self.asked: list[str] = []
        self.condition = condition
        self._before = actor.answers
        actor.answers = self._answer

    def _answer(self, element: Element) -> str | None:
        to, id = element.get("to", ""), element.get("id", "")
        if element.find("{urn:xmpp:ping}ping") is None or "/" not in to:
            return self._before(element)
        self.asked.append(to)
        if self.condition:
            return refusal(id, self.condition, sender=Jid.parse(to))
        return answer(id, sender=Jid.parse(to))


def in_rooms(alice: Actor, *rooms: Jid, condition: str = "") -> Rooms:
    for room in rooms:
        announces(alice, room=room)
        enters(alice, "bob", room=room)
    alice.run_now(alice.workspace.go, 1)
    alice.forgets()
    return Rooms(alice, condition)


def something_comes(alice: Actor) -> None:
    alice.receives(f"<presence from='{BOB}/desk'/>")


def the_user_is_back(alice: Actor) -> None:
    alice.run_now(alice.workspace.set_watched, False)
    alice.run_now(alice.workspace.set_watched, True)


def the_session_goes_on(alice: Actor) -> None:
    alice.loses_the_link()
    alice.goes_online()


@pytest.mark.parametrize("happens", [something_comes, the_user_is_back])
def test_after_a_silence_whatever_happens_is_an_occasion(
    alice: Actor, happens: Callable[[Actor], None]
) -> None:
    rooms = in_rooms(alice, CLUB)
    happens(alice)
    assert rooms.asked == []
    alice.waits(LONG)
    assert rooms.asked == []
    happens(alice)
    assert rooms.asked == [str(ME)]
    alice.waits(61)
    happens(alice)
    assert rooms.asked == [str(ME)]


def test_a_room_that_was_heard_is_not_asked(alice: Actor) -> None:
    rooms = in_rooms(alice, CLUB)
    alice.waits(LONG - 120)
    alice.receives(said("bob", "hello"))
    alice.waits(120)
    something_comes(alice)
    assert rooms.asked == []


def test_of_each_service_one_room_is_asked(alice: Actor) -> None:
    rooms = in_rooms(alice, CLUB, HALL, OTHER)
    alice.waits(LONG)
    something_comes(alice)
    assert rooms.asked == [str(ME), f"{OTHER}/alice"]


def test_who_writes_into_a_silent_room_asks_that_one(alice: Actor) -> None:
    rooms = in_rooms(alice, CLUB, HALL)
    alice.waits(LONG)
    alice.receives(said("bob", "hello", room=CLUB))
    rooms.asked.clear()
    alice.looks_at(HALL)
    alice.run_now(alice.workspace.typing, "hello?")
    alice.run_now(alice.workspace.typing, "hello??")
    assert rooms.asked == [f"{HALL}/alice"]


def test_a_session_that_goes_on_asks(alices: Callable[..., Actor]) -> None:
    alice = alices(has_management=True)
    rooms = in_rooms(alice, CLUB)
    the_session_goes_on(alice)
    assert alice.client.state.rooms[CLUB].is_in
    assert rooms.asked == [str(ME)]


def test_a_room_that_has_lost_us_is_entered_again_and_its_neighbours_are_asked(
    alice: Actor,
) -> None:
    rooms = in_rooms(alice, CLUB, HALL, condition="not-acceptable")
    alice.waits(LONG)
    something_comes(alice)
    assert rooms.asked == [str(ME), f"{HALL}/alice"]
    entering = [xml for xml in alice.sent() if "http://jabber.org/protocol/muc" in xml]
    assert any(f'to="{ME}"' in xml for xml in entering)
    assert alice.client.state.rooms[CLUB].standing is Standing.ENTERING
    alice.receives(here("alice", 110), subject())
    alice.looks_at(CLUB)
    assert alice.told()[-1] == "The room had lost you; you enter it again."


@pytest.mark.parametrize("condition", ["service-unavailable", "feature-not-implemented"])
def test_these_answers_come_from_inside(alice: Actor, condition: str) -> None:
    rooms = in_rooms(alice, CLUB, condition=condition)
    alice.waits(LONG)
    something_comes(alice)
    assert rooms.asked == [str(ME)]
    assert alice.client.state.rooms[CLUB].is_in


@pytest.mark.parametrize("condition", ["remote-server-not-found", "remote-server-timeout"])
def test_a_server_that_is_away_says_nothing_and_is_asked_again(
    alice: Actor, condition: str
) -> None:
    rooms = in_rooms(alice, CLUB, condition=condition)
    alice.waits(LONG)
    something_comes(alice)
    assert alice.client.state.rooms[CLUB].is_in
    alice.waits(30)
    something_comes(alice)
    assert len(rooms.asked) == 1
    alice.waits(40)
    something_comes(alice)
    assert len(rooms.asked) == 2


def test_who_is_renamed_meanwhile_is_still_in(alice: Actor) -> None:
    """XEP-0410 §3.2: another client of ours may have done it."""
    in_rooms(alice, CLUB)
    pings: list[str] = []

    def note(element: Element) -> None:
        pings.append(element.get("id", ""))

    alice.answers = note
    alice.waits(LONG)
    something_comes(alice)
    alice.receives(
        away("alice", 303, 110, new_nick="ally"),
        here("ally", 110),
        refusal(pings[-1], "item-not-found", sender=ME),
    )
    room = alice.client.state.rooms[CLUB]
    assert (room.is_in, room.nick) == (True, "ally")
    assert len(pings) == 1


@pytest.mark.parametrize("is_there", [True, False])
def test_where_there_is_no_such_occupant_the_room_may_be_no_more(
    alice: Actor, is_there: bool
) -> None:
    """One that has only lost us is entered again; to enter another would make it anew."""
    rooms = in_rooms(alice, CLUB, HALL, condition="item-not-found")
    before = alice.answers

    def answers(element: Element) -> str | None:
        is_about = element.find("{http://jabber.org/protocol/disco#info}query") is not None
        if is_there or not is_about or element.get("to") != str(CLUB):
            return before(element)
        return refusal(element.get("id", ""), "item-not-found", sender=CLUB)

    alice.answers = answers
    alice.waits(LONG)
    something_comes(alice)
    assert rooms.asked[:2] == [str(ME), f"{HALL}/alice"]
    entering = [xml for xml in alice.sent() if "http://jabber.org/protocol/muc" in xml]
    assert any(f'to="{ME}"' in xml for xml in entering) is is_there
    standing = Standing.ENTERING if is_there else Standing.OUT
    assert alice.client.state.rooms[CLUB].standing is standing
    alice.looks_at(CLUB)
    gone = f"There is no such room any more; /join {CLUB} makes it anew."
    assert (alice.told()[-1] == gone) is not is_there
