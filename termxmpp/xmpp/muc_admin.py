"""The wire form of XEP-0045 §8 to §10: who is what in a room, changed and listed, and its end."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.core.jid import Jid
from termxmpp.core.room import Affiliation, Role, Room
from termxmpp.errors import RemoteError
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.xmpp.acts import MODERATION_NS, RETRACTION_NS
from termxmpp.xmpp.muc import NS, OWNER_NS
from termxmpp.xmpp.payload import Payload, payload
from termxmpp.xmpp.stanzas import xml_text

__all__ = ["AdminPayload", "DestroyPayload", "Item", "ModeratePayload", "refusal"]

ADMIN_NS = f"{NS}#admin"


@dataclass(frozen=True, slots=True)
class Item:
    """One user of a room: named by `nick` or `jid`; None is what is not asked about or changed."""

    affiliation: Affiliation | None = None
    role: Role | None = None
    jid: Jid | None = None
    nick: str = ""
    reason: str = ""


@payload(f"{{{ADMIN_NS}}}query")
@dataclass(frozen=True)
class AdminPayload(Payload):
    """`<query/>`: what users are to be or are to the room."""

    items: tuple[Item, ...]

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        """An item that names nobody is left out."""
        found = (_item(each) for each in element.iterfind(f"{{{ADMIN_NS}}}item"))
        return cls(tuple(each for each in found if each.jid is not None or each.nick))

    def as_xml(self) -> Element:
        query = Element(f"{{{ADMIN_NS}}}query")
        for each in self.items:
            item = SubElement(query, f"{{{ADMIN_NS}}}item")
            if each.affiliation is not None:
                item.set("affiliation", each.affiliation.value)
            if each.role is not None:
                item.set("role", each.role.value)
            if each.jid is not None:
                item.set("jid", str(each.jid))
            if each.nick:
                item.set("nick", each.nick)
            if each.reason:
                SubElement(item, f"{{{ADMIN_NS}}}reason").text = xml_text(each.reason)
        return query


@dataclass(frozen=True)
class DestroyPayload(Payload):
    """`<destroy/>`: let there be no such room any more (§10.9), and where to go instead."""

    reason: str = ""
    instead: Jid | None = None

    def as_xml(self) -> Element:
        query = Element(f"{{{OWNER_NS}}}query")
        destroy = SubElement(query, f"{{{OWNER_NS}}}destroy")
        if self.instead is not None:
            destroy.set("jid", str(self.instead))
        if self.reason:
            SubElement(destroy, f"{{{OWNER_NS}}}reason").text = xml_text(self.reason)
        return query


@dataclass(frozen=True)
class ModeratePayload(Payload):
    """`<moderate/>`: let the room take back the message with that id of its own (XEP-0425 §3)."""

    id: str
    reason: str = ""

    def as_xml(self) -> Element:
        moderate = Element(f"{{{MODERATION_NS}}}moderate", {"id": self.id})
        SubElement(moderate, f"{{{RETRACTION_NS}}}retract")
        if self.reason:
            SubElement(moderate, f"{{{MODERATION_NS}}}reason").text = xml_text(self.reason)
        return moderate


def refusal(error: RemoteError, room: Room, needed: Role | Affiliation) -> RemoteError:
    """`error` in words that say what we lack; `needed` is the least that is enough in general.

    Rooms say `forbidden` for both that and who stands too high to be touched (§5.1.1, §5.2.1), so
    what we are is told besides.
    """
    words = {
        "forbidden": _("that needs the rights of at least: {needed}"),
        "not-authorized": _("that needs the rights of at least: {needed}"),
        "not-allowed": _("who stands as high as you, or higher, can't be touched"),
        "conflict": _("a room needs an owner, and nobody does that to himself"),
        "item-not-found": _("there is nobody and nothing such in it"),
        "not-acceptable": _("the room has no such user or rule"),
    }.get(error.condition or "")
    if words is None:
        return error
    text = _("{room} refuses: {words}. You are: {role}, {affiliation}.").format(
        room=room.jid,
        words=words.format(needed=needed.words),
        role=room.our_role.words,
        affiliation=room.our_affiliation.words,
    )
    return RemoteError(text, error.condition)


def _item(element: Element) -> Item:
    affiliation, role = element.get("affiliation"), element.get("role")
    return Item(
        Affiliation.of(affiliation) if affiliation else None,
        Role.of(role) if role else None,
        Jid.parse_or_none(element.get("jid")),
        element.get("nick", ""),
        element.findtext(f"{{{ADMIN_NS}}}reason") or "",
    )
