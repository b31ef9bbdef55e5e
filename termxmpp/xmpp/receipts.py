"""The wire form of XEP-0184 Message Delivery Receipts."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["NS", "ReceivedPayload", "RequestPayload"]

NS = "urn:xmpp:receipts"


@payload(f"{{{NS}}}request")
@dataclass(frozen=True)
class RequestPayload(Payload):
    """`<request/>`: a receipt is wanted."""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        return cls()

    def as_xml(self) -> Element:
        return Element(f"{{{NS}}}request")


@payload(f"{{{NS}}}received")
@dataclass(frozen=True)
class ReceivedPayload(Payload):
    """`<received/>`: the message with that id has arrived."""

    id: str

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        if not element.get("id"):
            raise ValueError("a receipt for nothing")
        return cls(element.get("id", ""))

    def as_xml(self) -> Element:
        return Element(f"{{{NS}}}received", {"id": self.id})
