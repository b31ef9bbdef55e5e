"""The wire form of XEP-0202 Entity Time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["NS", "TimePayload"]

NS = "urn:xmpp:time"


@payload(f"{{{NS}}}time")
@dataclass(frozen=True)
class TimePayload(Payload):
    """`<time/>`: the time of who is asked (aware, in the zone there), None in the question."""

    at: datetime | None = None

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        text = (element.findtext(f"{{{NS}}}utc") or "").strip()
        if not text:
            return cls()
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            # Some leave out the Z (slixmpp does); it is called utc for all that.
            at = at.replace(tzinfo=UTC)
        offset = (element.findtext(f"{{{NS}}}tzo") or "").strip()
        try:
            return cls(at.astimezone(_zone(offset)) if offset else at)
        except OverflowError as error:
            raise ValueError("a time that no calendar has") from error

    def as_xml(self) -> Element:
        element = Element(f"{{{NS}}}time")
        if self.at is not None:
            offset = self.at.strftime("%z")
            SubElement(element, f"{{{NS}}}tzo").text = f"{offset[:3]}:{offset[3:5]}"
            utc = self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            SubElement(element, f"{{{NS}}}utc").text = utc
        return element


def _zone(offset: str) -> timezone:
    """The zone that `offset` means, as in `-06:00` (XEP-0082 §2.4)."""
    if offset == "Z":
        return UTC
    found = datetime.strptime(offset, "%z").utcoffset()
    return timezone(found if found is not None else timedelta())
