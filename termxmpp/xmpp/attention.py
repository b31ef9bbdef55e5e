"""The wire form of XEP-0224 Attention."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["NS", "AttentionPayload"]

NS = "urn:xmpp:attention:0"


@payload(f"{{{NS}}}attention")
@dataclass(frozen=True)
class AttentionPayload(Payload):
    """`<attention/>`: whoever reads this is wanted now."""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        return cls()

    def as_xml(self) -> Element:
        return Element(f"{{{NS}}}attention")
