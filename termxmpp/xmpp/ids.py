"""XEP-0359 Unique and Stable Stanza IDs: the sender's id, and those of archives."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.core.jid import Jid
from termxmpp.errors import UserError
from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["NS", "OriginIdPayload", "StanzaIdPayload"]

NS = "urn:xmpp:sid:0"


@payload(f"{{{NS}}}origin-id")
@dataclass(frozen=True)
class OriginIdPayload(Payload):
    """`<origin-id/>`: the id that the sending client gave."""

    id: str

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        if not element.get("id"):
            raise ValueError("an origin-id without an id")
        return cls(element.get("id", ""))

    def as_xml(self) -> Element:
        return Element(f"{{{NS}}}origin-id", {"id": self.id})


@payload(f"{{{NS}}}stanza-id")
@dataclass(frozen=True)
class StanzaIdPayload(Payload):
    """`<stanza-id/>`: the id that `by` gave, if it is not forged (§6)."""

    id: str
    by: Jid

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        if not element.get("id"):
            raise ValueError("a stanza-id without an id")
        try:
            return cls(element.get("id", ""), Jid.parse(element.get("by", "")))
        except UserError as error:
            raise ValueError(str(error)) from None

    def as_xml(self) -> Element:
        return Element(f"{{{NS}}}stanza-id", {"id": self.id, "by": str(self.by)})
