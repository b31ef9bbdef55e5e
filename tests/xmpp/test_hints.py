"""XEP-0334: a hint is its name and nothing else."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.xmpp.hints import NS, NoPermanentStorePayload, NoStorePayload, StorePayload
from termxmpp.xmpp.payload import Payload
from tests.support.rubbish import rubbish

HINTS: list[type[Payload]] = [NoPermanentStorePayload, NoStorePayload, StorePayload]


@pytest.mark.parametrize("hint", HINTS)
def test_what_is_written_is_read(hint: type[Payload]) -> None:
    element = hint().as_xml()
    assert [element.tag] == hint.element_names()
    assert element.tag.startswith(f"{{{NS}}}")
    assert hint.from_xml(element) == hint()


@given(st.sampled_from(HINTS), st.data())
def test_whatever_is_in_it_it_is_the_hint(hint: type[Payload], data: st.DataObject) -> None:
    element: Element = data.draw(rubbish(hint.element_names()[0], ("id",)))
    assert hint.from_xml(element) == hint()
