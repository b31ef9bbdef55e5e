"""A room's configuration: asked for, answered, given up."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest
from hypothesis import given

from termxmpp.filling import Question
from termxmpp.xmpp.muc_owner import RoomFormPayload
from tests.support.forms import fills_in, never_answers
from tests.support.harness import Actor
from tests.support.rooms import CLUB, announces, here
from tests.support.rubbish import reads, rubbish

OWNER = "http://jabber.org/protocol/muc#owner"
STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"
FORM = (
    "<x xmlns='jabber:x:data' type='form'><title>The club</title>"
    "<field var='FORM_TYPE' type='hidden'>"
    "<value>http://jabber.org/protocol/muc#roomconfig</value></field>"
    "<field var='muc#roomconfig_roomname' label='Name'><value>Club</value></field>"
    "<field var='muc#roomconfig_persistentroom' type='boolean'><value>0</value></field></x>"
)
NAME = "muc#roomconfig_roomname"


def room(alice: Actor, form: str = FORM, *answers: str) -> list[Element]:
    """Let the room have `form`, and give `answers` to what is filled in; both are told of."""
    asked: list[Element] = []
    left = list(answers)

    def answer(iq: Element) -> str | None:
        query = iq.find(f"{{{OWNER}}}query")
        if query is None or iq.get("to") != str(CLUB):
            return None
        asked.append(iq)
        inside = f"<query xmlns='{OWNER}'>{form}</query>"
        if iq.get("type") == "set":
            inside = left.pop(0) if left else ""
        elif form.startswith("<error"):
            inside = form
        kind = "error" if inside.startswith("<error") else "result"
        return f"<iq type='{kind}' id='{iq.get('id')}' from='{CLUB}'>{inside}</iq>"

    alice.answers = answer
    return asked


def names(alice: Actor, *names: str) -> list[Question]:
    """Let alice call the room by `names`, one form after the other."""
    left = list(names)
    ways = ["submit"] * len(names)
    return fills_in(alice.workspace, *ways, values=lambda question: {NAME: [left.pop(0)]})


def error(condition: str, text: str = "") -> str:
    return (
        f"<error type='modify'><{condition} xmlns='{STANZAS}'/>"
        f"<text xmlns='{STANZAS}'>{text}</text></error>"
    )


def submitted(iq: Element) -> dict[str, str]:
    fields = iq.iterfind(".//{jabber:x:data}field")
    return {each.get("var", ""): each.findtext("{jabber:x:data}value") or "" for each in fields}


@pytest.mark.parametrize("line", ["/configure", f"/configure {CLUB}"])
def test_the_owner_fills_in_the_form(alice: Actor, line: str) -> None:
    asked = room(alice)
    questions = names(alice, "The club of all")
    alice.looks_at(CLUB)
    alice.types(line)
    assert [iq.get("type") for iq in asked] == ["get", "set"]
    assert submitted(asked[1]) == {
        "FORM_TYPE": "http://jabber.org/protocol/muc#roomconfig",
        NAME: "The club of all",
        "muc#roomconfig_persistentroom": "0",
    }
    assert questions[0].title == f"{CLUB}: how it is set up"
    assert alice.told()[-1] == f"{CLUB} is set up."


def test_who_gives_up_tells_the_room(alice: Actor) -> None:
    asked = room(alice)
    fills_in(alice.workspace, None, values={})
    alice.types(f"/configure {CLUB}")
    form = asked[-1].find(".//{jabber:x:data}x")
    assert form is not None
    assert form.get("type") == "cancel"
    assert alice.told()[-1] == f"{CLUB} stays as it is."


def test_who_leaves_the_server_tells_the_room_too(alice: Actor) -> None:
    asked = room(alice)

    never_answers(alice.workspace)
    alice.types(f"/configure {CLUB}")
    alice.types("/disconnect")
    form = asked[-1].find(".//{jabber:x:data}x")
    assert form is not None
    assert form.get("type") == "cancel"


def test_what_is_not_accepted_is_asked_again_as_it_was_answered(alice: Actor) -> None:
    room(alice, FORM, error("not-acceptable", "too long"))
    questions = names(alice, "A long name", "Short")
    alice.types(f"/configure {CLUB}")
    assert "too long" in questions[1].problem
    field = questions[1].form.get(NAME)
    assert field is not None
    assert field.value == "A long name"
    assert alice.told()[-1] == f"{CLUB} is set up."


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (error("forbidden"), f"Only an owner can set up {CLUB}."),
        (error("item-not-found"), f"There is no room {CLUB}."),
        (error("service-unavailable"), "service-unavailable"),
        ("", f"{CLUB} has nothing that could be set up."),
        ("<x xmlns='jabber:x:data' type='poem'/>", f"{CLUB} has nothing that could be set up."),
        ("<x xmlns='jabber:x:data' type='form'/>", f"{CLUB} has nothing that could be set up."),
    ],
)
def test_why_it_can_not_be_set_up_is_told(alice: Actor, form: str, words: str) -> None:
    room(alice, form)
    alice.types(f"/configure {CLUB}")
    assert words in alice.told()[-1]


def test_in_the_console_a_room_is_to_be_named(alice: Actor) -> None:
    alice.types("/configure")
    assert alice.told()[-1].startswith("This is no conversation")


def test_who_makes_a_room_is_told_how_to_set_it_up(alice: Actor) -> None:
    room(alice)
    announces(alice)
    alice.types(f"/join {CLUB}")
    alice.receives(here("alice", 110, 201))
    assert alice.told()[-1] == (
        f"{CLUB} did not exist: you have made it, and own it. /configure sets it up."
    )


@given(rubbish(f"{{{OWNER}}}query", ["type"], ["{jabber:x:data}x", "{jabber:x:data}field"]))
def test_rubbish_is_a_form_or_none(element: Element) -> None:
    found = reads(RoomFormPayload, element)
    assert found is None or found.form is None or found.form.type
