"""XEP-0012 Last Activity and XEP-0319 Last User Interaction: since when nobody has been there.

Told to those who may see our presence, by presence (`features/presence.py`) and to who asks,
unless it is set otherwise; more exactly than to some minutes nobody learns it.
"""

from __future__ import annotations

from termxmpp.errors import RemoteError
from termxmpp.feature import Feature, Handler
from termxmpp.xmpp.hooks import on_iq_get
from termxmpp.xmpp.last_activity import IDLE_NS, NS, LastPayload
from termxmpp.xmpp.stanzas import IncomingIq

__all__ = ["FEATURE", "PRESENCE_FEATURE"]


class LastActivityHandler(Handler):
    """Answers for how long nobody has touched a key."""

    @on_iq_get(LastPayload)
    def answer(self, iq: IncomingIq) -> LastPayload:
        """0 while somebody does (§4); who may not see us learns nothing (§8)."""
        state = self.ctx.state
        if not self.ctx.disclosure.idle or (iq.sender and not state.sees_us(iq.sender)):
            raise RemoteError("That is nobody's business.", "forbidden")
        since = self.ctx.idle_since
        return LastPayload(int((self.ctx.now() - since).total_seconds()) if since else 0)


FEATURE = Feature(
    "XEP-0012",
    "Last Activity",
    (NS,),
    LastActivityHandler,
    version="2.0",
    note="answered to those who may see our presence, if the user wants",
)
PRESENCE_FEATURE = Feature(
    "XEP-0319", "Last User Interaction in Presence", (IDLE_NS,), version="1.0.2"
)
