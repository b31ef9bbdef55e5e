"""The wire form of XEP-0461 Message Replies, and of XEP-0428 Fallback Indication."""

from __future__ import annotations

import contextlib
from typing import Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.core.jid import Jid
from termxmpp.errors import UserError
from termxmpp.standard import Standard
from termxmpp.values import dataclass
from termxmpp.xmpp.acts import LONGEST_ID
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["FALLBACK_NS", "REPLY_NS", "FallbackPayload", "ReplyPayload"]

COUNTING = Standard("XEP-0426", "Character counting in message bodies", "0.3.0")

REPLY_NS = "urn:xmpp:reply:0"
FALLBACK_NS = "urn:xmpp:fallback:0"

# Of the parts of a text that are only there for others so many are looked at.
MOST_RANGES = 10


@payload(f"{{{REPLY_NS}}}reply")
@dataclass(frozen=True)
class ReplyPayload(Payload):
    """`<reply/>`: the message answers that of `id`, which `author` has written."""

    id: str
    author: Jid | None = None

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        id = element.get("id", "")
        if not 0 < len(id) <= LONGEST_ID:
            raise ValueError("an answer to nothing")
        author = None
        with contextlib.suppress(UserError):
            author = Jid.parse(element.get("to", ""))
        return cls(id, author)

    def as_xml(self) -> Element:
        attributes = {"to": str(self.author)} if self.author else {}
        return Element(f"{{{REPLY_NS}}}reply", {**attributes, "id": self.id})


@payload(f"{{{FALLBACK_NS}}}fallback")
@dataclass(frozen=True)
class FallbackPayload(Payload):
    """`<fallback/>`: parts of the body are for those who don't know the namespace `namespace`.

    `ranges` are from and to, in code points (XEP-0426); None is the whole.
    """

    namespace: str
    ranges: tuple[tuple[int, int], ...] | None = None

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        """What is no number leaves the body as it is."""
        bodies = element.findall(f"{{{FALLBACK_NS}}}body")
        is_whole = len(element) == 0 or any(not each.keys() for each in bodies)
        ranges = [
            (int(start), int(end))
            for start, end in ((each.get("start", ""), each.get("end", "")) for each in bodies)
            if _is_offset(start) and _is_offset(end)
        ]
        return cls(element.get("for", ""), None if is_whole else tuple(ranges[:MOST_RANGES]))

    def as_xml(self) -> Element:
        fallback = Element(f"{{{FALLBACK_NS}}}fallback", {"for": self.namespace})
        for start, end in self.ranges or ():
            offsets = {"start": str(start), "end": str(end)}
            SubElement(fallback, f"{{{FALLBACK_NS}}}body", offsets)
        return fallback


def _is_offset(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10
