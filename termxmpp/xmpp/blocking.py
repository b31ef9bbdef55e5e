"""The wire form of XEP-0191 Blocking Command, and of the reports that go with it (XEP-0377)."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.core.jid import Jid
from termxmpp.standard import Standard
from termxmpp.values import dataclass
from termxmpp.xmpp.ids import StanzaIdPayload
from termxmpp.xmpp.jids import addresses
from termxmpp.xmpp.payload import Payload, payload
from termxmpp.xmpp.stanzas import xml_text

__all__ = [
    "NS",
    "REPORTING_NS",
    "BlockPayload",
    "BlocklistPayload",
    "Report",
    "UnblockPayload",
]

REPORTS = Standard("XEP-0377", "Blocking Command Reports", "0.4.1")

NS = "urn:xmpp:blocking"
REPORTING_NS = "urn:xmpp:reporting:1"


@payload(f"{{{NS}}}blocklist")
@dataclass(frozen=True)
class BlocklistPayload(Payload):
    """`<blocklist/>`: who is blocked; what is no address in it is left out."""

    jids: tuple[Jid, ...] = ()

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        return cls(addresses(element, f"{{{NS}}}item"))

    def as_xml(self) -> Element:
        return Element(f"{{{NS}}}blocklist")


@dataclass(frozen=True, slots=True)
class Report:
    """Why somebody is reported: `reason` is spam or abuse, `text` the user's own words.

    `messages` are those that it is about, by the ids that our archive has given them.
    """

    reason: str
    text: str = ""
    messages: tuple[StanzaIdPayload, ...] = ()

    def as_xml(self) -> Element:
        """The `<report/>` (XEP-0377 §3)."""
        report = Element(
            f"{{{REPORTING_NS}}}report", {"reason": f"urn:xmpp:reporting:{self.reason}"}
        )
        for each in self.messages:
            report.append(each.as_xml())
        if self.text:
            SubElement(report, f"{{{REPORTING_NS}}}text").text = xml_text(self.text)
        return report


@payload(f"{{{NS}}}block")
@dataclass(frozen=True)
class BlockPayload(Payload):
    """`<block/>`: these are blocked, as wished or as told; with a `report` for the server."""

    jids: tuple[Jid, ...]
    report: Report | None = None

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        return cls(addresses(element, f"{{{NS}}}item"))

    def as_xml(self) -> Element:
        return _items("block", self.jids, self.report)


@payload(f"{{{NS}}}unblock")
@dataclass(frozen=True)
class UnblockPayload(Payload):
    """`<unblock/>`: these are blocked no more; `is_all`: nobody is."""

    jids: tuple[Jid, ...] = ()
    is_all: bool = False

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        tag = f"{{{NS}}}item"
        return cls(addresses(element, tag), is_all=element.find(tag) is None)

    def as_xml(self) -> Element:
        element = _items("unblock", self.jids)
        if not self.jids and not self.is_all:
            # Without an item it would mean everybody (§3.5).
            SubElement(element, f"{{{NS}}}item")
        return element


def _items(name: str, jids: tuple[Jid, ...], report: Report | None = None) -> Element:
    element = Element(f"{{{NS}}}{name}")
    for jid in jids:
        item = SubElement(element, f"{{{NS}}}item", {"jid": str(jid)})
        if report is not None:
            item.append(report.as_xml())
    return element
