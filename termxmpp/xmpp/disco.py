"""The wire form of XEP-0030 Service Discovery, and what we are."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self
from xml.etree.ElementTree import Element, SubElement

import termxmpp
from termxmpp.core.jid import Jid
from termxmpp.errors import DataError
from termxmpp.xmpp.forms import NS as FORMS_NS
from termxmpp.xmpp.forms import Form
from termxmpp.xmpp.payload import Payload, payload

__all__ = [
    "CAPS_NODE",
    "ITEMS_NS",
    "NS",
    "OURSELVES",
    "DiscoItem",
    "DiscoItemsPayload",
    "DiscoPayload",
    "Identity",
]

NS = "http://jabber.org/protocol/disco#info"
ITEMS_NS = "http://jabber.org/protocol/disco#items"

# What says of a presence that it is a termxmpp's (XEP-0115 §4).
CAPS_NODE = "urn:termxmpp"


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
    """`<query/>`: identities and namespaces of an entity, or of its `node`.

    `forms` say more of it (XEP-0128), as others write them; of ourselves there is no more.
    """

    identities: tuple[Identity, ...] = ()
    namespaces: tuple[str, ...] = ()
    node: str = ""
    forms: tuple[Form, ...] = ()

    @property
    def verification(self) -> str:
        """What XEP-0115 §5.1 makes of it: the hash by which others know it already."""
        identities = [
            f"{each.category}/{each.type}//{each.name}" for each in sorted(self.identities)
        ]
        # Sorted before the `<` is put behind them, which would part `urn:x` from `urn:x+notify`.
        parts = identities + sorted(self.namespaces)
        # The protocol names the hash; nothing secret hangs on it.
        digest = hashlib.sha1("".join(f"{part}<" for part in parts).encode())  # noqa: S324
        return base64.b64encode(digest.digest()).decode()

    @property
    def caps_node(self) -> str:
        """The node under which XEP-0115 §6.2 asks for it."""
        return f"{CAPS_NODE}#{self.verification}"

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        identities = tuple(
            Identity(item.get("category", ""), item.get("type", ""), item.get("name", ""))
            for item in element.iterfind(f"{{{NS}}}identity")
        )
        namespaces = (item.get("var", "") for item in element.iterfind(f"{{{NS}}}feature"))
        forms = tuple(_forms(element))
        return cls(identities, tuple(filter(None, namespaces)), element.get("node", ""), forms)

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


@dataclass(frozen=True, slots=True)
class DiscoItem:
    """What belongs to an entity: an address, or a `node` at one, and its name (§4)."""

    jid: Jid
    node: str = ""
    name: str = ""


@payload(f"{{{ITEMS_NS}}}query")
@dataclass(frozen=True)
class DiscoItemsPayload(Payload):
    """`<query/>`: the items of an entity, or of its `node`; what has no address is left out."""

    items: tuple[DiscoItem, ...] = ()
    node: str = ""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        found = []
        for item in element.iterfind(f"{{{ITEMS_NS}}}item"):
            try:
                jid = Jid.parse(item.get("jid", ""))
            except DataError:
                continue
            found.append(DiscoItem(jid, item.get("node", ""), item.get("name", "")))
        return cls(tuple(found), element.get("node", ""))

    def as_xml(self) -> Element:
        query = Element(f"{{{ITEMS_NS}}}query", {"node": self.node} if self.node else {})
        for each in self.items:
            attributes = {"jid": str(each.jid), "node": each.node, "name": each.name}
            given = {name: value for name, value in attributes.items() if value}
            SubElement(query, f"{{{ITEMS_NS}}}item", given)
        return query


def _forms(element: Element) -> Iterator[Form]:
    """The forms in `element`; one that can't be read is not there."""
    for each in element.iterfind(f"{{{FORMS_NS}}}x"):
        with contextlib.suppress(ValueError):
            yield Form.from_xml(each)
