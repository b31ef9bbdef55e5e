"""The wire forms of XEP-0012 Last Activity and of XEP-0319 Last User Interaction in Presence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["IDLE_NS", "NS", "IdlePayload", "LastPayload"]

NS = "jabber:iq:last"
IDLE_NS = "urn:xmpp:idle:1"

# Nobody has been away, and no server up, for longer (seconds): a century.
LONGEST = 100 * 366 * 86_400


@payload(f"{{{NS}}}query")
@dataclass(frozen=True)
class LastPayload(Payload):
    """`<query/>`: so many `seconds` ago somebody was there, or a server began; None: not said.

    `status` is what a user who has left said then.
    """

    seconds: int | None = None
    status: str = ""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        seconds = element.get("seconds", "").strip()
        if not seconds:
            return cls()
        if not (seconds.isascii() and seconds.isdecimal()) or len(seconds) > len(str(LONGEST)):
            raise ValueError("that is no count of seconds")
        if int(seconds) > LONGEST:
            raise ValueError("nobody was there so long ago")
        return cls(int(seconds), (element.text or "").strip())

    def as_xml(self) -> Element:
        element = Element(f"{{{NS}}}query")
        if self.seconds is not None:
            element.set("seconds", str(self.seconds))
            element.text = self.status or None
        return element


@payload(f"{{{IDLE_NS}}}idle")
@dataclass(frozen=True)
class IdlePayload(Payload):
    """`<idle/>` in a presence: nobody has touched the device `since` then (aware)."""

    since: datetime

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        since = datetime.fromisoformat(element.get("since", "").strip())
        if since.tzinfo is None:
            raise ValueError("a time without its zone")
        try:
            return cls(since.astimezone(UTC))
        except OverflowError as error:
            raise ValueError("a time that no calendar has") from error

    def as_xml(self) -> Element:
        stamp = self.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return Element(f"{{{IDLE_NS}}}idle", {"since": stamp})
