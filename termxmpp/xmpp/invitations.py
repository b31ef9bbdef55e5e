"""The wire form of invitations into rooms: by the room (XEP-0045 §7.8.2) or direct (XEP-0249)."""

from __future__ import annotations

from typing import Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.core.jid import Jid
from termxmpp.values import dataclass
from termxmpp.xmpp.muc import USER_NS
from termxmpp.xmpp.payload import Payload, payload
from termxmpp.xmpp.stanzas import xml_text

__all__ = ["DIRECT_NS", "DeclinePayload", "DirectPayload", "MediatedPayload"]

DIRECT_NS = "jabber:x:conference"


@payload(f"{{{DIRECT_NS}}}x")
@dataclass(frozen=True)
class DirectPayload(Payload):
    """`<x/>`: the sender itself asks us to enter `room` (bare)."""

    room: Jid
    reason: str = ""
    password: str = ""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        room = Jid.parse_or_none(element.get("jid", ""))
        if room is None or not room.local:
            raise ValueError("an invitation into no room")
        return cls(room.bare, element.get("reason", "").strip(), element.get("password", ""))

    def as_xml(self) -> Element:
        x = Element(f"{{{DIRECT_NS}}}x", {"jid": str(self.room)})
        if self.reason:
            x.set("reason", xml_text(self.reason))
        if self.password:
            x.set("password", xml_text(self.password))
        return x


@dataclass(frozen=True)
class DeclinePayload(Payload):
    """`<x/>`: the room is to tell `inviter` that we don't enter it (XEP-0045 §7.8.2)."""

    inviter: Jid
    reason: str = ""

    def as_xml(self) -> Element:
        x = Element(f"{{{USER_NS}}}x")
        decline = SubElement(x, f"{{{USER_NS}}}decline", {"to": str(self.inviter)})
        if self.reason:
            SubElement(decline, f"{{{USER_NS}}}reason").text = xml_text(self.reason)
        return x


@dataclass(frozen=True)
class MediatedPayload(Payload):
    """`<x/>`: the room is to ask `invitee` to enter it."""

    invitee: Jid
    reason: str = ""

    def as_xml(self) -> Element:
        x = Element(f"{{{USER_NS}}}x")
        invite = SubElement(x, f"{{{USER_NS}}}invite", {"to": str(self.invitee)})
        if self.reason:
            SubElement(invite, f"{{{USER_NS}}}reason").text = xml_text(self.reason)
        return x
