"""XEP-0203 Delayed Delivery: when a stanza was really sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.core.jid import Jid
from termxmpp.errors import UserError
from termxmpp.standard import Standard
from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["DelayPayload", "parse_stamp"]

STAMPS = Standard("XEP-0082", "XMPP Date and Time Profiles", "1.1.1")

NS = "urn:xmpp:delay"


@payload(f"{{{NS}}}delay")
@dataclass(frozen=True)
class DelayPayload(Payload):
    """`<delay/>`: the aware time `at`, and who says so (None: nobody named, §2)."""

    at: datetime
    by: Jid | None = None

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        at = parse_stamp(element.get("stamp", ""))
        try:
            return cls(at, Jid.parse(element.get("from", "")))
        except UserError:
            return cls(at)

    def as_xml(self) -> Element:
        stamp = self.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        element = Element(f"{{{NS}}}delay", {"stamp": stamp})
        if self.by is not None:
            element.set("from", str(self.by))
        return element


def parse_stamp(text: str) -> datetime:
    """The aware time of a XEP-0082 DateTime; ValueError for anything else.

    A stamp without a zone is no DateTime of §3.2, but old servers send it and mean UTC. Years
    in which there was no message are refused: not every zone has a date for them.
    """
    at = datetime.fromisoformat(text)
    if not 1970 <= at.year < 9999:
        raise ValueError(f"nothing was sent in the year {at.year}")
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
