"""XEP-0333 Displayed Markers: how far the other side has read, and how far we have.

A marker speaks for its message and all before it. Sent for what the user has looked at, once,
and to those only who may see our presence; what another device of ours has sent clears the
count here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from termxmpp.core.events import (
    CaughtUp,
    ConversationRead,
    Event,
    MarkerSettled,
    ReadByPeer,
    ReadElsewhere,
)
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.errors import ConnectionFailed
from termxmpp.feature import Context, Feature, Handler
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.hints import StorePayload
from termxmpp.xmpp.hooks import on_message
from termxmpp.xmpp.markers import NS, DisplayedPayload, MarkablePayload
from termxmpp.xmpp.pacing import Pacer
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.reading import is_own, peer_of
from termxmpp.xmpp.stanzas import IncomingMessage

__all__ = ["FEATURE"]


class MarkersHandler(Handler):
    """Asks for markers, gives and takes them."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._pacer = Pacer(ctx.spawn, self._mark)

    def outgoing(self, peer: Jid, message: Message) -> Iterable[Payload]:
        return () if message.is_groupchat or not message.is_text else (MarkablePayload(),)

    def happened(self, event: Event) -> None:
        if isinstance(event, (ConversationRead, CaughtUp)) and self.ctx.is_online:
            self._pacer.want()

    async def resumed(self) -> None:
        self._pacer.want()

    async def leaving(self) -> None:
        await self._mark()

    @on_message(payload=DisplayedPayload)
    def displayed(self, message: IncomingMessage) -> bool:
        """The other side has read, or another device of ours; nobody else can say so."""
        account = self.ctx.state.account
        marker, peer = message.get(DisplayedPayload), peer_of(message, self.ctx.state)
        if marker is None or peer is None or message.type == "groupchat":
            return False
        if is_own(message, account):
            self.ctx.emit(ReadElsewhere(peer, message_id=marker.id))
        else:
            self.ctx.emit(ReadByPeer(peer, marker.id))
        return message.body is None

    async def _mark(self) -> bool:
        """Tell the peers how far their messages have been read, if there is something new."""
        all_due = self.ctx.markers_due()
        with contextlib.suppress(ConnectionFailed):
            for due in all_due:
                if self.ctx.sends_markers and self.ctx.state.sees_us(due.peer):
                    self.ctx.send(
                        stanzas.message(
                            due.peer,
                            id=self.ctx.new_id(),
                            payloads=(DisplayedPayload(due.id), StorePayload()),
                        )
                    )
                self.ctx.emit(MarkerSettled(due.peer, due.id))
        return bool(all_due)


FEATURE = Feature("XEP-0333", "Displayed Markers", (NS,), MarkersHandler, version="1.0.0")
