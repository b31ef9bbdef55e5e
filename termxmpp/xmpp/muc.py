"""The wire form of XEP-0045 Multi-User Chat, as far as an occupant needs it."""

from __future__ import annotations

import enum
import re
from datetime import UTC, datetime
from typing import Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.core.jid import Jid
from termxmpp.core.room import Affiliation, Role
from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload
from termxmpp.xmpp.stanzas import xml_text

__all__ = [
    "NS",
    "OCCUPANT_ID_NS",
    "PROTECTED",
    "ROOM_INFO",
    "USER_NS",
    "Destruction",
    "EnterPayload",
    "Invite",
    "OccupantIdPayload",
    "OccupantPayload",
    "Status",
]

NS = "http://jabber.org/protocol/muc"
OCCUPANT_ID_NS = "urn:xmpp:occupant-id:0"
USER_NS = f"{NS}#user"
OWNER_NS = f"{NS}#owner"
ROOM_INFO = f"{NS}#roominfo"
"""The form in which a room tells of itself (§15.5.4)."""

PROTECTED = "muc_passwordprotected"
"""What a room announces that lets in only who has its password (§6.4)."""

_CODE = re.compile(r"[0-9]{1,4}")

# XEP-0421 §4.
LONGEST_OCCUPANT_ID = 128


class Status(enum.IntEnum):
    """The status codes that are acted upon (§15.6.2)."""

    OPEN_ADDRESSES = 100
    AFFILIATED = 101
    SHOWS_UNAVAILABLE = 102
    HIDES_UNAVAILABLE = 103
    CONFIGURED = 104
    SELF = 110
    LOGGED = 170
    NOT_LOGGED = 171
    NON_ANONYMOUS = 172
    SEMI_ANONYMOUS = 173
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
    """`<x/>` in the presence that asks to be let in (§7.2), by the `password` if there is one.

    `wants_history`: the room is to tell what was said before, from `since` on or, with None, as
    much as it tells everybody.
    """

    wants_history: bool = True
    since: datetime | None = None
    password: str = ""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        """What comes back with an error says nothing new."""
        return cls()

    def as_xml(self) -> Element:
        element = Element(f"{{{NS}}}x")
        if self.password:
            SubElement(element, f"{{{NS}}}password").text = xml_text(self.password)
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


@dataclass(frozen=True, slots=True)
class Invite:
    """An invitation as a room hands it on, or the answer that somebody declines ours (§7.8.2)."""

    by: Jid | None = None
    reason: str = ""
    is_declined: bool = False


@payload(f"{{{USER_NS}}}x")
@dataclass(frozen=True)
class OccupantPayload(Payload):
    """`<x/>` in what a room sends: who an occupant is, and what happened to it.

    `nick` is the new one of somebody who changes it, `jid` the real address where it is told,
    `reason` what a moderator gave, and `actor` that moderator: a nick, or else an address.
    `invite` and the `password` are of an invitation. Written, it is the empty mark of a private
    message (§7.5).
    """

    affiliation: Affiliation = Affiliation.NONE
    role: Role = Role.NONE
    jid: Jid | None = None
    nick: str = ""
    reason: str = ""
    codes: frozenset[int] = frozenset()
    destruction: Destruction | None = None
    actor: str = ""
    invite: Invite | None = None
    password: str = ""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        item = element.find(f"{{{USER_NS}}}item")
        codes = (each.get("code", "") for each in element.iterfind(f"{{{USER_NS}}}status"))
        numbers = frozenset(int(code) for code in codes if _CODE.fullmatch(code))
        destroy = element.find(f"{{{USER_NS}}}destroy")
        destruction = None
        if destroy is not None:
            reason = destroy.findtext(f"{{{USER_NS}}}reason") or ""
            destruction = Destruction(reason, Jid.parse_or_none(destroy.get("jid")))
        password = element.findtext(f"{{{USER_NS}}}password") or ""
        if item is None:
            return cls(
                codes=numbers,
                destruction=destruction,
                invite=_invite(element),
                password=password,
            )
        return cls(
            Affiliation.of(item.get("affiliation")),
            Role.of(item.get("role")),
            Jid.parse_or_none(item.get("jid")),
            item.get("nick", ""),
            item.findtext(f"{{{USER_NS}}}reason") or "",
            numbers,
            destruction,
            _actor(item),
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


def _invite(element: Element) -> Invite | None:
    for name in ("invite", "decline"):
        found = element.find(f"{{{USER_NS}}}{name}")
        if found is not None and found.get("from"):
            reason = found.findtext(f"{{{USER_NS}}}reason") or ""
            return Invite(Jid.parse_or_none(found.get("from")), reason.strip(), name == "decline")
    return None


def _actor(item: Element) -> str:
    actor = item.find(f"{{{USER_NS}}}actor")
    return "" if actor is None else actor.get("nick") or actor.get("jid") or ""
