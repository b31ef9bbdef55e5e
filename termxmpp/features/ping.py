"""XEP-0199 XMPP Ping: answered for everybody, asked by `/ping`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.commands.registry import command
from termxmpp.core.jid import Jid
from termxmpp.errors import RemoteError
from termxmpp.feature import CommandContext, Feature, Handler
from termxmpp.words import _
from termxmpp.xmpp.hooks import on_iq_get
from termxmpp.xmpp.payload import Payload, payload
from termxmpp.xmpp.stanzas import IncomingIq

__all__ = ["FEATURE"]

NS = "urn:xmpp:ping"


@payload(f"{{{NS}}}ping")
@dataclass(frozen=True)
class PingPayload(Payload):
    """`<ping/>`, which holds nothing."""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        return cls()

    def as_xml(self) -> Element:
        return Element(f"{{{NS}}}ping")


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


FEATURE = Feature("XEP-0199", "XMPP Ping", (NS,), PingHandler, (ping,))
