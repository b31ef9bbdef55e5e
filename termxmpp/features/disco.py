"""XEP-0030 Service Discovery: what we can do, told to who asks.

What is announced derives from FEATURES, so that no feature can be forgotten here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from xml.etree.ElementTree import Element, SubElement

import termxmpp
from termxmpp.errors import RemoteError
from termxmpp.feature import Feature, Handler
from termxmpp.xmpp.hooks import on_iq_get
from termxmpp.xmpp.payload import Payload, payload
from termxmpp.xmpp.stanzas import IncomingIq

__all__ = ["FEATURE"]

NS = "http://jabber.org/protocol/disco#info"


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """What an entity is: a category and a type of the registry, and a name (§3.1)."""

    category: str
    type: str
    name: str = ""


OURSELVES = Identity("client", "console", f"termxmpp {termxmpp.__version__}")


@payload(f"{{{NS}}}query")
@dataclass(frozen=True)
class DiscoPayload(Payload):
    """`<query/>`: identities and namespaces of an entity, or of its `node`."""

    identities: tuple[Identity, ...] = ()
    namespaces: tuple[str, ...] = ()
    node: str = ""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        identities = tuple(
            Identity(item.get("category", ""), item.get("type", ""), item.get("name", ""))
            for item in element.iterfind(f"{{{NS}}}identity")
        )
        namespaces = (item.get("var", "") for item in element.iterfind(f"{{{NS}}}feature"))
        return cls(identities, tuple(filter(None, namespaces)), element.get("node", ""))

    def as_xml(self) -> Element:
        query = Element(f"{{{NS}}}query", {"node": self.node} if self.node else {})
        for identity in self.identities:
            attributes = {"category": identity.category, "type": identity.type}
            if identity.name:
                attributes["name"] = identity.name
            SubElement(query, f"{{{NS}}}identity", attributes)
        for namespace in self.namespaces:
            SubElement(query, f"{{{NS}}}feature", {"var": namespace})
        return query


class DiscoHandler(Handler):
    """Answers what we are and can."""

    @on_iq_get(DiscoPayload)
    def answer(self, iq: IncomingIq) -> DiscoPayload:
        """The whole of it; we have no nodes (§3.2)."""
        asked = iq.get(DiscoPayload)
        if asked is None or asked.node:
            raise RemoteError("There is no such node.", "item-not-found")
        return DiscoPayload((OURSELVES,), self.ctx.namespaces)


FEATURE = Feature("XEP-0030", "Service Discovery", (NS,), DiscoHandler)
