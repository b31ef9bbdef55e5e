"""The wire form of XEP-0030 Service Discovery, and what we are."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from dataclasses import dataclass
from typing import Self
from xml.etree.ElementTree import Element, SubElement

import termxmpp
from termxmpp.core.capabilities import Capabilities
from termxmpp.core.jid import Jid
from termxmpp.errors import DataError
from termxmpp.xmpp.forms import NS as FORM_NS
from termxmpp.xmpp.forms import Form
from termxmpp.xmpp.paging import NS as RSM_NS
from termxmpp.xmpp.paging import Page
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

LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# What hash functions are called in XMPP (XEP-0300 §4) and in Python.
_HASHES = {"sha-1": "sha1", "sha-256": "sha256", "sha-512": "sha512"}

# What says of a presence that it is a termxmpp's (XEP-0115 §4).
CAPS_NODE = "urn:termxmpp"


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """What an entity is: a category and a type of the registry, and a name in `lang` (§3.1)."""

    category: str
    type: str
    name: str = ""
    lang: str = ""


OURSELVES = Identity("client", "console", f"termxmpp {termxmpp.__version__}")


@payload(f"{{{NS}}}query")
@dataclass(frozen=True)
class DiscoPayload(Payload):
    """`<query/>`: identities and namespaces of an entity, or of its `node`.

    `forms` are what else it tells of itself (XEP-0128); none that can't be read.
    """

    identities: tuple[Identity, ...] = ()
    namespaces: tuple[str, ...] = ()
    node: str = ""
    forms: tuple[Form, ...] = ()

    def values(self, kind: str) -> dict[str, tuple[str, ...]]:
        """What the form of that `kind` (its FORM_TYPE) tells, by the names of its fields."""
        found = (form for form in self.forms if form.form_type == kind)
        form = next(found, None)
        return {each.name: each.values for each in form.fields} if form is not None else {}

    @property
    def verification(self) -> str:
        """The hash of it by which others know it already (XEP-0115)."""
        return self._hashed("sha1")

    def proves(self, capabilities: Capabilities) -> bool:
        """Whether it is what `capabilities` stand for, and can be nothing else (§5.4)."""
        name = _HASHES.get(capabilities.hash)
        kinds = [form.form_type for form in self.forms]
        is_well_formed = all(
            len(set(each)) == len(each) for each in (self.identities, self.namespaces, kinds)
        )
        if name is None or not is_well_formed:
            return False
        return self._hashed(name) == capabilities.verification

    def _hashed(self, name: str) -> str:
        """What XEP-0115 §5.1 makes of it, by the hash function `name`."""
        identities = sorted(
            (each.category, each.type, each.lang, each.name) for each in self.identities
        )
        parts = ["/".join(each) for each in identities]
        # Sorted before the `<` is put behind them, which would part `urn:x` from `urn:x+notify`.
        parts += sorted(self.namespaces)
        for form in sorted(self.forms, key=lambda each: each.form_type):
            kind = form.get("FORM_TYPE")
            if kind is None or kind.type != "hidden":
                continue
            parts.append(form.form_type)
            others = (each for each in form.fields if each.name != "FORM_TYPE")
            for field in sorted(others, key=lambda each: each.name):
                parts += [field.name, *sorted(field.values)]
        # The protocol names the hash; nothing secret hangs on it.
        digest = hashlib.new(name, usedforsecurity=False)
        digest.update("".join(f"{part}<" for part in parts).encode("utf-8", "replace"))
        return base64.b64encode(digest.digest()).decode()

    @property
    def caps_node(self) -> str:
        """The node under which XEP-0115 §6.2 asks for it."""
        return f"{CAPS_NODE}#{self.verification}"

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        identities = tuple(
            Identity(*(item.get(name, "") for name in ("category", "type", "name", LANG)))
            for item in element.iterfind(f"{{{NS}}}identity")
        )
        namespaces = (item.get("var", "") for item in element.iterfind(f"{{{NS}}}feature"))
        forms = []
        for each in element.iterfind(f"{{{FORM_NS}}}x"):
            with contextlib.suppress(ValueError):
                forms.append(Form.from_xml(each))
        known = tuple(filter(None, namespaces))
        return cls(identities, known, element.get("node", ""), tuple(forms))

    def as_xml(self) -> Element:
        query = Element(f"{{{NS}}}query", {"node": self.node} if self.node else {})
        for identity in self.identities:
            attributes = {"category": identity.category, "type": identity.type}
            if identity.name:
                attributes["name"] = identity.name
            if identity.lang:
                attributes[LANG] = identity.lang
            SubElement(query, f"{{{NS}}}identity", attributes)
        for namespace in self.namespaces:
            SubElement(query, f"{{{NS}}}feature", {"var": namespace})
        query.extend(form.as_xml() for form in self.forms)
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
    """`<query/>`: the items of an entity, or of its `node`; what has no address is left out.

    `page` is the part of them that is asked for, or that this is (XEP-0059).
    """

    items: tuple[DiscoItem, ...] = ()
    node: str = ""
    page: Page | None = None

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        found = []
        for item in element.iterfind(f"{{{ITEMS_NS}}}item"):
            try:
                jid = Jid.parse(item.get("jid", ""))
            except DataError:
                continue
            found.append(DiscoItem(jid, item.get("node", ""), item.get("name", "")))
        told = element.find(f"{{{RSM_NS}}}set")
        page = Page.from_xml(told) if told is not None else None
        return cls(tuple(found), element.get("node", ""), page)

    def as_xml(self) -> Element:
        query = Element(f"{{{ITEMS_NS}}}query", {"node": self.node} if self.node else {})
        if self.page is not None:
            query.append(self.page.as_xml())
        for each in self.items:
            attributes = {"jid": str(each.jid), "node": each.node, "name": each.name}
            given = {name: value for name, value in attributes.items() if value}
            SubElement(query, f"{{{ITEMS_NS}}}item", given)
        return query
