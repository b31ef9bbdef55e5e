"""Who is in a room: listed with hats, and comings and goings in one line that changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given

from termxmpp.config import Config, UiConfig
from termxmpp.settings import Settings
from termxmpp.xmpp.hats import HatsPayload
from termxmpp.xmpp.stanzas import as_text
from tests.support.harness import BOB, Actor
from tests.support.rooms import CLUB, announces, away, enters, here, said, subject
from tests.support.rubbish import reads, rubbish

HATS = "urn:xmpp:hats:0"
OF_PROSODY = "xmpp:prosody.im/protocol/hats:1"


def hats(*titles: str, namespace: str = HATS) -> str:
    inside = "".join(f"<hat title='{title}' uri='urn:x#{title}'/>" for title in titles)
    return f"<hats xmlns='{namespace}'>{inside}</hats>"


def in_the_club(alice: Actor, *others: str) -> None:
    announces(alice)
    enters(alice, *others)


# Hats.


def test_hats_are_listed_with_what_one_may_do(alice: Actor) -> None:
    in_the_club(alice)
    alice.receives(
        here("zoe", role="moderator", affiliation="owner", more=hats("Host", "Speaker")),
        here("bob", more=hats("Scribe", namespace=OF_PROSODY), jid=BOB.with_resource("x")),
    )
    alice.types("/who")
    assert alice.told()[-1].split("\n") == [
        f"3 in {CLUB}:",
        "zoe    moderator, owner, [Host], [Speaker], online",
        "alice  participant, online",
        f"bob    participant, [Scribe], online, {BOB}",
    ]


def test_who_is_in_a_room_that_one_is_not_in_is_asked_of_it(alice: Actor) -> None:
    """XEP-0045 §6.5."""
    items = "".join(f"<item jid='{CLUB}/{nick}'/>" for nick in ("zoe", "bob", "&#x202e;"))
    outside = f"<item jid='{CLUB}'/><item jid='hall@conference.example.org/eve'/>"
    space = "http://jabber.org/protocol/disco#items"
    told = f"<query xmlns='{space}'>{items}{outside}</query>"
    alice.answers = lambda iq: (
        f"<iq type='result' id='{iq.get('id')}' from='{CLUB}'>{told}</iq>"
        if iq.find(f"{{{space}}}query") is not None
        else None
    )
    alice.types(f"/who {CLUB}")
    assert alice.told()[-1].split("\n") == [f"2 in {CLUB}:", "bob", "zoe"]


def test_a_room_that_tells_nobody_is_told_as_such(alice: Actor) -> None:
    alice.answers = lambda iq: (
        f"<iq type='result' id='{iq.get('id')}' from='{CLUB}'>"
        "<query xmlns='http://jabber.org/protocol/disco#items'/></iq>"
        if "disco#items" in as_text(iq)
        else None
    )
    alice.types(f"/who {CLUB}")
    assert alice.told()[-1] == f"{CLUB} tells nobody who is there, or nobody is."


def test_hats_are_taken_off_again(alice: Actor) -> None:
    in_the_club(alice)
    alice.receives(here("zoe", more=hats("Host")), here("zoe"))
    assert alice.client.state.rooms[CLUB].occupants["zoe"].hats == ()


def test_hats_are_offered_with_nicks(alice: Actor) -> None:
    in_the_club(alice)
    alice.receives(here("zoe", more=hats("Host")))
    [offer] = alice.workspace.complete("zo", 2)
    assert offer.meta == "participant, Host"


def test_hats_stand_at_what_is_said_as_they_were_then(alice: Actor) -> None:
    in_the_club(alice)
    alice.receives(here("zoe", more=hats("Host")), said("zoe", "welcome", "m1"))
    alice.receives(here("zoe"), said("zoe", "now I am nobody", "m2"))
    assert [
        line.rstrip()[6:] for line in alice.lines(80) if "w" in line and "room" not in line
    ] == [
        "zoe Host  ▴ welcome",
        "zoe         now I am nobody",
    ]


def test_what_was_said_before_we_came_has_no_hat(alice: Actor) -> None:
    """Who has the nick now need not be who had it then."""
    announces(alice)
    alice.types(f"/join {CLUB}")
    alice.receives(
        here("zoe", more=hats("Host")),
        here("alice", 110),
        said("zoe", "earlier", "m1", stamp="2026-01-02T11:00:00Z"),
        subject(),
    )
    assert any("zoe         earlier" in line for line in alice.lines(80))


def test_hats_are_kept_with_the_session(tmp_path: Path) -> None:
    alice = Actor(tmp_path, has_management=True)
    alice.goes_online()
    in_the_club(alice)
    alice.receives(here("zoe", more=hats("Host")))
    alice.run_now(alice.client.settle)
    alice.is_killed()
    again = Actor(tmp_path, has_management=True, session=alice.session)
    assert again.client.state.rooms[CLUB].occupants["zoe"].hats == ("Host",)
    again.close()


@given(rubbish(f"{{{HATS}}}hats", ["title", "uri"], [f"{{{HATS}}}hat", f"{{{OF_PROSODY}}}hat"]))
def test_whatever_is_a_hat_it_is_a_short_line(element: Element) -> None:
    found = reads(HatsPayload, element)
    assert found is not None
    assert len(found.titles) <= 8
    assert all(0 < len(each) <= 60 and "\n" not in each for each in found.titles)


# Comings and goings.


def test_comings_and_goings_are_one_line(alice: Actor) -> None:
    in_the_club(alice, "dave")
    assert alice.told() == []
    alice.receives(here("bob"), here("zoe", more=hats("Host")), away("dave"))
    assert alice.told() == ["bob, zoe [Host] came. dave left."]
    alice.receives(away("bob", 303, new_nick="rob"), here("rob"))
    assert alice.told() == ["zoe [Host], rob came. dave left."]


def test_what_is_undone_is_no_news(alice: Actor) -> None:
    in_the_club(alice, "dave")
    alice.receives(here("bob"), away("bob"))
    assert alice.told() == []
    alice.receives(away("dave"), here("dave"))
    assert alice.told() == []
    alice.receives(away("dave", 303, new_nick="dav"), here("dav"))
    assert alice.told() == ["dave is now dav."]
    alice.receives(away("dav", 303, new_nick="dave"), here("dave"))
    assert alice.told() == []


def test_behind_what_is_said_a_new_line_begins(alice: Actor) -> None:
    in_the_club(alice)
    alice.receives(here("bob"), said("bob", "hello"), here("zoe"), here("dave"))
    assert alice.told() == ["bob came.", "zoe, dave came."]


def test_many_are_counted(alice: Actor) -> None:
    in_the_club(alice)
    alice.receives(*(here(f"guest{number}") for number in range(12)))
    assert alice.told() == [
        "guest0, guest1, guest2, guest3, guest4, guest5, guest6, guest7 and 4 more came."
    ]


def test_who_is_put_out_is_told_once(alice: Actor) -> None:
    in_the_club(alice, "bob")
    alice.receives(away("bob", 307))
    assert alice.told() == ["bob was put out."]


def test_another_way_of_being_there_is_no_coming(alice: Actor) -> None:
    in_the_club(alice, "bob")
    alice.receives(here("bob", more="<show>away</show>"), here("bob"))
    assert alice.told() == []


def test_it_can_be_switched_off(alices: Callable[..., Actor]) -> None:
    alice = alices(settings=Settings(Config(ui=UiConfig(comings=False))))
    in_the_club(alice)
    alice.receives(here("bob"))
    assert alice.told() == []


@pytest.mark.parametrize("nick", ["a b", "evil\N{RIGHT-TO-LEFT OVERRIDE}", "x" * 200])
def test_a_nick_is_one_short_word_of_the_line(alice: Actor, nick: str) -> None:
    in_the_club(alice)
    alice.receives(here(nick))
    [told] = alice.told()
    assert len(told) <= 60
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in told
