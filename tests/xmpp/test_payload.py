"""Payloads: found by their name, and by no other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from xml.etree.ElementTree import Element

import pytest

from termxmpp.core.jid import Jid
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.payload import Payload, payload
from termxmpp.xmpp.stanzas import IncomingMessage, from_xml

BOB = Jid.parse("bob@example.org")


@payload("{urn:test:payload}red")
@payload("{urn:test:payload}green")
@dataclass(frozen=True)
class Colour(Payload):
    """An element whose name is its value."""

    name: str

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        if element.get("is") == "none":
            raise ValueError("no colour")
        return cls(element.tag.partition("}")[2])

    def as_xml(self) -> Element:
        return Element(f"{{urn:test:payload}}{self.name}")


def message(*parts: str) -> IncomingMessage:
    return IncomingMessage(from_xml(f"<message>{''.join(parts)}</message>", id="1"))


RED = "<red xmlns='urn:test:payload'/>"
GREEN = "<green xmlns='urn:test:payload'/>"
NONE = "<red xmlns='urn:test:payload' is='none'/>"


def test_what_is_put_in_comes_out() -> None:
    written = stanzas.message(BOB, id="1", payloads=[Colour("green")])
    assert IncomingMessage(written).get(Colour) == Colour("green")


def test_a_payload_may_have_several_names() -> None:
    assert message(GREEN).get(Colour) == Colour("green")
    assert message(RED).get(Colour) == Colour("red")
    assert message(RED, GREEN, RED).get_all(Colour) == [
        Colour("red"),
        Colour("green"),
        Colour("red"),
    ]


@pytest.mark.parametrize(
    "part",
    ["", "<red xmlns='urn:test:other'/>", "<red/>", f"<x xmlns='urn:test:x'>{RED}</x>"],
)
def test_the_same_word_of_another_language_is_none(part: str) -> None:
    assert message(part).get(Colour) is None
    assert message(part).get_all(Colour) == []


def test_what_can_not_be_read_is_as_good_as_absent() -> None:
    assert message(NONE).get(Colour) is None
    assert message(NONE, GREEN).get_all(Colour) == [Colour("green")]
    assert message(NONE, GREEN).get(Colour) == Colour("green")


def test_a_payload_says_how_it_is_read_and_written() -> None:
    with pytest.raises(NotImplementedError):
        Payload.from_xml(Element("x"))
    with pytest.raises(NotImplementedError):
        Payload().as_xml()
