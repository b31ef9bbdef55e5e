"""The wire form of XEP-0049 Private XML Storage."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.standard import Standard
from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["NS", "PrivatePayload"]

STORAGE = Standard("XEP-0049", "Private XML Storage", "1.2")

NS = "jabber:iq:private"


@payload(f"{{{NS}}}query")
@dataclass(frozen=True)
class PrivatePayload(Payload):
    """`<query/>`: the `element` that is kept; in a question an empty one of that name."""

    element: Element

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        found = next(iter(element), None)
        if found is None:
            raise ValueError("nothing is kept there")
        return cls(found)

    def as_xml(self) -> Element:
        query = Element(f"{{{NS}}}query")
        query.append(self.element)
        return query
