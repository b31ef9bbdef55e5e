"""The wire form of XEP-0030 Service Discovery, and what we are."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Self
from xml.etree.ElementTree import Element, SubElement

import termxmpp
from termxmpp.xmpp.forms import NS as FORM_NS
from termxmpp.xmpp.forms import Form
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["CAPS_NODE", "NS", "OURSELVES", "DiscoPayload", "Identity"]

NS = "http://jabber.org/protocol/disco#info"
ROOM_INFO = "http://jabber.org/protocol/muc#roominfo"

_COUNT = re.compile(r"[0-9]{1,9}")

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

    Of rooms also what they are about, and how many are there (XEP-0045 §15.5.4), if they say it.
    """

    identities: tuple[Identity, ...] = ()
    namespaces: tuple[str, ...] = ()
    node: str = ""
    description: str = ""
    count: int | None = None

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
        forms = (
            Form.from_xml(each) for each in element.iterfind(f"{{{FORM_NS}}}x[@type='result']")
        )
        room = next((each for each in forms if each.form_type == ROOM_INFO), Form())
        words = (_value(room, f"muc#roominfo_{name}") for name in ("description", "subject"))
        number = _value(room, "muc#roominfo_occupants")
        return cls(
            identities,
            tuple(filter(None, namespaces)),
            element.get("node", ""),
            next(filter(None, words), ""),
            int(number) if _COUNT.fullmatch(number) else None,
        )

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


def _value(form: Form, name: str) -> str:
    field = form.get(name)
    return "" if field is None else field.value.strip()
