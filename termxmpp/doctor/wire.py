"""What only the doctor asks: the time (XEP-0202), who is blocked (XEP-0191), items (XEP-0030)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.core.jid import Jid
from termxmpp.errors import DataError
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["BLOCKING", "TIME", "BlocklistPayload", "ItemsPayload", "TimePayload"]

TIME = "urn:xmpp:time"
BLOCKING = "urn:xmpp:blocking"
ITEMS = "http://jabber.org/protocol/disco#items"


@payload(f"{{{TIME}}}time")
@dataclass(frozen=True)
class TimePayload(Payload):
    """`<time/>`: the time of who is asked (aware), None in the question."""

    at: datetime | None = None

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        at = datetime.fromisoformat((element.findtext(f"{{{TIME}}}utc") or "").strip())
        if at.tzinfo is None:
            raise ValueError("a time without its zone")
        return cls(at)

    def as_xml(self) -> Element:
        return Element(f"{{{TIME}}}time")


@payload(f"{{{BLOCKING}}}blocklist")
@dataclass(frozen=True)
class BlocklistPayload(Payload):
    """`<blocklist/>`: who is blocked; what is no address in it is left out."""

    jids: tuple[Jid, ...] = ()

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        return cls(_addresses(element, f"{{{BLOCKING}}}item"))

    def as_xml(self) -> Element:
        return Element(f"{{{BLOCKING}}}blocklist")


@payload(f"{{{ITEMS}}}query")
@dataclass(frozen=True)
class ItemsPayload(Payload):
    """`<query/>`: the services that belong to a server (XEP-0030 §4)."""

    jids: tuple[Jid, ...] = ()

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        return cls(_addresses(element, f"{{{ITEMS}}}item"))

    def as_xml(self) -> Element:
        return Element(f"{{{ITEMS}}}query")


def _addresses(element: Element, tag: str) -> tuple[Jid, ...]:
    found = []
    for item in element.iterfind(tag):
        try:
            found.append(Jid.parse(item.get("jid", "")))
        except DataError:
            continue
    return tuple(found)
