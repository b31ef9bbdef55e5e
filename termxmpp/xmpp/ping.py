"""The wire form of XEP-0199 XMPP Ping, by which XEP-0410 asks rooms, too."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["NS", "PingPayload"]

NS = "urn:xmpp:ping"


@payload(f"{{{NS}}}ping")
@dataclass(frozen=True)
class PingPayload(Payload):
    """`<ping/>`, which holds nothing."""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        return cls()

    def as_xml(self) -> Element:
        return Element(f"{{{NS}}}ping")
