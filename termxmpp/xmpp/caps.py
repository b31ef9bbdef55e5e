"""The wire form of XEP-0115 Entity Capabilities."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["NS", "CapsPayload"]

NS = "http://jabber.org/protocol/caps"

# No hash and no address of a program is longer.
LONGEST = 1000


@payload(f"{{{NS}}}c")
@dataclass(frozen=True)
class CapsPayload(Payload):
    """`<c/>`: the hash `verification` of what the entity at `node` can do."""

    node: str
    verification: str
    hash: str = "sha-1"

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        node, verification, hash = (element.get(name, "") for name in ("node", "ver", "hash"))
        if not node or not verification:
            raise ValueError("capabilities without a node or a hash")
        if max(len(node), len(verification), len(hash)) > LONGEST:
            raise ValueError("capabilities that are too long")
        return cls(node, verification, hash)

    def as_xml(self) -> Element:
        attributes = {"hash": self.hash, "node": self.node, "ver": self.verification}
        return Element(f"{{{NS}}}c", attributes)
