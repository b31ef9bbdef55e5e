"""XEP-0202 Entity Time: what time it is here, told to those who may see our presence.

It says roughly where on earth we are, so others are not told, nor anybody if it is set so.
"""

from __future__ import annotations

from termxmpp.errors import RemoteError
from termxmpp.feature import Feature, Handler
from termxmpp.xmpp.entity_time import NS, TimePayload
from termxmpp.xmpp.hooks import on_iq_get
from termxmpp.xmpp.stanzas import IncomingIq

__all__ = ["FEATURE"]


class EntityTimeHandler(Handler):
    """Answers what time it is."""

    @on_iq_get(TimePayload)
    def answer(self, iq: IncomingIq) -> TimePayload:
        """Our local time; who may not see us learns nothing (§6)."""
        if not self.ctx.disclosure.time or (iq.sender and not self.ctx.state.sees_us(iq.sender)):
            raise RemoteError("That is nobody's business.", "forbidden")
        return TimePayload(self.ctx.now().astimezone())


FEATURE = Feature(
    "XEP-0202",
    "Entity Time",
    (NS,),
    EntityTimeHandler,
    version="2.0",
    note="answered to those who may see our presence, if the user wants",
)
