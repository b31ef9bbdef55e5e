"""Nicknames: what people call themselves is a proposal, and names nobody by itself."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import pytest

from termxmpp.core.jid import Jid
from termxmpp.xmpp.nick import NS
from termxmpp.xmpp.stanzas import as_text
from tests.support.harness import ALICE, BOB, Actor
from tests.support.rooms import CLUB, announces, away, enters, here

PUBSUB = "http://jabber.org/protocol/pubsub"
DAVE = Jid.parse("dave@example.com")


def event(sender: str, nick: str | None, node: str = NS) -> str:
    inner = f"<nick xmlns='{NS}'>{nick}</nick>" if nick is not None else ""
    return (
        f"<message type='headline' from='{sender}'><event xmlns='{PUBSUB}#event'>"
        f"<items node='{node}'><item id='current'>{inner}</item></items></event></message>"
    )


def message(sender: str, nick: str, body: str = "hello", id: str = "m1") -> str:
    text = f"<body>{body}</body>" if body else ""
    return f"<message from='{sender}' id='{id}'>{text}<nick xmlns='{NS}'>{nick}</nick></message>"


@pytest.fixture
def alice() -> Iterator[Actor]:
    """alice, whose server has PEP."""
    actor = Actor(announced=(f"{PUBSUB}#publish",))
    actor.answers = lambda iq: (
        f"<iq type='result' id='{iq.get('id')}'/>" if "<publish" in as_text(iq) else None
    )
    actor.goes_online()
    actor.forgets()
    yield actor
    actor.close()


def nicks(alice: Actor) -> dict[Jid, str]:
    return alice.client.state.nicks


def test_what_a_contact_publishes_is_known_and_names_nobody(alice: Actor) -> None:
    alice.receives(event("bob@example.org", "Bobby"))
    assert nicks(alice) == {BOB: "Bobby"}
    assert alice.client.state.title_of(BOB) == "Bob"
    assert alice.told() == []
    alice.receives(event("bob@example.org", ""))
    assert nicks(alice) == {}


@pytest.mark.parametrize(
    "stanza",
    [
        event("dave@example.com", "Alice"),
        event("bob@example.org/desk", "Alice"),
        event("alice@example.org/there", "Mallory"),
        event("bob@example.org", None),
        event("bob@example.org", "Bobby", node="urn:other"),
        message("bob@example.org/desk", "Bobby"),
        message("dave@example.com/x", "Dave", body=""),
        message("dave@example.com/x", ""),
        f"<message from='bob@example.org'><event xmlns='{PUBSUB}#event'/></message>",
    ],
)
def test_nobody_else_is_heard_so(alice: Actor, stanza: str) -> None:
    """By PEP only contacts, from their accounts; in messages strangers only, and with a text."""
    alice.receives(stanza)
    assert nicks(alice) == {}


def test_a_stranger_is_introduced_once(alice: Actor) -> None:
    alice.receives(message("dave@example.com/x", "Dave\u202e"))
    alice.receives(message("dave@example.com/x", "Dave\u202e", id="m2"))
    alice.looks_at(DAVE)
    assert alice.told() == [
        "dave@example.com calls itself Dave\u202e. Anybody can say that of himself.\n"
        "/roster add dave@example.com Dave\u202e puts it into your roster under that name."
    ]
    assert alice.client.state.title_of(DAVE) == "dave@example.com"
    assert not [line for line in alice.lines() if "\u202e" in line]


def test_a_stranger_who_takes_another_name_is_told_again(alice: Actor) -> None:
    alice.receives(
        message("dave@example.com/x", "Dave"), message("dave@example.com/x", "Bob", id="2")
    )
    alice.looks_at(DAVE)
    assert [text.split(".")[1].split()[-1] for text in alice.told()] == ["Dave", "Bob"]


def test_who_asks_to_see_us_says_his_name(alice: Actor) -> None:
    nick = f"<nick xmlns='{NS}'>Dave</nick>"
    alice.receives(f"<presence type='subscribe' from='dave@example.com'>{nick}</presence>")
    words = "dave@example.com asks to see your presence. It calls itself Dave."
    assert words in alice.told()[-1]


def test_ours_is_published(alice: Actor) -> None:
    alice.types("/nick Alice in Wonderland")
    [order] = alice.sent()
    assert f'<publish node="{NS}"><item id="current"><' in order
    assert ">Alice in Wonderland</" in order
    # Who may see it is as the node says, or as the server has it for all.
    assert "publish-options" not in order
    assert nicks(alice) == {ALICE: "Alice in Wonderland"}
    alice.types("/nick")
    assert alice.told()[-1] == "You call yourself Alice in Wonderland."


def test_ours_is_taken_away(alice: Actor) -> None:
    alice.types("/nick Alice")
    alice.types('/nick ""')
    assert nicks(alice) == {}
    assert alice.told()[-1] == "Your contacts are told no name of you any more."
    alice.types("/nick")
    assert alice.told()[-1] == "You have told no name of you; /nick NAME does."


def test_what_was_published_elsewhere_is_ours_too(alice: Actor) -> None:
    alice.receives(event("alice@example.org", "Ally"))
    assert nicks(alice) == {ALICE: "Ally"}


def test_only_strangers_are_told_and_once(alice: Actor) -> None:
    """§4.2."""
    alice.types("/nick Ally")
    alice.sent()
    alice.types("/msg dave@example.com hello")
    alice.types("are you there?")
    alice.types("/msg bob@example.org hello")
    assert [">Ally</" in stanza for stanza in alice.sent() if "<body>" in stanza] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "line", ["/subscription request dave@example.com", "/roster add dave@example.com"]
)
def test_who_is_asked_to_be_seen_is_told(alice: Actor, line: str) -> None:
    """§4.1."""
    alice.types("/nick Ally")
    alice.sent()
    alice.types(line)
    assert ">Ally</" in alice.sent()[-1]


def test_a_server_without_pep_is_told_of() -> None:
    actor = Actor()
    try:
        actor.goes_online()
        actor.sent()
        actor.types("/nick Ally")
        assert actor.told()[-1].startswith("Your server can't tell your contacts a name")
        assert actor.sent() == []
    finally:
        actor.close()


def test_in_a_room_it_is_the_name_there(alice: Actor) -> None:
    """XEP-0045 §7.6: the room's answer is what counts."""
    announces(alice)
    enters(alice)
    me = alice.client.state.rooms[CLUB].nick
    alice.forgets()
    alice.types("/nick Queen of Hearts")
    assert alice.sent() == [f'<presence to="{CLUB}/Queen of Hearts"/>']
    assert alice.client.state.rooms[CLUB].nick == me
    alice.receives(away(me, 303, 110, new_nick="Queen of Hearts"), here("Queen of Hearts", 110))
    alice.types("/nick")
    assert alice.told()[-1] == f"You are Queen of Hearts in {CLUB}."
    alice.types("/nick Queen of Hearts")
    assert alice.told()[-1] == "You are called Queen of Hearts there already."
    assert alice.sent() == []


