"""The wire form of XEP-0066 Out of Band Data, as it stands in messages."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.core.files import web_link
from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["NS", "OobPayload"]

NS = "jabber:x:oob"


@payload(f"{{{NS}}}x")
@dataclass(frozen=True)
class OobPayload(Payload):
    """`<x/>`: the link `url`, to the web, and what its sender says of it (§3)."""

    url: str
    description: str = ""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        url = web_link(element.findtext(f"{{{NS}}}url") or "")
        if not url:
            raise ValueError("no link to the web")
        return cls(url, (element.findtext(f"{{{NS}}}desc") or "").strip())

    def as_xml(self) -> Element:
        element = Element(f"{{{NS}}}x")
        SubElement(element, f"{{{NS}}}url").text = self.url
        if self.description:
            SubElement(element, f"{{{NS}}}desc").text = self.description
        return element
