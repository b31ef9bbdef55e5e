"""The ported parser: at once, bounded, and only what RFC 6120 §11.1 allows in a stream."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element, tostring

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyxmpp2 import xmppparser
from pyxmpp2.exceptions import StreamParseError
from pyxmpp2.xmppparser import ParserTarget, StreamReader, XMLStreamHandler

HEAD = b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"


class Seen(XMLStreamHandler):  # type: ignore[misc]  # pyxmpp2 is untyped
    """Keeps what the parser gives."""

    def __init__(self) -> None:
        self.elements: list[bytes] = []
        self.refused: list[str] = []
        self.is_ended = False

    def stream_start(self, element: Element) -> None:
        pass

    def stream_end(self) -> None:
        self.is_ended = True

    def stream_element(self, element: Element) -> None:
        self.elements.append(tostring(element))

    def stream_refused(self, condition: str, descr: str) -> None:
        self.refused.append(condition)
        raise StreamParseError(descr)


@pytest.fixture(params=[False, True], ids=["as it is", "as if it deferred"], autouse=True)
def expat(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test with this expat, and as with one that defers under a Python without flush."""
    defers, xmppparser.DEFERS = xmppparser.DEFERS, xmppparser.DEFERS or request.param
    yield
    xmppparser.DEFERS = defers


def reader() -> tuple[Seen, Any]:
    seen = Seen()
    return seen, StreamReader(seen)


@pytest.mark.parametrize(
    "stanza",
    [
        b"<message><body>hello</body></message>",
        b"<presence/>",
        b"<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
        "<message><body>\N{SNOWMAN} & more</body></message>".replace("&", "&amp;").encode(),
        b"<message><body><![CDATA[<b>]]></body></message>",
        b"<message><body><![CDATA[a ]] ]>> '\" < & <!]]>]]&gt;</body></message>",
        b"<message to='a>b' id=\"it's\"><body  a = '\"'\n/></message>",
        b"<message><body>a &#x3c; &quot;b&quot; > c; ]] '</body></message>",
    ],
)
def test_a_stanza_comes_with_its_last_byte_and_not_before(stanza: bytes) -> None:
    seen, feed = reader()
    feed.feed(HEAD)
    for number in range(3):
        for place in range(len(stanza)):
            assert len(seen.elements) == number
            feed.feed(stanza[place : place + 1])
        assert len(seen.elements) == number + 1


def test_the_streams_end_comes_with_its_last_byte() -> None:
    seen, feed = reader()
    for byte in HEAD + b"</stream:stream>":
        assert not seen.is_ended
        feed.feed(bytes([byte]))
    assert seen.is_ended


@pytest.mark.parametrize(
    "markup",
    [
        b"<!-- a comment -->",
        b"<?an instruction?>",
        b"<message><!-- a comment --></message>",
        b"<message><?an instruction?></message>",
    ],
)
def test_what_a_stream_may_not_hold_is_refused(markup: bytes) -> None:
    seen, feed = reader()
    feed.feed(HEAD)
    with pytest.raises(StreamParseError):
        feed.feed(markup)
    assert seen.refused == ["restricted-xml"]
    assert seen.elements == []


def test_a_document_type_is_refused_before_it_can_declare_entities() -> None:
    seen, feed = reader()
    with pytest.raises(StreamParseError):
        feed.feed(b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]>" + HEAD)
    assert seen.refused == ["restricted-xml"]


def test_an_entity_that_xml_does_not_predefine_is_refused() -> None:
    _, feed = reader()
    feed.feed(HEAD)
    with pytest.raises(StreamParseError):
        feed.feed(b"<message><body>&nbsp;</body></message>")


def test_a_stanza_too_deep_is_refused() -> None:
    seen, feed = reader()
    feed.feed(HEAD)
    with pytest.raises(StreamParseError):
        feed.feed(b"<a xmlns='x'>" * (ParserTarget.max_depth + 1))
    assert seen.refused == ["policy-violation"]


def test_a_stanza_too_large_is_refused_while_it_comes() -> None:
    seen, feed = reader()
    feed.feed(HEAD)
    feed.feed(b"<message><body>")
    piece = b"x" * 65536
    for _ in range(xmppparser.MAX_STANZA_SIZE // len(piece) - 1):
        feed.feed(piece)
    with pytest.raises(StreamParseError):
        feed.feed(2 * piece)
    assert seen.refused == ["policy-violation"]


def test_many_stanzas_and_white_space_between_are_no_large_stanza() -> None:
    seen, feed = reader()
    feed.feed(HEAD)
    for _ in range(3 * xmppparser.MAX_STANZA_SIZE // 65536):
        feed.feed(b" " * 65530 + b"<a xmlns='x'/>")
    assert not seen.refused


@given(st.data())
def test_whole_tokens_pass_on_every_byte_in_order_and_in_time(data: st.DataObject) -> None:
    stanza = b"<m a='>'><b>&lt;<![CDATA[<]]>]]&gt; \xe2\x98\x83</b><c x=\"'\"/></m>\n"
    text = b"<?xml version='1.0'?><s>" + stanza * 2
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)))))
    passed: list[bytes] = []
    tokens = xmppparser.WholeTokens(passed.append)
    for begin, end in pairwise([0, *cuts, len(text)]):
        tokens.feed(text[begin:end])
    assert b"".join(passed) == text


@given(st.lists(st.binary(max_size=8) | st.sampled_from([b"<", b"<!", b"<![CDATA[", b"&", b"'"])))
def test_whatever_comes_is_passed_on_in_order(parts: list[bytes]) -> None:
    passed: list[bytes] = []
    tokens = xmppparser.WholeTokens(passed.append)
    for part in parts:
        tokens.feed(part)
    assert b"".join(parts).startswith(b"".join(passed))


def test_a_tag_that_never_ends_costs_no_more_than_its_bytes() -> None:
    """Thousands of bytes one by one, as from a server that means ill."""
    tokens = xmppparser.WholeTokens(lambda data: None)
    tokens.feed(b"<a b='")
    began = time.process_time()
    for _ in range(20_000):
        tokens.feed(b"x")
    tokens.feed(b"'" * 20_001)
    assert time.process_time() - began < 1
