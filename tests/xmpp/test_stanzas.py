"""Stanzas as values: what a peer wrote raises nothing, and what we write is always XML."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core.jid import Jid
from termxmpp.errors import UserError
from termxmpp.xmpp.stanzas import (
    as_text,
    from_xml,
    message,
    presence,
    repair,
)

BOB = Jid.parse("bob@example.org")
NS = "jabber:client"


def xml(stanza: object) -> str:
    return as_text(stanza.as_xml())  # type: ignore[attr-defined]  # pyxmpp2's


@given(st.text(st.characters(codec=None)))
def test_whatever_is_typed_makes_a_stanza_that_is_well_formed(text: str) -> None:
    """Lone surrogates, controls and non-characters among it: one would end the stream."""
    written = xml(message(BOB, text, id="1")).encode()
    read = ElementTree.fromstring(written)
    assert len(read.findtext("body") or "") == len(text.replace("\r\n", "\n")) or "\r" in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "<message",
        "<body/>",
        "<message/><message/>",
        "<!DOCTYPE x><message/>",
        "<?xml version='1.0'?><message/>",
        "<!-- --><message/>",
        "<stream:stream/>",
        "<iq/>",
        "<iq type='get'/>",
        "<message to='@@'/>",
        "<x xmlns='urn:other'/>",
    ],
)
def test_what_is_no_stanza_can_not_be_sent(text: str) -> None:
    with pytest.raises(UserError):
        from_xml(text, id="1")


def test_a_stanza_that_was_typed_goes_out_as_it_is() -> None:
    text = "<message to='bob@example.org'><x xmlns='urn:x' a='1'>y</x></message>"
    assert "<x" in xml(from_xml(text, id="7"))
    assert 'id="7"' in xml(from_xml(text, id="7"))


@pytest.mark.parametrize(
    ("priority", "is_kept"),
    [("0", True), ("-128", True), ("127", True), ("128", False), ("-129", False), ("x", False)],
)
def test_a_priority_that_is_none_is_taken_out(priority: str, is_kept: bool) -> None:
    element = ElementTree.fromstring(
        f"<presence xmlns='{NS}'><priority>{priority}</priority></presence>"
    )
    repair(element)
    assert (len(element) == 1) is is_kept


def test_an_error_without_its_reason_gets_one() -> None:
    element = ElementTree.fromstring(f"<message xmlns='{NS}' type='error'/>")
    repair(element)
    assert "undefined-condition" in as_text(element)
    repair(element)
    assert len(element) == 1


def test_our_presence_says_no_more_than_it_must() -> None:
    assert xml(presence()) == "<presence/>"
