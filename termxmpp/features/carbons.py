"""XEP-0280 Message Carbons: what our other devices send and receive is seen here too.

A carbon counts only if it comes from the account itself (§11): everything else is forged, and
dropped. What is inside goes the way of any message.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.core.events import ReadElsewhere
from termxmpp.core.message import Route
from termxmpp.feature import Feature, Handler
from termxmpp.values import dataclass
from termxmpp.xmpp.forwarding import Forwarded
from termxmpp.xmpp.hooks import on_message
from termxmpp.xmpp.payload import Payload, payload
from termxmpp.xmpp.reading import is_own, peer_of
from termxmpp.xmpp.stanzas import IncomingMessage

__all__ = ["FEATURE"]

logger = logging.getLogger(__name__)

NS = "urn:xmpp:carbons:2"
FORWARDED_TAG = "{urn:xmpp:forward:0}forwarded"


@payload(f"{{{NS}}}received")
@payload(f"{{{NS}}}sent")
@dataclass(frozen=True)
class CarbonPayload(Payload):
    """`<received/>` or `<sent/>`: a copy of a message; `direction` is the element's name."""

    forwarded: Forwarded
    direction: str = "received"

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        inner = element.find(FORWARDED_TAG)
        if inner is None:
            raise ValueError("a carbon of nothing")
        return cls(Forwarded.from_xml(inner), element.tag.removeprefix(f"{{{NS}}}"))

    def as_xml(self) -> Element:
        element = Element(f"{{{NS}}}{self.direction}")
        element.append(self.forwarded.as_xml())
        return element


@payload(f"{{{NS}}}enable")
@dataclass(frozen=True)
class EnablePayload(Payload):
    """`<enable/>`: copies are wanted in this session (§4)."""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        return cls()

    def as_xml(self) -> Element:
        return Element(f"{{{NS}}}enable")


class CarbonsHandler(Handler):
    """Asks for carbons, and unwraps those that are genuine."""

    def at_bind(self) -> Iterable[Payload]:
        return (EnablePayload(),)

    async def online(self) -> None:
        is_enabled = NS in self.ctx.enabled
        if not is_enabled and NS in self.ctx.state.server_namespaces | self.ctx.state.namespaces:
            # Nothing waits for it: what is asked later is answered later.
            self.ctx.spawn(self._enable())

    async def _enable(self) -> None:
        await self.ctx.set(None, EnablePayload())

    @on_message(payload=CarbonPayload)
    def receive(self, message: IncomingMessage) -> bool:
        """A copy of what another of our devices got or sent."""
        account = self.ctx.state.account
        carbon = message.get(CarbonPayload)
        if message.route is not Route.LIVE or message.sender not in (None, account):
            logger.warning("a forged carbon from %s was dropped", message.sender)
            return True
        inner = carbon.forwarded.message(Route.CARBON) if carbon is not None else None
        if carbon is None or inner is None:
            return True
        if is_own(inner, account) != (carbon.direction == "sent"):
            # Or it is what we wrote to ourselves, of which there is a copy as sent, too.
            logger.warning("a carbon says %s of what is not", carbon.direction)
            return True
        self.ctx.take(inner)
        peer = peer_of(inner, self.ctx.state)
        is_text = inner.body is not None and inner.type not in ("error", "groupchat")
        if carbon.direction == "sent" and is_text and inner.id and peer is not None:
            # Whoever writes there has read what came before, and not every device says so.
            self.ctx.emit(ReadElsewhere(peer, message_id=inner.id))
        return True


FEATURE = Feature("XEP-0280", "Message Carbons", (NS,), CarbonsHandler, version="1.0.1")
