"""XEP-0224 Attention: a contact wants to be heard now, and is told of as a mention is.

Only contacts are heard, and whom we show our presence; each but once in a while; and nobody where
the account is set so. What comes late calls nobody any more. Ours are sent by `/notify attention`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from termxmpp.core.events import MessageReceived
from termxmpp.core.jid import Jid
from termxmpp.core.matter import Matter, MatterKind
from termxmpp.core.message import Route
from termxmpp.feature import Context, Feature, Handler
from termxmpp.xmpp.attention import NS, AttentionPayload
from termxmpp.xmpp.delay import DelayPayload
from termxmpp.xmpp.hooks import on_message
from termxmpp.xmpp.reading import is_own, read_message
from termxmpp.xmpp.stanzas import IncomingMessage

__all__ = ["FEATURE"]

# Nobody is heard again before so much time has gone by.
PAUSE = timedelta(minutes=1)


class AttentionHandler(Handler):
    """Lets contacts call; their texts are texts, whether the call is heard or not."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._heard: dict[Jid, datetime] = {}

    @on_message(payload=AttentionPayload)
    def called(self, message: IncomingMessage) -> bool:
        """Somebody wants attention; without a text that is all there is."""
        if message.type != "groupchat" and self._is_heard(message):
            ctx, matter = self.ctx, Matter(MatterKind.ATTENTION)
            read = read_message(message, ctx.state, ctx.now(), ctx.new_id, matter)
            if read is not None:
                ctx.emit(MessageReceived(*read))
                return True
        return message.body is None

    def _is_heard(self, message: IncomingMessage) -> bool:
        sender, state = message.sender, self.ctx.state
        is_now = message.route in (Route.LIVE, Route.CARBON) and message.get(DelayPayload) is None
        if sender is None or not is_now or not self.ctx.disclosure.attention:
            return False
        if is_own(message, state.account):
            # Another device of ours calls somebody else.
            return message.route is Route.CARBON
        if sender.bare not in {*state.contacts, *state.shown_to}:
            return False
        now, last = self.ctx.now(), self._heard.get(sender.bare)
        if last is not None and timedelta(0) <= now - last < PAUSE:
            return False
        self._heard[sender.bare] = now
        return True


FEATURE = Feature(
    "XEP-0224",
    "Attention",
    (NS,),
    AttentionHandler,
    version="1.0",
    is_announced=lambda ctx: ctx.disclosure.attention,
)
