"""Receipts: asked for with each message, given to those who may know that we are here."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given

from termxmpp.core.message import Fate
from termxmpp.features.receipts import FEATURE
from termxmpp.xmpp.receipts import NS, ReceivedPayload, RequestPayload
from tests.support.harness import ALICE, BOB, Actor
from tests.support.rubbish import reads, rubbish

REQUEST = f"<request xmlns='{NS}'/>"
ASKS = (
    "<message from='bob@example.org/desk' type='chat' id='m1'>"
    f"<body>hello</body>{REQUEST}</message>"
)


def receipt(id_: str = "id1", sender: str = "bob@example.org/desk", more: str = "") -> str:
    return f"<message from='{sender}' id='r1'><received xmlns='{NS}' id='{id_}'/>{more}</message>"


def given_by(alice: Actor) -> list[str]:
    return [stanza for stanza in alice.sent(is_whole=True) if "<received" in stanza]


def fate(alice: Actor, id_: str = "id1") -> Fate | None:
    own = alice.client.state.conversation(BOB).own(id_)
    assert own is not None
    return own.fate


def test_one_is_asked_for_with_each_message(alice: Actor) -> None:
    """§5; the message has an id, by which the receipt will name it (§7)."""
    alice.types("/msg bob@example.org hello")
    [message] = alice.sent(is_whole=True)
    assert f'<request  xmlns="{NS}"/>' in message
    assert 'id="id1"' in message


def test_nothing_is_asked_with_a_receipt(alice: Actor) -> None:
    """§5.4: else two clients would never stop."""
    alice.receives(ASKS)
    [stanza] = given_by(alice)
    assert "<request" not in stanza


def test_a_receipt_is_the_fate_of_the_message(alice: Actor) -> None:
    alice.types("/msg bob@example.org hello")
    alice.receives(receipt())
    assert alice.lines()[-1] == "12:00 you      hello ✓✓"
    alice.is_confirmed()
    assert alice.lines()[-1] == "12:00 you      hello ✓✓"


def test_each_device_may_send_one(alice: Actor) -> None:
    """§4: the sender is prepared for several."""
    alice.types("/msg bob@example.org hello")
    alice.receives(
        receipt(), receipt(sender="bob@example.org/phone"), receipt(sender="bob@example.org")
    )
    assert fate(alice) is Fate.RECEIVED


@pytest.mark.parametrize("type_", ["", "type='normal'", "type='headline'", "type='chat'"])
def test_one_counts_whatever_its_type(alice: Actor, type_: str) -> None:
    """§7: a different type is accepted."""
    alice.types("/msg bob@example.org hello")
    alice.receives(receipt().replace("id='r1'", f"id='r1' {type_}"))
    assert fate(alice) is Fate.RECEIVED


def test_one_that_waited_for_us_counts_too(alice: Actor) -> None:
    alice.types("/msg bob@example.org hello")
    alice.receives(receipt(more="<delay xmlns='urn:xmpp:delay' stamp='2026-01-02T11:00:00Z'/>"))
    assert fate(alice) is Fate.RECEIVED


@pytest.mark.parametrize(
    "sender", ["mallory@example.com", "example.org", "carol@example.org", "alice@example.org/there"]
)
def test_only_the_recipient_can_say_so(alice: Actor, sender: str) -> None:
    alice.types("/msg bob@example.org hello")
    alice.receives(receipt(sender=sender))
    assert fate(alice) is Fate.SENT


@pytest.mark.parametrize(
    "forged",
    [
        receipt("other"),
        receipt("").replace("id=''", ""),
        receipt(""),
        receipt().replace(NS, "urn:other"),
        receipt().replace("id='r1'", "id='r1' type='error'"),
        f"<message><received xmlns='{NS}' id='id1'/></message>",
    ],
)
def test_what_is_no_receipt_of_it_says_nothing(alice: Actor, forged: str) -> None:
    alice.types("/msg bob@example.org hello")
    alice.receives(forged)
    assert fate(alice) is Fate.SENT


def test_a_receipt_is_no_message(alice: Actor) -> None:
    alice.receives(receipt())
    assert BOB not in alice.client.state.conversations


def test_what_is_said_beside_a_receipt_is_heard(alice: Actor) -> None:
    alice.types("/msg bob@example.org hello")
    alice.receives(receipt(more="<body>got it</body>"))
    assert alice.lines()[-2:] == ["12:00 you      hello ✓✓", "12:00 Bob      got it"]


@pytest.mark.parametrize(
    ("subscription", "is_given"),
    [("none", False), ("to", False), ("from", True), ("both", True), ("remove", False)],
)
def test_one_is_given_to_who_may_see_our_presence(
    alice: Actor, subscription: str, is_given: bool
) -> None:
    """§8: to others it would tell that we are here."""
    item = f"<item jid='bob@example.org' subscription='{subscription}'/>"
    alice.receives(f"<iq type='set' id='p'><query xmlns='jabber:iq:roster'>{item}</query></iq>")
    alice.receives(ASKS)
    assert len(given_by(alice)) == is_given


def test_one_is_not_given_to_strangers(alice: Actor) -> None:
    alice.receives(ASKS.replace("bob@example.org", "dave@example.com"))
    assert given_by(alice) == []


@pytest.mark.parametrize(
    ("type_", "answered"),
    [("chat", "chat"), ("normal", "normal"), ("", "normal"), ("headline", "headline")],
)
def test_it_goes_to_the_device_that_asked_in_the_type_that_it_used(
    alice: Actor, type_: str, answered: str
) -> None:
    """§7. The hint lets it wait for who is not there at the moment."""
    alice.receives(ASKS.replace("type='chat'", f"type='{type_}'" if type_ else ""))
    assert given_by(alice) == [
        f'<message to="bob@example.org/desk" type="{answered}" id="id1">'
        f'<received id="m1"  xmlns="{NS}"/><store  xmlns="urn:xmpp:hints"/></message>'
    ]


def test_one_is_given_for_what_waited_for_us_too(alice: Actor) -> None:
    """§5.5: when it is first received, which an offline message is here."""
    delay = "<delay xmlns='urn:xmpp:delay' stamp='2026-01-02T11:00:00Z'/>"
    alice.receives(ASKS.replace("<body>", f"{delay}<body>"))
    assert len(given_by(alice)) == 1


@pytest.mark.parametrize(
    "message",
    [
        ASKS.replace("id='m1'", ""),
        ASKS.replace("type='chat'", "type='error'"),
        ASKS.replace("type='chat'", "type='groupchat'"),
        ASKS.replace("bob@example.org/desk", str(ALICE)),
        ASKS.replace("from='bob@example.org/desk'", ""),
    ],
)
def test_for_some_messages_there_is_none(alice: Actor, message: str) -> None:
    """Without an id it names nothing; in a room each occupant would send one (§5.3)."""
    for item in ("alice", "bob"):
        query = f"<item jid='{item}@example.org' subscription='both'/>"
        alice.receives(
            f"<iq type='set' id='p'><query xmlns='jabber:iq:roster'>{query}</query></iq>"
        )
    alice.receives(message)
    assert given_by(alice) == []


@pytest.mark.parametrize("direction", ["received", "sent"])
def test_for_a_copy_there_is_none(alice: Actor, direction: str) -> None:
    """XEP-0280 §10.5: the device that it was sent to gives it."""
    inner = ASKS.replace("<message", "<message xmlns='jabber:client'")
    if direction == "sent":
        inner = inner.replace("bob@example.org/desk", "alice@example.org/there")
        inner = inner.replace("type=", "to='bob@example.org' type=")
    alice.receives(
        f"<message from='{ALICE}'><{direction} xmlns='urn:xmpp:carbons:2'>"
        f"<forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></{direction}></message>"
    )
    alice.looks_at(BOB)
    assert "hello" in alice.lines()[-1]
    assert given_by(alice) == []


def test_a_copy_of_a_receipt_counts_as_the_receipt(alice: Actor) -> None:
    """It may have been delivered to another device of ours."""
    alice.types("/msg bob@example.org hello")
    inner = receipt().replace("<message", "<message xmlns='jabber:client'")
    alice.receives(
        f"<message from='{ALICE}'><received xmlns='urn:xmpp:carbons:2'>"
        f"<forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></received></message>"
    )
    assert fate(alice) is Fate.RECEIVED


def test_a_receipt_that_another_device_of_ours_gave_says_nothing_of_ours(alice: Actor) -> None:
    alice.types("/msg bob@example.org hello")
    alice.types("/msg alice@example.org note")
    inner = receipt("id2", sender="alice@example.org/there").replace(
        "<message", "<message xmlns='jabber:client' to='bob@example.org'"
    )
    alice.receives(
        f"<message from='{ALICE}'><sent xmlns='urn:xmpp:carbons:2'>"
        f"<forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></sent></message>"
    )
    assert alice.lines()[-1] == "12:00 you      note ·"


def test_what_comes_while_we_leave_is_kept_without_one(
    alices: Callable[..., Actor], caplog: pytest.LogCaptureFixture
) -> None:
    alice = alices(has_management=True)
    alice.types("/msg carol@example.org hello")
    alice.types("/disconnect")
    alice.receives(ASKS)
    assert given_by(alice) == []
    assert caplog.text == ""
    alice.looks_at(BOB)
    assert "hello" in alice.lines()[-1]
    alice.is_confirmed()


def test_it_is_announced() -> None:
    """§6."""
    assert NS in FEATURE.namespaces


def test_what_is_written_is_read() -> None:
    assert RequestPayload.from_xml(RequestPayload().as_xml()) == RequestPayload()
    assert ReceivedPayload.from_xml(ReceivedPayload("m1").as_xml()) == ReceivedPayload("m1")


@given(rubbish(f"{{{NS}}}received", ("id",)), rubbish(f"{{{NS}}}request", ("id",)))
def test_rubbish_is_refused_or_read(received: Element, request_: Element) -> None:
    found = reads(ReceivedPayload, received)
    assert found is None or found.id
    assert reads(RequestPayload, request_) == RequestPayload()
