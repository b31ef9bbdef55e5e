"""The wire form of XEP-0333 Displayed Markers."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["NS", "DisplayedPayload", "MarkablePayload"]

NS = "urn:xmpp:chat-markers:0"


@payload(f"{{{NS}}}markable")
@dataclass(frozen=True)
class MarkablePayload(Payload):
    """`<markable/>`: its sender wants to know when the message was displayed."""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        return cls()

    def as_xml(self) -> Element:
        return Element(f"{{{NS}}}markable")


@payload(f"{{{NS}}}displayed")
@dataclass(frozen=True)
class DisplayedPayload(Payload):
    """`<displayed/>`: the message with that id, and all before it, have been displayed."""

    id: str

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        if not element.get("id"):
            raise ValueError("a marker for nothing")
        return cls(element.get("id", ""))

    def as_xml(self) -> Element:
        return Element(f"{{{NS}}}displayed", {"id": self.id})
