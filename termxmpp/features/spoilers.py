"""XEP-0382 Spoiler Messages: a text that is hidden until its reader asks for it."""

from __future__ import annotations

from collections.abc import Iterable

from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.feature import Feature, Handler
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.spoilers import NS, SpoilerPayload

__all__ = ["FEATURE"]


class SpoilersHandler(Handler):
    """Hides what is to be hidden; what others hide is read in `xmpp.reading`."""

    def outgoing(self, peer: Jid, message: Message) -> Iterable[Payload]:
        return () if message.spoiler is None else (SpoilerPayload(message.spoiler),)


FEATURE = Feature(
    "XEP-0382",
    "Spoiler Messages",
    (NS,),
    SpoilersHandler,
    version="0.2.0",
    note="read; none are sent",
    is_partial=True,
)
