"""XEP-0359 Unique and Stable Stanza IDs: our messages are known again in any copy."""

from __future__ import annotations

from collections.abc import Iterable

from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.feature import Feature, Handler
from termxmpp.xmpp.ids import NS, OriginIdPayload
from termxmpp.xmpp.payload import Payload

__all__ = ["FEATURE"]


class StanzaIdsHandler(Handler):
    """Gives our messages their origin id; those of archives are read in `xmpp.reading`."""

    def outgoing(self, peer: Jid, message: Message) -> Iterable[Payload]:
        return (OriginIdPayload(message.id),)


FEATURE = Feature(
    "XEP-0359", "Unique and Stable Stanza IDs", (NS,), StanzaIdsHandler, version="0.7.0"
)
