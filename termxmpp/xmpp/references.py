"""The wire form of XEP-0372 References: whom a part of a text means."""

from __future__ import annotations

from typing import Self
from urllib.parse import quote
from xml.etree.ElementTree import Element

from termxmpp.core.jid import Jid
from termxmpp.core.uris import XmppUri
from termxmpp.errors import TermxmppError
from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["NS", "MentionPayload"]

NS = "urn:xmpp:reference:0"

# What stands for itself in the path of such a URI (RFC 5122 §2.2), besides letters and digits.
_AS_IT_IS = "@/!$&'()*+,;=:-._~"


@payload(f"{{{NS}}}reference")
@dataclass(frozen=True)
class MentionPayload(Payload):
    """`<reference type="mention"/>`: `whom` is meant, by what stands in the body at `place`.

    That is from and to, in code points (§3.1), None where nothing of the text is told. References
    to anything else are none of these.
    """

    whom: Jid
    place: tuple[int, int] | None = None

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        """ValueError where nobody is mentioned; where, does not matter to who reads."""
        if element.get("type") != "mention":
            raise ValueError("a reference to something else")
        try:
            return cls(XmppUri.parse(element.get("uri", "")).jid)
        except TermxmppError as error:
            raise ValueError(str(error)) from None

    def as_xml(self) -> Element:
        attributes = {"type": "mention", "uri": f"xmpp:{quote(str(self.whom), safe=_AS_IT_IS)}"}
        if self.place is not None:
            begin, end = self.place
            attributes |= {"begin": str(begin), "end": str(end)}
        return Element(f"{{{NS}}}reference", attributes)
