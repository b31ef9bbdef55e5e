"""XEP-0297 Stanza Forwarding: a message inside another one, as carbons and archives send it."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import Self
from xml.etree.ElementTree import Element

from pyxmpp2.exceptions import ProtocolError
from pyxmpp2.message import Message as WireMessage

from termxmpp.core.message import Route
from termxmpp.standard import Standard
from termxmpp.values import dataclass
from termxmpp.xmpp.delay import DelayPayload
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.stanzas import IncomingMessage, repair

__all__ = ["Forwarded"]

FORWARDING = Standard(
    "XEP-0297",
    "Stanza Forwarding",
    "1.0",
    note="what carbons and archives forward",
    is_partial=True,
)

NS = "urn:xmpp:forward:0"
MESSAGE_TAG = "{jabber:client}message"
DELAY_TAG = "{urn:xmpp:delay}delay"


@dataclass(frozen=True)
class Forwarded(Payload):
    """`<forwarded/>`: the message in it, and when it was sent as the forwarder says."""

    element: Element
    at: datetime | None = None

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        """ValueError where there is not exactly one message in it."""
        messages = element.findall(MESSAGE_TAG)
        if element.tag != f"{{{NS}}}forwarded" or len(messages) != 1:
            raise ValueError("nothing is forwarded")
        at = None
        for delay in element.iterfind(DELAY_TAG):
            with contextlib.suppress(ValueError):
                at = at or DelayPayload.from_xml(delay).at
        return cls(messages[0], at)

    def as_xml(self) -> Element:
        forwarded = Element(f"{{{NS}}}forwarded")
        if self.at is not None:
            forwarded.append(DelayPayload(self.at).as_xml())
        forwarded.append(self.element)
        return forwarded

    def message(self, route: Route, archive_id: str = "") -> IncomingMessage | None:
        """The message as if it had come by `route`; None if it is none that can be read."""
        repair(self.element)
        try:
            return IncomingMessage(WireMessage(self.element), route, archive_id, self.at)
        except (ValueError, ProtocolError):
            return None
