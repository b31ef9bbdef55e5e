"""Presence: who is there, what others see of us, and who may see it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from termxmpp.core.roster import Availability
from termxmpp.errors import ConnectionFailed
from tests.support.harness import BOB, Actor


def availability(alice: Actor) -> Availability:
    return alice.client.state.presence_of(BOB).availability


@pytest.mark.parametrize(
    ("show", "seen"),
    [
        ("", Availability.ONLINE),
        ("<show>chat</show>", Availability.CHAT),
        ("<show>xa</show>", Availability.XA),
        ("<show>nonsense</show>", Availability.ONLINE),
        ("<show>offline</show>", Availability.ONLINE),
    ],
)
def test_what_a_resource_shows_is_seen(alice: Actor, show: str, seen: Availability) -> None:
    alice.receives(f"<presence from='bob@example.org/desk'>{show}</presence>")
    assert availability(alice) is seen


def test_the_highest_priority_speaks_for_the_contact(alice: Actor) -> None:
    alice.receives(
        "<presence from='bob@example.org/phone'><show>away</show><priority>5</priority></presence>",
        "<presence from='bob@example.org/desk'><priority>-1</priority></presence>",
    )
    assert availability(alice) is Availability.AWAY
    alice.receives("<presence from='bob@example.org/phone' type='unavailable'/>")
    assert availability(alice) is Availability.ONLINE
    alice.receives("<presence from='bob@example.org' type='unavailable'/>")
    assert availability(alice) is Availability.OFFLINE


@pytest.mark.parametrize(
    "rubbish",
    [
        "<presence/>",
        "<presence type='unavailable'/>",
        "<presence type='subscribe'/>",
        "<presence type='subscribed'/>",
        "<presence type='error'/>",
        "<presence type='probe' from='bob@example.org'/>",
        "<presence from='bob@example.org/desk'><priority>much</priority></presence>",
        "<presence from='bob@example.org/desk'><priority>9999</priority></presence>",
    ],
)
def test_rubbish_harms_nothing(alice: Actor, rubbish: str) -> None:
    alice.receives(rubbish)
    assert not [event for event in alice.events if "bug" in str(event)]


def test_without_a_link_nothing_is_known_of_anybody(alice: Actor) -> None:
    alice.receives("<presence from='bob@example.org/desk'/>")
    alice.loses_the_link(ConnectionFailed("The connection broke."))
    assert availability(alice) is Availability.OFFLINE


@pytest.mark.parametrize(
    ("line", "stanza"),
    [
        ("/online", "<presence/>"),
        ("/away", "<presence><show>away</show></presence>"),
        (
            "/away out for lunch",
            "<presence><show>away</show><status>out for lunch</status></presence>",
        ),
        ("/dnd", "<presence><show>dnd</show></presence>"),
        ("/xa", "<presence><show>xa</show></presence>"),
        ("/chatty", "<presence><show>chat</show></presence>"),
    ],
)
def test_ours_is_announced(alice: Actor, line: str, stanza: str) -> None:
    alice.types(line)
    assert alice.sent() == [stanza]


def test_ours_is_kept_over_a_reconnect_and_can_be_set_offline(alice: Actor) -> None:
    alice.loses_the_link(ConnectionFailed("The connection broke."))
    alice.types("/away back at five")
    assert "as soon as you are connected" in alice.told()[-1]
    alice.goes_online()
    assert "<presence><show>away</show><status>back at five</status></presence>" in alice.sent()


def test_a_session_that_goes_on_learns_what_became_of_us(alices: Callable[..., Actor]) -> None:
    """And only then: the server has kept the rest (XEP-0198 §5)."""
    alice = alices(has_management=True)
    alice.loses_the_link()
    alice.goes_online()
    assert not [stanza for stanza in alice.sent() if stanza.startswith("<presence")]
    alice.loses_the_link()
    alice.types("/away back at five")
    alice.goes_online()
    assert [stanza for stanza in alice.sent() if stanza.startswith("<presence")] == [
        "<presence><show>away</show><status>back at five</status></presence>"
    ]


def test_a_request_is_told_with_what_can_be_done(alice: Actor) -> None:
    alice.receives(
        "<presence type='subscribe' from='dave@example.com/x'><status>it's me</status></presence>"
    )
    told = alice.told()[-1]
    assert "dave@example.com asks to see your presence and says: it's me" in told
    assert "/subscription approve dave@example.com" in told


@pytest.mark.parametrize(
    ("line", "type_"),
    [
        ("/subscription approve dave@example.com", "subscribed"),
        ("/sub approve dave@example.com", "subscribed"),
        ("/sub deny dave@example.com", "unsubscribed"),
        ("/sub request dave@example.com", "subscribe"),
    ],
)
def test_subscriptions_are_answered_and_asked_for(alice: Actor, line: str, type_: str) -> None:
    alice.types(line)
    assert alice.sent() == [f'<presence to="dave@example.com" type="{type_}"/>']


def test_a_contact_is_not_seen_any_longer(alice: Actor) -> None:
    alice.types("/sub cancel dave@example.com")
    assert alice.workspace.problem.startswith("You don't see the presence of dave@example.com")
    assert alice.sent() == []
    alice.types("/sub cancel bob@example.org")
    assert alice.sent() == ['<presence to="bob@example.org" type="unsubscribe"/>']


def test_offline_an_answer_can_not_be_given_and_that_is_said(alice: Actor) -> None:
    alice.loses_the_link(ConnectionFailed("The connection broke."))
    alice.types("/sub approve dave@example.com")
    assert "is not online" in alice.workspace.problem


# Who may see us.

PRE_APPROVAL = frozenset({"{urn:xmpp:features:pre-approval}sub"})
SUBSCRIBED = '<presence to="dave@example.com" type="subscribed"/>'


def test_who_has_asked_is_let_see_us(alice: Actor) -> None:
    alice.receives("<presence type='subscribe' from='dave@example.com'/>")
    alice.types("/subscription approve dave@example.com")
    assert alice.sent() == [SUBSCRIBED]
    assert alice.told()[-1] == "dave@example.com may see your presence."
    assert alice.client.state.requests == {}


def test_somebody_is_approved_before_he_asks() -> None:
    """RFC 6121 §3.4, where the server offers it."""
    alice = Actor()
    try:
        alice.stream_features = PRE_APPROVAL
        alice.goes_online()
        alice.sent()
        alice.types("/sub approve dave@example.com")
        assert alice.sent() == [SUBSCRIBED]
        assert alice.told()[-1] == "dave@example.com may see your presence as soon as it asks."
        alice.receives(
            "<iq type='set' id='p'><query xmlns='jabber:iq:roster'>"
            "<item jid='dave@example.com' subscription='none' approved='true'/></query></iq>"
        )
        alice.types("/roster list")
        assert "neither sees the other; it may see you when it asks" in alice.told()[-1]
    finally:
        alice.close()


def test_a_server_that_forgets_it_is_told_of(alice: Actor) -> None:
    alice.types("/sub approve dave@example.com")
    assert alice.told()[-1].endswith("if it has asked; your server forgets it if not.")


def test_who_sees_us_need_not_be_approved(alice: Actor) -> None:
    alice.types("/sub approve bob@example.org")
    assert alice.sent() == []
    assert alice.told()[-1] == "bob@example.org sees your presence already."


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("subscribed", "bob@example.org lets you see its presence."),
        ("unsubscribed", "bob@example.org does not let you see its presence."),
        ("unsubscribe", "bob@example.org does not want to see your presence any more."),
    ],
)
def test_what_becomes_of_it_is_told(alice: Actor, kind: str, words: str) -> None:
    alice.receives(f"<presence type='{kind}' from='bob@example.org'/>")
    assert alice.told()[-1] == words


def test_what_is_not_answered_yet_is_listed(alice: Actor) -> None:
    alice.types("/subscription list")
    assert alice.told()[-1] == "Nobody has asked, and nobody has not answered."
    alice.receives(
        "<presence type='subscribe' from='dave@example.com'><status>it's me</status></presence>",
        "<iq type='set' id='p'><query xmlns='jabber:iq:roster'>"
        "<item jid='eve@example.com' name='Eve' subscription='none' ask='subscribe'/>"
        "<item jid='fay@example.com' subscription='to' approved='true'/></query></iq>",
    )
    alice.types("/sub list")
    assert alice.told()[-1].split("\n") == [
        "asks you        dave@example.com  it's me",
        "you have asked  eve@example.com   Eve",
        "approved        fay@example.com",
    ]


def test_who_has_asked_is_offered_first(alice: Actor) -> None:
    alice.receives("<presence type='subscribe' from='zoe@example.com'/>")
    line = "/subscription approve "
    offers = [each.text for each in alice.workspace.complete(line, len(line))]
    assert offers == ["zoe@example.com", "bob@example.org", "carol@example.org"]


# Presence that is directed at one (RFC 6121 §4.6).


def test_one_is_shown_our_presence_and_its_changes(alice: Actor) -> None:
    alice.types("/subscription show dave@example.com")
    assert alice.sent() == ['<presence to="dave@example.com"/>']
    alice.types("/away")
    assert [each.partition(" to=")[2][:18] for each in alice.sent()] == ["", '"dave@example.com"']


def test_one_is_shown_that_we_are_offline(alice: Actor) -> None:
    alice.types("/subscription show dave@example.com")
    alice.sent()
    alice.types("/subscription hide dave@example.com")
    assert alice.sent() == ['<presence to="dave@example.com" type="unavailable"/>']
    alice.types("/away")
    assert len(alice.sent()) == 1


def test_a_new_session_shows_nobody_anything_by_itself(alice: Actor) -> None:
    alice.types("/subscription show dave@example.com")
    alice.loses_the_link()
    alice.goes_online()
    assert not [each for each in alice.sent() if "dave@example.com" in each]


def test_a_room_is_not_shown_so(alice: Actor) -> None:
    alice.types("/join club@conference.example.org")
    alice.sent()
    alice.types("/subscription show club@conference.example.org")
    assert alice.sent() == []
    assert "is a room" in alice.told()[-1]


def test_offline_nobody_is_shown_anything(alice: Actor) -> None:
    alice.loses_the_link()
    alice.types("/subscription show dave@example.com")
    assert alice.told()[-1] == "While you are offline nobody sees you."
    assert alice.client.state.shown_to == frozenset()
