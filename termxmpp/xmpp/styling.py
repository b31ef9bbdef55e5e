"""The wire form of XEP-0393 Message Styling: only that a text has none is ever said."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["NS", "UnstyledPayload"]

NS = "urn:xmpp:styling:0"


@payload(f"{{{NS}}}unstyled")
@dataclass(frozen=True)
class UnstyledPayload(Payload):
    """`<unstyled/>`: what looks like styling in the text is none (§6)."""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        return cls()

    def as_xml(self) -> Element:
        return Element(f"{{{NS}}}unstyled")
