"""XEP-0231 Bits of Binary: pictures in forms are had of who asks; we keep nothing ourselves."""

from __future__ import annotations

from termxmpp.errors import RemoteError
from termxmpp.feature import Feature, Handler
from termxmpp.xmpp.bits import NS, BitsPayload
from termxmpp.xmpp.hooks import on_iq_get
from termxmpp.xmpp.stanzas import IncomingIq

__all__ = ["FEATURE"]


class BitsHandler(Handler):
    """Says that we keep none."""

    @on_iq_get(BitsPayload)
    def asked(self, iq: IncomingIq) -> BitsPayload:
        raise RemoteError("There is no such data.", "item-not-found")


FEATURE = Feature("XEP-0231", "Bits of Binary", (NS,), BitsHandler, version="1.1")
