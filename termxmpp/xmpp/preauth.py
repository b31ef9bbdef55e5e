"""The token of an invitation on the wire (XEP-0379 §3.4, XEP-0445 §4)."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["NS", "PreauthPayload"]

NS = "urn:xmpp:pars:0"


@payload(f"{{{NS}}}preauth")
@dataclass(frozen=True)
class PreauthPayload(Payload):
    """`<preauth/>`: says by `token` that one was invited."""

    token: str

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        if not element.get("token"):
            raise ValueError("an invitation without a token")
        return cls(element.get("token", ""))

    def as_xml(self) -> Element:
        return Element(f"{{{NS}}}preauth", {"token": self.token})
