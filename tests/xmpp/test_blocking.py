"""XEP-0191 and XEP-0377 on the wire: who is blocked, and what a report says."""

from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given

from termxmpp.core.jid import Jid
from termxmpp.xmpp.blocking import (
    NS,
    REPORTING_NS,
    BlocklistPayload,
    BlockPayload,
    Report,
    UnblockPayload,
)
from termxmpp.xmpp.ids import StanzaIdPayload
from tests.support.harness import ALICE, BOB, CAROL
from tests.support.rubbish import reads, rubbish

SHOP = Jid("", "shop.example")


@pytest.mark.parametrize("jids", [(BOB,), (BOB, CAROL, SHOP, BOB.with_resource("x"))])
def test_what_is_written_is_read(jids: tuple[Jid, ...]) -> None:
    assert BlockPayload.from_xml(BlockPayload(jids).as_xml()).jids == jids
    assert UnblockPayload.from_xml(UnblockPayload(jids).as_xml()).jids == jids


def test_what_is_no_address_is_left_out() -> None:
    element = fromstring(
        f"<blocklist xmlns='{NS}'><item jid='@@'/><item/><item jid='a@b'/></blocklist>"
    )
    assert BlocklistPayload.from_xml(element).jids == (Jid("a", "b"),)


@pytest.mark.parametrize(
    ("inner", "is_all"), [("", True), ("<item jid='@@'/>", False), ("<item jid='a@b'/>", False)]
)
def test_only_nothing_at_all_means_everybody(inner: str, is_all: bool) -> None:
    """§3.5; what can't be read frees nobody."""
    element = fromstring(f"<unblock xmlns='{NS}'>{inner}</unblock>")
    assert UnblockPayload.from_xml(element).is_all is is_all


def test_nobody_is_unblocked_by_accident() -> None:
    assert UnblockPayload.from_xml(UnblockPayload().as_xml()) == UnblockPayload()
    assert len(UnblockPayload(is_all=True).as_xml()) == 0


def test_a_report_stands_in_what_blocks() -> None:
    """XEP-0377 §3."""
    report = Report("abuse", "rude\x00 words", (StanzaIdPayload("s1", ALICE),))
    [item] = BlockPayload((BOB,), report).as_xml()
    [found] = item
    assert found.get("reason") == "urn:xmpp:reporting:abuse"
    assert found.findtext(f"{{{REPORTING_NS}}}text") == "rude\ufffd words"
    assert StanzaIdPayload.from_xml(found[0]) == StanzaIdPayload("s1", ALICE)


@given(rubbish(f"{{{NS}}}block", ["jid"], [f"{{{NS}}}item"]))
def test_rubbish_is_read_or_is_none(element: Element) -> None:
    for kind in (BlocklistPayload, BlockPayload, UnblockPayload):
        reads(kind, element)
