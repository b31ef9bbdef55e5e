"""XEP-0184 Message Delivery Receipts: the recipient's word that a message has arrived.

Asked for with every message, and given to those who may see our presence: to others it would
tell that we are here (§8).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import replace

from termxmpp.core.events import Event, FateChanged, GapsChanged, MessagesPlaced
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Route
from termxmpp.errors import ConnectionFailed
from termxmpp.feature import Context, Feature, Handler
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.hints import StorePayload
from termxmpp.xmpp.hooks import on_message
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.reading import is_own
from termxmpp.xmpp.receipts import NS, ReceivedPayload, RequestPayload
from termxmpp.xmpp.stanzas import IncomingMessage

__all__ = ["FEATURE", "PASSIVE", "give_receipt", "wants_receipt"]


class ReceiptsHandler(Handler):
    """Asks for receipts, gives and takes them.

    An archive is read backwards: there a receipt may come before its message, and is kept for
    it until the archive has been read.
    """

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._early: set[tuple[Jid, str]] = set()

    def outgoing(self, peer: Jid, message: Message) -> Iterable[Payload]:
        # In a room everybody would answer.
        return () if message.is_groupchat or not message.is_text else (RequestPayload(),)

    @on_message(payload=ReceivedPayload)
    def received(self, message: IncomingMessage) -> bool:
        """One of ours has arrived; only its recipient can say so."""
        receipt = message.get(ReceivedPayload)
        is_mine = is_own(message, self.ctx.state.account)
        if receipt is not None and message.sender is not None and not is_mine:
            peer = self.ctx.state.peer_of(message.sender)
            if message.route is Route.ARCHIVE:
                self._early.add((peer, receipt.id))
            self.ctx.emit(FateChanged(peer, receipt.id, Fate.RECEIVED))
        return message.body is None

    def happened(self, event: Event) -> None:
        if isinstance(event, GapsChanged) and not event.gaps:
            self._early.clear()
        elif isinstance(event, MessagesPlaced) and self._early:
            for message in event.messages:
                if message.is_own and (event.peer, message.id) in self._early:
                    self.ctx.emit(FateChanged(event.peer, message.id, Fate.RECEIVED))

    @on_message(payload=RequestPayload)
    def asked(self, message: IncomingMessage) -> bool:
        """Somebody wants to know whether it has arrived; it has, when it is recorded."""
        if wants_receipt(message, self.ctx.state.account):
            assert message.sender is not None
            give_receipt(self.ctx, message.sender, message.id, message.type)
        return False


class PassiveReceiptsHandler(ReceiptsHandler):
    """Asks for receipts and takes them; when one is given, somebody else decides."""

    def asked(self, message: IncomingMessage) -> bool:
        return False


def wants_receipt(message: IncomingMessage, account: Jid) -> bool:
    """Whether the sender of `message`, which has just come, asks for a receipt."""
    if message.get(RequestPayload) is None or message.route is not Route.LIVE:
        return False
    if message.sender is None or not message.id or message.type == "groupchat":
        return False
    return not is_own(message, account)


def give_receipt(ctx: Context, sender: Jid, message_id: str, type: str) -> None:
    """Tell `sender` that its message has arrived, if it may know that we are here."""
    if not ctx.state.sees_us(sender):
        return
    receipt = stanzas.message(
        sender,
        id=ctx.new_id(),
        type=type if type in ("chat", "headline") else "normal",
        # The sender may be away when it comes, or look at it from another device.
        payloads=(ReceivedPayload(message_id), StorePayload()),
    )
    # What comes while we leave gets none.
    with contextlib.suppress(ConnectionFailed):
        ctx.send(receipt)


FEATURE = Feature("XEP-0184", "Message Delivery Receipts", (NS,), ReceiptsHandler, version="1.4.0")

PASSIVE = replace(FEATURE, handler=PassiveReceiptsHandler)
"""For who gives a receipt only when a message has gone its way."""
