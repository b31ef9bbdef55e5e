"""Since when nobody has been there, and what time it is: told to those who may see us."""

from __future__ import annotations

from datetime import timedelta

import pytest

from termxmpp.core.disclosure import Disclosure
from termxmpp.core.jid import Jid
from termxmpp.ui.heading import title_line
from termxmpp.ui.theme import Symbols
from tests.support.harness import BOB, NOON, Actor
from tests.support.rooms import CLUB, announces, enters

DESK = BOB.with_resource("desk")
AWAY = NOON - timedelta(minutes=7)


def asks(alice: Actor, sender: str, question: str) -> str:
    origin = f" from='{sender}'" if sender else ""
    alice.receives(f"<iq type='get' id='q'{origin}>{question}</iq>")
    [answer] = alice.sent()
    return answer


LAST = "<query xmlns='jabber:iq:last'/>"
TIME = "<time xmlns='urn:xmpp:time'/>"


def goes_away(alice: Actor) -> None:
    alice.run_now(alice.client.set_idle, AWAY)


def comes_back(alice: Actor) -> None:
    alice.run_now(alice.client.set_idle, None)


def set_to(alice: Actor, **disclosure: bool | int) -> None:
    """Let the account be set so."""
    told = Disclosure(**disclosure)  # type: ignore[arg-type]  # as the fields are called
    configure = lambda: alice.client.configure(  # noqa: E731
        ping_interval=300, sends_markers=True, sends_typing=True, disclosure=told
    )
    alice.run_now(configure)


@pytest.mark.parametrize("sender", ["bob@example.org/desk", "alice@example.org/there", ""])
def test_who_may_see_us_may_know(alice: Actor, sender: str) -> None:
    assert 'seconds="0"' in asks(alice, sender, LAST)
    goes_away(alice)
    alice.sent()
    assert 'seconds="420"' in asks(alice, sender, LAST)
    answer = asks(alice, sender, TIME)
    assert "<utc>2026-01-02T12:00:00Z</utc>" in answer
    assert "<tzo>+00:00</tzo>" in answer


@pytest.mark.parametrize(
    "sender", ["carol@example.org/x", "dave@example.com/x", "example.org", f"{CLUB}/bob"]
)
@pytest.mark.parametrize("question", [LAST, TIME])
def test_others_learn_nothing(alice: Actor, sender: str, question: str) -> None:
    """XEP-0012 §8: carol is seen and does not see us."""
    announces(alice)
    enters(alice, "bob")
    goes_away(alice)
    alice.sent()
    answer = asks(alice, sender, question)
    assert "<forbidden " in answer
    assert "seconds" not in answer
    assert "utc" not in answer


@pytest.mark.parametrize(("name", "question"), [("idle", LAST), ("time", TIME)])
def test_it_can_be_set_that_nobody_does(alice: Actor, name: str, question: str) -> None:
    set_to(alice, **{name: False})
    assert "<forbidden " in asks(alice, str(DESK), question)


def test_an_absence_stands_in_our_presence(alice: Actor) -> None:
    """XEP-0319 §3; once, and its end too."""
    goes_away(alice)
    idle = '<idle since="2026-01-02T11:53:00Z"  xmlns="urn:xmpp:idle:1"/>'
    assert alice.sent() == [f"<presence>{idle}</presence>"]
    comes_back(alice)
    assert alice.sent() == ["<presence/>"]


def test_what_else_we_show_stays(alice: Actor) -> None:
    alice.types("/away lunch")
    alice.sent()
    goes_away(alice)
    [away] = alice.sent()
    assert "<show>away</show><status>lunch</status>" in away
    assert "<idle " in away


def test_rooms_are_not_told(alice: Actor) -> None:
    announces(alice)
    enters(alice)
    goes_away(alice)
    assert not [each for each in alice.sent() if str(CLUB) in each]


def test_set_to_tell_nothing_an_absence_tells_nothing(alice: Actor) -> None:
    set_to(alice, idle=False)
    goes_away(alice)
    assert alice.sent() == []
    set_to(alice, idle=True)
    assert "<idle " in alice.sent()[-1]


def test_an_absence_offline_is_told_with_the_next_session(alice: Actor) -> None:
    alice.loses_the_link()
    goes_away(alice)
    alice.goes_online()
    [presence] = [each for each in alice.sent() if each.startswith("<presence")]
    assert "<idle " in presence


def test_a_session_that_goes_on_learns_of_it() -> None:
    alice = Actor(has_management=True)
    try:
        alice.goes_online()
        alice.loses_the_link()
        goes_away(alice)
        alice.goes_online()
        assert "<idle " in alice.sent()[-1]
    finally:
        alice.close()


def test_the_priority_is_what_is_set(alice: Actor) -> None:
    """RFC 6121 §4.7.2.3."""
    set_to(alice, priority=-1)
    assert alice.sent() == ["<presence><priority>-1</priority></presence>"]
    alice.types("/away")
    assert alice.sent() == ["<presence><show>away</show><priority>-1</priority></presence>"]
    set_to(alice, priority=-1)
    assert alice.sent() == []


@pytest.mark.parametrize(
    ("idle", "since"),
    [
        ("<idle xmlns='urn:xmpp:idle:1' since='2026-01-02T11:53:00Z'/>", AWAY),
        ("<idle xmlns='urn:xmpp:idle:1' since='soon'/>", None),
        ("<idle xmlns='urn:xmpp:idle:1'/>", None),
        ("<idle xmlns='urn:other' since='2026-01-02T11:53:00Z'/>", None),
        ("", None),
    ],
)
def test_the_absence_of_others_is_seen(alice: Actor, idle: str, since: object) -> None:
    alice.receives(f"<presence from='bob@example.org/desk'>{idle}</presence>")
    assert alice.client.state.presence_of(DESK).idle_since == since


def test_who_may_see_us_is_known() -> None:
    actor = Actor()
    try:
        actor.goes_online()
        state = actor.client.state
        seen = [Jid.parse(each) for each in ("bob@example.org/x", "alice@example.org")]
        assert all(state.sees_us(each) for each in seen)
        assert not state.sees_us(Jid.parse("carol@example.org"))
    finally:
        actor.close()


def test_it_stands_above_the_conversation(alice: Actor) -> None:
    alice.looks_at(BOB)
    alice.receives(
        "<presence from='bob@example.org/desk'><show>away</show><status>lunch</status>"
        "<idle xmlns='urn:xmpp:idle:1' since='2026-01-02T11:53:00Z'/></presence>"
    )
    title = "".join(part[1] for part in title_line(alice.workspace.current, 80, Symbols()))
    assert title == " Bob  bob@example.org  away: lunch  nobody there since 11:53"
