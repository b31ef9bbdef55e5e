"""The roster's wire form (RFC 6121 §2.1)."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.core.jid import Jid
from termxmpp.core.roster import Contact
from termxmpp.errors import UserError
from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["RosterPayload"]

NS = "jabber:iq:roster"

SUBSCRIPTIONS = frozenset({"none", "to", "from", "both"})


@payload(f"{{{NS}}}query")
@dataclass(frozen=True)
class RosterPayload(Payload):
    """`<query/>`: `contacts` that are, and the addresses `removed` that are no more.

    `version` is the state of it that is told, or in a question known; empty where none is known,
    None where versions are not spoken of (§2.6).

    Items that can't be read are left out: one bad entry must not cost the whole roster.
    """

    contacts: tuple[Contact, ...] = ()
    removed: tuple[Jid, ...] = ()
    version: str | None = None

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        contacts: list[Contact] = []
        removed: list[Jid] = []
        for item in element.iterfind(f"{{{NS}}}item"):
            try:
                jid = Jid.parse(item.get("jid", ""))
            except UserError:
                continue
            if item.get("subscription") == "remove":
                removed.append(jid)
            else:
                contacts.append(_contact(jid, item))
        return cls(tuple(contacts), tuple(removed), element.get("ver"))

    def as_xml(self) -> Element:
        query = Element(f"{{{NS}}}query")
        if self.version is not None:
            query.set("ver", self.version)
        for contact in self.contacts:
            # The client states name and groups only: the rest is the server's (§2.1.2).
            item = SubElement(query, f"{{{NS}}}item", {"jid": str(contact.jid)})
            if contact.name:
                item.set("name", contact.name)
            for group in contact.groups:
                SubElement(item, f"{{{NS}}}group").text = group
        for jid in self.removed:
            SubElement(query, f"{{{NS}}}item", {"jid": str(jid), "subscription": "remove"})
        return query


def _contact(jid: Jid, item: Element) -> Contact:
    groups = dict.fromkeys(group.text or "" for group in item.iterfind(f"{{{NS}}}group"))
    groups.pop("", None)
    subscription = item.get("subscription", "none")
    return Contact(
        jid,
        item.get("name", ""),
        tuple(groups),
        subscription if subscription in SUBSCRIPTIONS else "none",
        item.get("ask") == "subscribe",
        item.get("approved") in ("true", "1"),
    )
