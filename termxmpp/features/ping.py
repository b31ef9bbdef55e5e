"""XEP-0199 XMPP Ping: answered for everybody, asked by `/ping`."""

from __future__ import annotations

import time

from termxmpp.commands.registry import command
from termxmpp.core.jid import Jid
from termxmpp.errors import RemoteError
from termxmpp.feature import CommandContext, Feature, Handler
from termxmpp.words import _
from termxmpp.xmpp.hooks import on_iq_get
from termxmpp.xmpp.ping import NS, PingPayload
from termxmpp.xmpp.stanzas import IncomingIq

__all__ = ["FEATURE"]


class PingHandler(Handler):
    """Answers pings."""

    @on_iq_get(PingPayload)
    def answer(self, iq: IncomingIq) -> None:
        """An empty result says that we are here (§4)."""


@command("ping")
async def ping(ctx: CommandContext, jid: Jid | None = None) -> None:
    """Measure how long JID, or without one your server, takes to answer."""
    to = jid or Jid("", ctx.client.jid.domain)
    began = time.monotonic()
    try:
        await ctx.client.get(to, PingPayload())
    except RemoteError as error:
        # An error that the entity sent is an answer too (§4.4); silence is none.
        if error.condition is None:
            raise
    ctx.tell(
        _("{to} answered in {milliseconds:.0f} ms.").format(
            to=to, milliseconds=(time.monotonic() - began) * 1000
        )
    )


FEATURE = Feature("XEP-0199", "XMPP Ping", (NS,), PingHandler, (ping,), version="2.0.1")