def test_a_new_nick_is_told_once_whoever_wants_to_hear_of_comings(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.receives(away("alice", 303, 110, 210, new_nick="queen"), here("queen", 110, 210))
    assert alice.told() == ["You are queen here now."]


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("conflict", "bob is somebody else here, or kept for somebody"),
        ("not-acceptable", "the room keeps another nick for you, and lets you have only that"),
        ("not-allowed", "you may not change your nick here"),
        ("undefined-condition", "undefined-condition"),
    ],
)
def test_a_nick_that_the_room_refuses_is_told_with_the_reason(
    alice: Actor, condition: str, reason: str
) -> None:
    """XEP-0045 §7.6; one stays in under the old one."""
    announces(alice)
    enters(alice, "bob")
    alice.types("/nick bob")
    alice.receives(
        f"<presence type='error' from='{CLUB}/bob'><x xmlns='http://jabber.org/protocol/muc'/>"
        f"<error type='cancel'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
        "</presence>"
    )
    assert alice.told() == [f"You stay alice: {reason}."]
    assert alice.client.state.rooms[CLUB].is_in


def test_where_nicks_are_locked_the_one_that_may_be_had_is_told(alice: Actor) -> None:
    announces(alice)
    enters(alice)
    before = alice.answers
    kept = "<identity category='conference' type='text' name='witch'/>"
    alice.answers = lambda iq: (
        f"<iq type='result' id='{iq.get('id')}' from='{CLUB}'>"
        f"<query xmlns='http://jabber.org/protocol/disco#info'>{kept}</query></iq>"
        if "x-roomuser-item" in as_text(iq)
        else before(iq)
    )
    alice.receives(
        f"<presence type='error' from='{CLUB}/bob'><error type='cancel'>"
        "<not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"
    )
    assert alice.told()[-1] == "The room keeps witch for you."


def test_who_is_not_in_the_room_has_no_name_there(alice: Actor) -> None:
    announces(alice)
    enters(alice)
    alice.types("/leave")
    alice.sent()
    alice.types("/nick Queen")
    assert alice.told()[-1].startswith(f"You are not in {CLUB}")
    assert alice.sent() == []


def test_a_refusal_of_the_server_changes_nothing(alice: Actor) -> None:
    def refuses(iq: Element) -> str:
        return (
            f"<iq type='error' id='{iq.get('id')}'><error type='auth'>"
            "<forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
        )

    alice.answers = refuses
    alice.types("/nick Ally")
    assert "forbidden" in alice.told()[-1]
    assert nicks(alice) == {}
