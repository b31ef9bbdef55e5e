"""What moderators do: the topic, kicks, roles, and messages that the room takes back."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given

from termxmpp.xmpp.acts import LONGEST_ID, OldModerationPayload, OldTombstonePayload
from tests.support.harness import Actor
from tests.support.rooms import (
    ARCHIVED,
    CLUB,
    announces,
    answer,
    enters,
    here,
    order,
    refusal,
    said,
)
from tests.support.rubbish import reads, rubbish

ADMIN = "http://jabber.org/protocol/muc#admin"
MODERATE = "urn:xmpp:message-moderate:1"


# The topic.


def test_the_topic_is_told(alice: Actor) -> None:
    announces(alice)
    enters(alice, about="tea")
    alice.types("/topic")
    assert alice.told()[-1] == f"{CLUB} is about: tea"


def test_a_room_without_a_topic_says_so(alice: Actor) -> None:
    announces(alice)
    enters(alice)
    alice.types("/topic")
    assert alice.told()[-1] == f"{CLUB} has no topic."


@pytest.mark.parametrize(
    ("line", "subject"),
    [
        ("/topic coffee & cake", "<subject>coffee &amp; cake</subject>"),
        ('/topic "coffee"', "<subject>coffee</subject>"),
        ('/topic ""', "<subject/>"),
    ],
)
def test_a_topic_is_set_and_taken_away(alice: Actor, line: str, subject: str) -> None:
    announces(alice)
    enters(alice, about="tea")
    alice.types(line)
    [sent] = alice.sent()
    assert sent == f'<message to="{CLUB}" type="groupchat" id="topic-id1">{subject}</message>'


def test_why_the_topic_was_not_taken_is_told(alice: Actor) -> None:
    announces(alice)
    enters(alice)
    alice.types("/topic coffee")
    alice.receives(
        f"<message type='error' from='{CLUB}' id='topic-id1'><error type='auth'>"
        "<forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    )
    assert "ask a moderator" in alice.told()[-1]


# Who may do what.


def test_a_kick_takes_the_role_away(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob the builder")
    alice.types("/kick 'bob the builder' that is too loud")
    id, xml = order(alice, ADMIN)
    assert xml == (
        f'<iq to="{CLUB}" type="set" id="{id}"><query xmlns="{ADMIN}">'
        '<item role="none" nick="bob the builder"><reason>that is too loud</reason></item>'
        "</query></iq>"
    )


def test_a_role_is_given_and_told(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.types("/role bob visitor")
    id, xml = order(alice, ADMIN)
    assert '<item role="visitor" nick="bob"/>' in xml
    alice.receives(answer(id))
    assert alice.told()[-1] == "bob is from now on: visitor."


@pytest.mark.parametrize(
    ("line", "condition", "words"),
    [
        ("/kick bob", "forbidden", "that needs the rights of at least: moderator. You are: "),
        ("/kick bob", "not-allowed", "who stands as high as you, or higher, can't be touched"),
        ("/role bob moderator", "forbidden", "at least: admin. You are: participant, no aff"),
        (
            "/kick bob",
            "internal-server-error",
            f"{CLUB} refused: something is broken there (internal-server-error)",
        ),
    ],
)
def test_what_is_missing_is_told_where_it_was_typed(
    alice: Actor, line: str, condition: str, words: str
) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.types(line)
    id, _ = order(alice, ADMIN)
    alice.receives(refusal(id, condition))
    assert words in alice.told()[-1]


def test_nobody_who_is_not_there_is_put_out(alice: Actor) -> None:
    announces(alice)
    enters(alice)
    alice.types("/kick zoe")
    assert alice.told()[-1] == f"Nobody is called zoe in {CLUB}: /who lists who is there."
    assert alice.sent() == []


def test_outside_a_room_there_is_nobody_to_put_out(alice: Actor) -> None:
    for line in ("/kick bob", "/topic", "/role bob visitor", "/ban bob", "/moderate 1"):
        alice.types(line)
        assert alice.workspace.problem == "This is no room: /join ROOM enters one."


def test_nicks_are_offered_by_who_spoke_last(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob", "carol", "dave")
    alice.receives(said("carol", "hi", "1"), said("dave", "ho", "2"))
    for name in ("kick", "ban", "role", "affiliation"):
        line = f"/{name} "
        offers = [each.text for each in alice.workspace.complete(line, len(line))]
        assert [each for each in offers if each != "list "] == ["dave", "carol", "bob"]


# Who may speak.


def request(kind: str, name: str, nick: str, more: str = "") -> str:
    return (
        f"<message from='{CLUB}'><x xmlns='jabber:x:data' type='form'>"
        f"<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/muc#{kind}</value>"
        f"</field><field var='{name}'><value>{nick}</value></field>{more}</x></message>"
    )


def test_who_may_only_listen_asks_to_speak(alice: Actor) -> None:
    announces(alice)
    enters(alice)
    alice.types("/voice")
    assert alice.told()[-1] == f"You may speak in {CLUB}."
    alice.receives(here("alice", 110, role="visitor"))
    alice.types("/voice")
    [sent] = alice.sent()
    assert sent.startswith(f'<message to="{CLUB}"')
    assert "http://jabber.org/protocol/muc#request" in sent
    assert "<value>participant</value>" in sent


def test_who_asks_a_moderator_is_told_with_what_to_type(alice: Actor) -> None:
    announces(alice)
    alice.receives(request("request", "muc#roomnick", "eve"))
    enters(alice, "bob")
    alice.receives(request("request", "muc#roomnick", "bob"))
    assert alice.told() == ["bob asks to speak here: /role bob participant lets it."]
    alice.receives(request("register", "muc#register_roomnick", "bob"))
    assert "/affiliation bob member" in alice.told()[-1]
    alice.receives(request("other", "muc#roomnick", "bob"), request("request", "x", "bob"))
    assert len(alice.told()) == 2


def test_who_is_let_be_a_member_is_told_by_the_form_of_the_room(alice: Actor) -> None:
    """§9.9: who asks need not be there, so that nothing else names him."""
    announces(alice)
    enters(alice)
    more = "<field var='muc#register_email'><value>e@e</value></field>"
    alice.receives(request("register", "muc#register_roomnick", "eve", more))
    alice.forgets()
    alice.types("/affiliation eve member")
    [sent] = alice.sent()
    assert 'type="submit"' in sent
    values = dict(re.findall(r'var="([^"]+)"[^>]*><value>([^<]*)', sent))
    assert values == {
        "FORM_TYPE": "http://jabber.org/protocol/muc#register",
        "muc#register_roomnick": "eve",
        "muc#register_email": "e@e",
        "muc#register_allow": "1",
    }
    assert alice.told()[-1] == f"{CLUB} is told that eve may be a member."
    alice.types("/affiliation eve member")
    assert "Nobody is called eve" in alice.told()[-1]


def test_who_is_not_is_told_so_too(alice: Actor) -> None:
    announces(alice)
    enters(alice)
    alice.receives(request("register", "muc#register_roomnick", "eve"))
    alice.forgets()
    alice.types("/affiliation eve none")
    assert re.search(r'var="muc#register_allow"[^>]*><value>0<', alice.sent()[0])


def test_of_many_who_ask_the_last_are_known(alice: Actor) -> None:
    announces(alice)
    enters(alice)
    for number in range(200):
        alice.receives(request("register", "muc#register_roomnick", f"n{number}"))
    assert len(alice.client.state.requested_memberships) < 101


# What the room takes back.


def moderates(alice: Actor, *namespaces: str) -> None:
    announces(alice, *ARCHIVED, *namespaces)
    enters(alice, "bob")
    alice.receives(here("alice", role="moderator"), said("bob", "spam", "m", archive_id="a1"))
    alice.forgets()


def test_a_message_is_named_as_the_room_names_it(alice: Actor) -> None:
    moderates(alice, MODERATE)
    alice.types("/moderate 1 no spam here")
    id, xml = order(alice, MODERATE)
    assert MODERATE in xml
    assert 'id="a1"' in xml
    assert "urn:xmpp:message-retract:1" in xml
    assert "<reason>no spam here</reason>" in xml
    alice.receives(answer(id))
    alice.receives(
        f"<message type='groupchat' from='{CLUB}' id='r'><retract id='a1' "
        f"xmlns='urn:xmpp:message-retract:1'><moderated xmlns='{MODERATE}'/></retract></message>"
    )
    assert not any("spam" in line for line in alice.lines())


def test_a_room_of_old_takes_back_too(alice: Actor) -> None:
    old = "urn:xmpp:message-moderate:0"
    moderates(alice, old)
    alice.types("/moderate 1 no spam here")
    id, xml = order(alice, old)
    assert 'id="a1"' in xml
    assert "no spam here" in xml
    taken_back = (
        f"<apply-to xmlns='urn:xmpp:fasten:0' id='a1'><moderated xmlns='{old}'>"
        "<retract xmlns='urn:xmpp:message-retract:0'/></moderated></apply-to></message>"
    )
    alice.receives(f"<message type='groupchat' from='{CLUB}/zoe' id='f'>{taken_back}")
    assert any("spam" in line for line in alice.lines())
    alice.receives(answer(id), f"<message type='groupchat' from='{CLUB}' id='r'>{taken_back}")
    assert not any("spam" in line for line in alice.lines())


def test_a_room_that_can_t_take_back_says_so(alice: Actor) -> None:
    moderates(alice)
    alice.types("/moderate 1")
    assert "can't take back messages" in alice.told()[-1]
    assert alice.sent() == []


def test_who_is_no_moderator_is_told_so(alice: Actor) -> None:
    moderates(alice, MODERATE)
    alice.types("/moderate 1")
    id, _ = order(alice, MODERATE)
    alice.receives(refusal(id, "forbidden"))
    assert "at least: moderator" in alice.told()[-1]


FASTEN, OLD = "urn:xmpp:fasten:0", "urn:xmpp:message-moderate:0"
RETRACT = "urn:xmpp:message-retract:0"


@given(
    rubbish(
        f"{{{FASTEN}}}apply-to",
        ["id"],
        [f"{{{OLD}}}moderated", f"{{{RETRACT}}}retract", f"{{{RETRACT}}}retracted"],
    )
)
def test_what_is_taken_back_of_old_is_named_or_nothing(element: Element) -> None:
    found = reads(OldModerationPayload, element)
    assert found is None or 0 < len(found.id) <= LONGEST_ID
    grave = reads(OldTombstonePayload, element)
    assert grave in (None, OldTombstonePayload())
