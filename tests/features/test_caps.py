"""Capabilities: a hash in each presence of ours, and behind it what it stands for."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.xmpp.caps import NS, CapsPayload
from termxmpp.xmpp.disco import DiscoPayload
from tests.support.harness import Actor
from tests.support.rubbish import reads, rubbish

INFO = "http://jabber.org/protocol/disco#info"
words = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=9)


def announced(stanza: str) -> tuple[str, str]:
    """The node and the hash that `stanza` announces."""
    found = re.search('<c hash="sha-1" node="([^"]+)" ver="([^"]+)"', stanza)
    assert found is not None
    return found[1], found[2]


@pytest.mark.parametrize("line", ["/online", "/away lunch", "/chatty"])
def test_each_presence_of_ours_announces_them(alice: Actor, line: str) -> None:
    """§6.1."""
    alice.types(line)
    [stanza] = alice.sent(is_whole=True)
    node, _ = announced(stanza)
    assert node.startswith("urn:")


def test_the_first_one_does_so_too(alices: Callable[..., Actor]) -> None:
    [stanza] = [each for each in alices().sent(is_whole=True) if each.startswith("<presence")]
    assert announced(stanza)


@pytest.mark.parametrize(
    "line", ["/sub approve carol@example.org", "/sub request bob@example.org", "/disconnect"]
)
def test_what_is_no_announcement_of_us_has_none(alice: Actor, line: str) -> None:
    alice.types(line)
    [stanza] = alice.sent(is_whole=True)
    assert stanza.startswith("<presence")
    assert "<c " not in stanza


def test_who_asks_for_the_hash_learns_what_it_stands_for(alice: Actor) -> None:
    """§6.2: the answer hashes to the question."""
    alice.types("/online")
    node, verification = announced(alice.sent(is_whole=True)[0])
    alice.receives(
        f"<iq type='get' id='q' from='bob@example.org/desk'>"
        f"<query xmlns='{INFO}' node='{node}#{verification}'/></iq>"
    )
    [answer] = alice.sent()
    payload = DiscoPayload.from_xml(ElementTree.fromstring(answer)[0])
    assert payload.node == f"{node}#{verification}"
    assert payload.verification == verification
    assert NS in payload.namespaces


@given(words, words)
def test_what_is_written_is_read(node: str, verification: str) -> None:
    caps = CapsPayload(node, verification)
    assert CapsPayload.from_xml(caps.as_xml()) == caps


@given(rubbish(f"{{{NS}}}c", ("node", "ver", "hash", "ext")))
def test_rubbish_is_refused_or_read(element: Element) -> None:
    caps = reads(CapsPayload, element)
    assert caps is None or (caps.node and caps.verification)
