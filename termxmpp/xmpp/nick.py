"""The wire form of XEP-0172 User Nickname: what people call themselves."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.core.state import State
from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload
from termxmpp.xmpp.stanzas import xml_text

__all__ = ["NS", "NickPayload", "own_nick"]

NS = "http://jabber.org/protocol/nick"

# Nobody is called by more characters; what is longer is cut.
LONGEST = 200


@payload(f"{{{NS}}}nick")
@dataclass(frozen=True)
class NickPayload(Payload):
    """`<nick/>`: the name in one line, empty where somebody wants none any more."""

    name: str

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        return cls(" ".join((element.text or "").split())[:LONGEST])

    def as_xml(self) -> Element:
        element = Element(f"{{{NS}}}nick")
        element.text = xml_text(self.name)
        return element


def own_nick(state: State) -> list[NickPayload]:
    """What we call ourselves, for who does not know us yet, if anything (§4.1)."""
    name = state.nicks.get(state.account)
    return [NickPayload(name)] if name else []
