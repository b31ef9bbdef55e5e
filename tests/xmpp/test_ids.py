"""XEP-0359: an id is there, and one of an archive says whose it is."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core.jid import Jid
from termxmpp.xmpp.ids import NS, OriginIdPayload, StanzaIdPayload
from tests.support.harness import BOB
from tests.support.rubbish import reads, rubbish

ORIGIN, STANZA = f"{{{NS}}}origin-id", f"{{{NS}}}stanza-id"

ids = st.text(min_size=1)


@given(ids)
def test_what_is_written_is_read(id_: str) -> None:
    origin, stanza = OriginIdPayload(id_), StanzaIdPayload(id_, BOB)
    assert OriginIdPayload.from_xml(origin.as_xml()) == origin
    assert StanzaIdPayload.from_xml(stanza.as_xml()) == stanza


def test_the_address_is_read_in_its_prepared_form() -> None:
    """§3: it is compared with ours."""
    element = Element(STANZA, {"id": "1", "by": "BOB@Example.ORG"})
    assert StanzaIdPayload.from_xml(element).by == Jid.parse("bob@example.org")


@pytest.mark.parametrize(
    "attributes", [{}, {"id": ""}, {"id": "1"}, {"by": "a@b"}, {"id": "1", "by": "@"}]
)
def test_an_archive_gives_its_id_and_its_name(attributes: dict[str, str]) -> None:
    assert reads(StanzaIdPayload, Element(STANZA, attributes)) is None


@given(rubbish(ORIGIN, ("id", "by")), rubbish(STANZA, ("id", "by")))
def test_rubbish_is_refused_or_read(origin: Element, stanza: Element) -> None:
    by_sender, by_archive = reads(OriginIdPayload, origin), reads(StanzaIdPayload, stanza)
    assert by_sender is None or by_sender.id
    assert by_archive is None or by_archive.id
