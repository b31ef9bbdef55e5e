"""XEP-0115 Entity Capabilities: what we can do, as a hash in our presence.

Servers need it to know which notices of PEP (XEP-0163) we want.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.feature import Feature, Handler
from termxmpp.xmpp.disco import CAPS_NODE, OURSELVES, DiscoPayload
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["FEATURE"]

NS = "http://jabber.org/protocol/caps"


@payload(f"{{{NS}}}c")
@dataclass(frozen=True)
class CapsPayload(Payload):
    """`<c/>`: the hash `verification` of what the entity at `node` can do."""

    node: str
    verification: str
    hash: str = "sha-1"

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        if not element.get("node") or not element.get("ver"):
            raise ValueError("capabilities without a node or a hash")
        return cls(element.get("node", ""), element.get("ver", ""), element.get("hash", ""))

    def as_xml(self) -> Element:
        attributes = {"hash": self.hash, "node": self.node, "ver": self.verification}
        return Element(f"{{{NS}}}c", attributes)


class CapsHandler(Handler):
    """Says in our presence what we can do."""

    def in_presence(self) -> Iterable[Payload]:
        ourselves = DiscoPayload((OURSELVES,), self.ctx.namespaces)
        return (CapsPayload(CAPS_NODE, ourselves.verification),)


FEATURE = Feature("XEP-0115", "Entity Capabilities", (NS,), CapsHandler)
