"""The wire form of XEP-0382 Spoiler Messages."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["NS", "SpoilerPayload"]

NS = "urn:xmpp:spoiler:0"


@payload(f"{{{NS}}}spoiler")
@dataclass(frozen=True)
class SpoilerPayload(Payload):
    """`<spoiler/>`: the text is hidden behind `hint` until its reader asks for it."""

    hint: str = ""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        return cls((element.text or "").strip())

    def as_xml(self) -> Element:
        spoiler = Element(f"{{{NS}}}spoiler")
        spoiler.text = self.hint or None
        return spoiler
