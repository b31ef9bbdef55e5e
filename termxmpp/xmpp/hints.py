"""XEP-0334 Message Processing Hints: what is to be kept of a message, and what not."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["NoPermanentStorePayload", "NoStorePayload", "StorePayload"]

NS = "urn:xmpp:hints"


class _Hint(Payload):
    """A hint is an empty element."""

    name = ""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        return cls()

    def as_xml(self) -> Element:
        return Element(f"{{{NS}}}{self.name}")


@payload(f"{{{NS}}}store")
@dataclass(frozen=True)
class StorePayload(_Hint):
    """`<store/>`: keep it, although it has no body (§4.4)."""

    name = "store"


@payload(f"{{{NS}}}no-store")
@dataclass(frozen=True)
class NoStorePayload(_Hint):
    """`<no-store/>`: keep it nowhere (§4.2)."""

    name = "no-store"


@payload(f"{{{NS}}}no-permanent-store")
@dataclass(frozen=True)
class NoPermanentStorePayload(_Hint):
    """`<no-permanent-store/>`: keep it no longer than until it is delivered (§4.1)."""

    name = "no-permanent-store"
