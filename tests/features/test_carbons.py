"""Carbons: what our other devices get and send, believed only of the account itself."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given

from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message
from termxmpp.features.carbons import FEATURE, NS, CarbonPayload, EnablePayload
from termxmpp.xmpp.forwarding import Forwarded
from tests.support.harness import ALICE, BOB, Actor
from tests.support.rubbish import reads, rubbish

THEIRS = "<message from='bob@example.org/desk' to='alice@example.org/there' {}</message>"
OURS = "<message from='alice@example.org/there' to='bob@example.org' {}</message>"
HELLO = "type='chat' id='m1'><body>hello</body>"
HI = "type='chat' id='m2'><body>hi bob</body>"


def carbon(direction: str, inner: str, sender: str | None = "alice@example.org") -> str:
    origin = f"from='{sender}' " if sender else ""
    inner = inner.replace("<message", "<message xmlns='jabber:client'", 1)
    return (
        f"<message {origin}to='alice@example.org/here' type='chat'><{direction} xmlns='{NS}'>"
        f"<forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></{direction}></message>"
    )


def said(alice: Actor, peer: Jid = BOB) -> list[str]:
    entries = alice.client.state.conversation(peer).entries
    return [entry.text for entry in entries if isinstance(entry, Message)]


@pytest.mark.parametrize("sender", ["alice@example.org", None])
def test_what_another_device_gets_is_seen_here(alice: Actor, sender: str | None) -> None:
    """A stanza of no sender is the account's own (RFC 6120 §8.1.2.1)."""
    alice.receives(carbon("received", THEIRS.format(HELLO), sender))
    alice.looks_at(BOB)
    assert alice.lines()[-1] == "12:00 Bob      hello"


def test_what_another_device_sends_is_ours_and_with_the_server(alice: Actor) -> None:
    alice.receives(carbon("sent", OURS.format(HI)))
    alice.looks_at(BOB)
    assert alice.lines()[-1] == "12:00 you      hi bob ✓"


def test_what_another_device_got_is_unread_until_somebody_writes_there(alice: Actor) -> None:
    alice.receives(carbon("received", THEIRS.format(HELLO)))
    talk = alice.client.state.conversation(BOB)
    assert talk.unread == 1
    alice.receives(carbon("sent", OURS.format("type='chat' id='m2'><paused xmlns='urn:x'/>")))
    assert talk.unread == 1
    alice.receives(carbon("sent", OURS.format(HI)))
    assert talk.unread == 0


@pytest.mark.parametrize("type_", ["error", "groupchat"])
def test_an_error_that_goes_back_has_been_read_by_nobody(alice: Actor, type_: str) -> None:
    """An answer of the program, which often holds the whole of what it answers."""
    alice.receives(carbon("received", THEIRS.format(HELLO)))
    alice.receives(carbon("sent", OURS.format(HELLO.replace("chat", type_))))
    assert alice.client.state.conversation(BOB).unread == 1


@pytest.mark.parametrize(
    "sender",
    [
        "mallory@example.com",
        "bob@example.org",
        "alice@example.org/here",
        "alice@example.org/there",
        "example.org",
        "alice@example.com",
    ],
)
@pytest.mark.parametrize(
    ("direction", "inner"), [("received", THEIRS.format(HELLO)), ("sent", OURS.format(HI))]
)
def test_a_copy_of_anybody_else_is_forged(
    alice: Actor, sender: str, direction: str, inner: str, caplog: pytest.LogCaptureFixture
) -> None:
    """XEP-0280 §11: it must be from our bare address."""
    alice.receives(carbon(direction, inner, sender))
    assert alice.events == []
    assert f"a forged carbon from {sender} was dropped" in caplog.text


def test_a_copy_within_a_copy_is_forged(alice: Actor, caplog: pytest.LogCaptureFixture) -> None:
    """Somebody sent it to another device of ours, and the server did as it should."""
    forged = carbon("sent", OURS.format(HI), "mallory@example.com")
    alice.receives(carbon("received", forged))
    assert said(alice) == []
    assert "a forged carbon from mallory@example.com was dropped" in caplog.text


def test_a_copy_in_a_copy_of_ours_is_forged_too(alice: Actor) -> None:
    """Else who makes us quote something could make us believe it."""
    alice.receives(
        carbon(
            "sent",
            carbon("sent", OURS.format(HI), str(ALICE)).replace(
                "type='chat'", "type='chat' id='x'", 1
            ),
        )
    )
    assert said(alice) == []


@pytest.mark.parametrize(
    ("direction", "inner"),
    [("sent", THEIRS.format(HELLO)), ("received", OURS.format(HI))],
)
def test_a_direction_that_lies_is_not_followed(
    alice: Actor, direction: str, inner: str, caplog: pytest.LogCaptureFixture
) -> None:
    alice.receives(carbon(direction, inner))
    assert alice.events == []
    assert f"a carbon says {direction} of what is not" in caplog.text


