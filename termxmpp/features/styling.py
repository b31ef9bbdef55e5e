"""XEP-0393 Message Styling: what authors mark in their texts is drawn, unless they say not to."""

from __future__ import annotations

from collections.abc import Iterable

from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.feature import Feature, Handler
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.styling import NS, UnstyledPayload

__all__ = ["FEATURE"]


class StylingHandler(Handler):
    """Says that a text has no styling; that others say so is read in `xmpp.reading`."""

    def outgoing(self, peer: Jid, message: Message) -> Iterable[Payload]:
        return (UnstyledPayload(),) if message.is_unstyled else ()


FEATURE = Feature("XEP-0393", "Message Styling", (NS,), StylingHandler, version="1.1.1")
