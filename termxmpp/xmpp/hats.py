"""The wire form of XEP-0317 Hats: what else somebody is in a room, as the room says."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["HatsPayload"]

HATS = "urn:xmpp:hats:0"

# What Prosody has called it for some years, with the same content.
OF_PROSODY = "xmpp:prosody.im/protocol/hats:1"

# Who wears more looks silly.
MOST, LONGEST = 8, 60


@payload(f"{{{OF_PROSODY}}}hats")
@payload(f"{{{HATS}}}hats")
@dataclass(frozen=True)
class HatsPayload(Payload):
    """`<hats/>` in an occupant's presence: the titles of its hats, each once, in one line."""

    titles: tuple[str, ...]

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        hats = (each for each in element if each.tag.rpartition("}")[2] == "hat")
        titles = (" ".join(each.get("title", "").split())[:LONGEST] for each in hats)
        return cls(tuple(dict.fromkeys(filter(None, titles)))[:MOST])

    def as_xml(self) -> Element:
        hats = Element(f"{{{HATS}}}hats")
        for title in self.titles:
            SubElement(hats, f"{{{HATS}}}hat", {"title": title})
        return hats
