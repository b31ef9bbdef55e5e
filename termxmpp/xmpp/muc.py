"""The wire form of XEP-0045 Multi-User Chat, as far as an occupant needs it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.core.jid import Jid
from termxmpp.core.room import Affiliation, Role
from termxmpp.errors import UserError
from termxmpp.xmpp.payload import Payload, payload

__all__ = [
    "NS",
    "OCCUPANT_ID_NS",
    "Destruction",
    "EnterPayload",
    "OccupantIdPayload",
    "OccupantPayload",
    "Status",
]

NS = "http://jabber.org/protocol/muc"
OCCUPANT_ID_NS = "urn:xmpp:occupant-id:0"
USER_NS = f"{NS}#user"
OWNER_NS = f"{NS}#owner"

# XEP-0421 §4.
LONGEST_OCCUPANT_ID = 128


class Status(enum.IntEnum):
    """The status codes that are acted upon (§15.6.2)."""

    SELF = 110
    CREATED = 201
    BANNED = 301
    RENAMED = 303
    KICKED = 307
    AFFILIATION = 321
    MEMBERS_ONLY = 322
    SHUTDOWN = 332
    UNREACHABLE = 333


@payload(f"{{{NS}}}x")
@dataclass(frozen=True)
class EnterPayload(Payload):
    """`<x/>` in the presence that asks to be let in (§7.2).

    `wants_history`: the room is to tell what was said before, from `since` on or, with None, as
    much as it tells everybody.
    """

    wants_history: bool = True
    since: datetime | None = None

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        """What comes back with an error says nothing new."""
        return cls()

    def as_xml(self) -> Element:
        element = Element(f"{{{NS}}}x")
        if not self.wants_history:
            SubElement(element, f"{{{NS}}}history", {"maxchars": "0"})
        elif self.since is not None:
            stamp = self.since.astimezone(UTC).isoformat(timespec="seconds")
            history = {"since": stamp.replace("+00:00", "Z")}
            SubElement(element, f"{{{NS}}}history", history)
        return element


@dataclass(frozen=True, slots=True)
class Destruction:
    """What a room says when it is destroyed (§10.9): why, and where to go instead."""

    reason: str = ""
    instead: Jid | None = None


@payload(f"{{{USER_NS}}}x")
@dataclass(frozen=True)
class OccupantPayload(Payload):
    """`<x/>` in what a room sends: who an occupant is, and what happened to it.

    `nick` is the new one of somebody who changes it, `jid` the real address where it is told,
    `reason` what a moderator gave. Written, it is the empty mark of a private message (§7.5).
    """

    affiliation: Affiliation = Affiliation.NONE
    role: Role = Role.NONE
    jid: Jid | None = None
    nick: str = ""
    reason: str = ""
    codes: frozenset[int] = frozenset()
    destruction: Destruction | None = None

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        item = element.find(f"{{{USER_NS}}}item")
        codes = (each.get("code", "") for each in element.iterfind(f"{{{USER_NS}}}status"))
        numbers = frozenset(int(code) for code in codes if code.isascii() and code.isdecimal())
        destroy = element.find(f"{{{USER_NS}}}destroy")
        destruction = None
        if destroy is not None:
            reason = destroy.findtext(f"{{{USER_NS}}}reason") or ""
            destruction = Destruction(reason, _jid(destroy.get("jid")))
        if item is None:
            return cls(codes=numbers, destruction=destruction)
        return cls(
            Affiliation.of(item.get("affiliation")),
            Role.of(item.get("role")),
            _jid(item.get("jid")),
            item.get("nick", ""),
            item.findtext(f"{{{USER_NS}}}reason") or "",
            numbers,
            destruction,
        )

    def as_xml(self) -> Element:
        return Element(f"{{{USER_NS}}}x")


@payload(f"{{{OCCUPANT_ID_NS}}}occupant-id")
@dataclass(frozen=True)
class OccupantIdPayload(Payload):
    """`<occupant-id/>`: who it is, whichever the nick (XEP-0421), if the room is to be trusted."""

    id: str

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        if not 0 < len(element.get("id", "")) <= LONGEST_OCCUPANT_ID:
            raise ValueError("no occupant has such an id")
        return cls(element.get("id", ""))

    def as_xml(self) -> Element:
        return Element(f"{{{OCCUPANT_ID_NS}}}occupant-id", {"id": self.id})


def _jid(text: str | None) -> Jid | None:
    try:
        return Jid.parse(text) if text else None
    except UserError:
        return None