def test_a_note_to_oneself_is_sent_and_received_and_is_one(alice: Actor) -> None:
    """§8: its copy as sent goes to every device, so no other is needed."""
    note = f"<message from='alice@example.org/there' to='alice@example.org' {HI}</message>"
    copies = [carbon("sent", note), carbon("received", note), note]
    for stanza in copies:
        alice.receives(stanza)
    assert said(alice, ALICE) == ["hi bob"]


def test_a_device_that_uses_an_id_twice_says_two_things(alice: Actor) -> None:
    """Programs number their messages anew with each start; nothing that was said may vanish."""
    for _ in range(2):
        alice.receives(carbon("sent", OURS.format(HI)), carbon("received", THEIRS.format(HELLO)))
    assert said(alice) == ["hi bob", "hello"] * 2


def test_a_bounce_of_what_another_device_sent_is_its_fate(alice: Actor) -> None:
    alice.receives(carbon("sent", OURS.format(HI)))
    alice.receives(carbon("received", THEIRS.format("type='error' id='m2'>")))
    own = alice.client.state.conversation(BOB).own("m2")
    assert own is not None
    assert own.fate is Fate.FAILED


@pytest.mark.parametrize(
    "inner",
    [
        "",
        "<presence xmlns='jabber:client' from='bob@example.org'/>",
        "<message/>",
        "<message from='@'><body>no</body></message>",
        "<message><body>no</body></message>",
        THEIRS.format("type='groupchat'><body>no</body>"),
        THEIRS.format(HELLO)
        + THEIRS.replace("<message", "<message xmlns='jabber:client'").format(HELLO),
    ],
)
def test_a_copy_of_nothing_is_nothing(alice: Actor, inner: str) -> None:
    for direction in ("sent", "received"):
        alice.receives(carbon(direction, inner))
    assert alice.events == []


@pytest.mark.parametrize(
    ("who", "is_asked"),
    [("example.org", True), ("alice@example.org", True), ("nobody.example.org", False)],
)
def test_they_are_asked_for_where_they_are_announced(
    alice: Actor, who: str, is_asked: bool
) -> None:
    """§3: by the server; some announce them of the account."""
    alice.loses_the_link()
    alice.answers = lambda iq: (
        f"<iq type='result' id='{iq.get('id')}' from='{who}'>"
        f"<query xmlns='http://jabber.org/protocol/disco#info'><feature var='{NS}'/></query></iq>"
        if iq.get("to") == who
        else None
    )
    alice.goes_online()
    assert len([stanza for stanza in alice.sent() if "<enable" in stanza]) == is_asked


def test_they_are_not_asked_for_elsewhere(alices: Callable[..., Actor]) -> None:
    alice = alices(announced=["urn:xmpp:carbons:1"])
    assert not [stanza for stanza in alice.sent() if "<enable" in stanza]


def test_a_server_that_does_not_let_us_is_told_of(alices: Callable[..., Actor]) -> None:
    """§4.1: without them the conversations here have holes until the archive fills them."""
    alice = alices()
    alice.loses_the_link()
    alice.announced = ("urn:xmpp:carbons:2",)
    alice.answers = lambda iq: (
        f"<iq type='error' id='{iq.get('id')}'><error type='auth'>"
        "<forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
        if iq.find(f"{{{NS}}}enable") is not None
        else None
    )
    alice.goes_online()
    assert any("forbidden" in line for line in alice.told())


def test_a_session_that_goes_on_has_them_still(alices: Callable[..., Actor]) -> None:
    """XEP-0198 §5: what was set up is not set up again."""
    alice = alices(announced=["urn:xmpp:carbons:2"], has_management=True)
    alice.loses_the_link()
    alice.goes_online()
    assert not [stanza for stanza in alice.sent() if "<enable" in stanza]


def test_they_are_announced() -> None:
    assert NS in FEATURE.namespaces


@pytest.mark.parametrize("direction", ["sent", "received"])
def test_what_is_written_is_read(direction: str) -> None:
    inner = ElementTree.fromstring("<message xmlns='jabber:client'/>")
    payload = CarbonPayload(Forwarded(inner), direction)
    assert CarbonPayload.from_xml(payload.as_xml()) == payload
    assert EnablePayload.from_xml(EnablePayload().as_xml()) == EnablePayload()


@given(
    rubbish(
        f"{{{NS}}}received",
        ("stamp", "from"),
        ("{urn:xmpp:forward:0}forwarded", "{jabber:client}message", "{urn:xmpp:delay}delay"),
    )
)
def test_rubbish_is_refused_or_read(element: Element) -> None:
    payload = reads(CarbonPayload, element)
    assert payload is None or payload.direction == "received"
