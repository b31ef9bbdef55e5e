"""XEP-0172 on the wire: a name in one line."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest
from hypothesis import given

from termxmpp.xmpp.nick import NS, NickPayload
from tests.support.rubbish import reads, rubbish

TAG = f"{{{NS}}}nick"


@pytest.mark.parametrize("name", ["Ishmael", "a b", "漢字", "👩‍👩‍👧", ""])
def test_what_is_written_is_read(name: str) -> None:
    assert NickPayload.from_xml(NickPayload(name).as_xml()) == NickPayload(name)


@pytest.mark.parametrize(
    ("text", "name"), [(" a \n b\t", "a b"), (None, ""), ("  ", ""), ("x" * 10_000, "x" * 200)]
)
def test_it_is_one_short_line(text: str | None, name: str) -> None:
    element = Element(TAG)
    element.text = text
    assert NickPayload.from_xml(element).name == name


@given(rubbish(TAG))
def test_rubbish_is_read(element: Element) -> None:
    found = reads(NickPayload, element)
    assert found is not None
    assert len(found.name) <= 200
