"""XEP-0297: what is inside is a message like any other, and one bad part costs only itself."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given

from termxmpp.core.message import Route
from termxmpp.xmpp.delay import DelayPayload
from termxmpp.xmpp.forwarding import NS, Forwarded
from termxmpp.xmpp.ids import OriginIdPayload
from tests.support.harness import BOB, NOON
from tests.support.rubbish import reads, rubbish

TAG = f"{{{NS}}}forwarded"
HELLO = "<message from='bob@example.org/desk' id='m1' type='chat'>{}<body>hello</body></message>"
STAMP = "<delay xmlns='urn:xmpp:delay' stamp='2026-01-02T12:00:00Z'/>"


def forwarded(inner: str) -> Element:
    return ElementTree.fromstring(f"<forwarded xmlns='{NS}'>{inner}</forwarded>")


def client(message: str) -> str:
    return message.replace("<message", "<message xmlns='jabber:client'", 1)


def test_what_is_written_is_read() -> None:
    element = ElementTree.fromstring(client(HELLO.format("")))
    for at in (None, NOON):
        value = Forwarded(element, at)
        assert Forwarded.from_xml(value.as_xml()) == value


def test_the_message_inside_is_as_it_was_and_tells_its_way() -> None:
    message = Forwarded.from_xml(forwarded(STAMP + client(HELLO.format("")))).message(
        Route.ARCHIVE, "a1"
    )
    assert message is not None
    assert (message.sender, message.id, message.body) == (BOB.with_resource("desk"), "m1", "hello")
    assert (message.route, message.archive_id, message.archived_at) == (Route.ARCHIVE, "a1", NOON)


@pytest.mark.parametrize(
    "inner",
    [
        "",
        STAMP,
        "<message/>",
        "<presence xmlns='jabber:client'/>",
        client(HELLO.format("")) * 2,
    ],
)
def test_it_holds_exactly_one_message(inner: str) -> None:
    with pytest.raises(ValueError, match="nothing is forwarded"):
        Forwarded.from_xml(forwarded(inner))


def test_a_stamp_that_is_none_is_as_good_as_absent() -> None:
    bad = STAMP.replace("2026", "yesterday")
    assert Forwarded.from_xml(forwarded(bad + client(HELLO.format("")))).at is None


@pytest.mark.parametrize(
    "part",
    [
        "<origin-id xmlns='urn:xmpp:sid:0'/>",
        "<stanza-id xmlns='urn:xmpp:sid:0' id='1' by='@'/>",
        "<delay xmlns='urn:xmpp:delay' stamp='yesterday'/>",
        "<received xmlns='urn:xmpp:receipts'/>",
        "<received xmlns='urn:xmpp:carbons:2'/>",
        "<result xmlns='urn:xmpp:mam:2'/>",
    ],
)
def test_a_part_that_can_not_be_read_does_not_cost_the_message(part: str) -> None:
    """What is said must not be lost for what somebody put beside it."""
    message = Forwarded.from_xml(forwarded(client(HELLO.format(part)))).message(Route.CARBON)
    assert message is not None
    assert message.body == "hello"
    assert message.get(OriginIdPayload) is None
    assert message.get(DelayPayload) is None


@pytest.mark.parametrize("sender", ["@", "bob@", "b b@example.org"])
def test_a_message_of_nobody_that_can_be_is_none(sender: str) -> None:
    element = forwarded(client(HELLO.format("").replace("bob@example.org/desk", sender)))
    assert Forwarded.from_xml(element).message(Route.CARBON) is None


def test_an_error_without_its_reason_is_one() -> None:
    element = forwarded(client("<message type='error' id='m1' from='bob@example.org'/>"))
    message = Forwarded.from_xml(element).message(Route.CARBON)
    assert message is not None
    assert message.error is not None


@given(rubbish(TAG, ("stamp", "from"), ("{jabber:client}message", "{urn:xmpp:delay}delay")))
def test_rubbish_is_refused_or_read(element: Element) -> None:
    value = reads(Forwarded, element)
    if value is not None:
        value.message(Route.ARCHIVE, "a1")
