"""XEP-0030 Service Discovery: what we can do, told to who asks; what our account can, asked.

What is announced derives from FEATURES, so that no feature can be forgotten here.
"""

from __future__ import annotations

import asyncio

from termxmpp.core.events import ServerDiscovered, ServiceDescribed
from termxmpp.core.jid import Jid
from termxmpp.core.service import CONTACTS, OUTAGES, Service
from termxmpp.errors import RemoteError
from termxmpp.feature import Feature, Handler
from termxmpp.xmpp.disco import NS, OURSELVES, DiscoPayload
from termxmpp.xmpp.hooks import on_iq_get
from termxmpp.xmpp.stanzas import IncomingIq

__all__ = ["FEATURE"]


class DiscoHandler(Handler):
    """Answers what we are and can, and asks the account the same."""

    async def online(self) -> None:
        """Ask what the account has (archive, ids), and its server for everybody (carbons)."""
        state, server = self.ctx.state, Jid("", self.ctx.state.account.domain)
        ours, servers = await asyncio.gather(self._found(state.account), self._found(server))
        self.ctx.emit(
            ServerDiscovered(
                state.namespaces if ours is None else frozenset(ours.namespaces),
                state.server_namespaces if servers is None else frozenset(servers.namespaces),
            )
        )
        if servers is not None:
            service = Service.told(servers.values(CONTACTS), servers.values(OUTAGES))
            if service != state.service:
                self.ctx.emit(ServiceDescribed(service))

    async def _found(self, entity: Jid) -> DiscoPayload | None:
        """What `entity` tells; None if it only gives no answer in time."""
        try:
            answer = await self.ctx.get(entity, DiscoPayload())
        except RemoteError as error:
            return DiscoPayload() if error.condition else None
        return answer.get(DiscoPayload) or DiscoPayload()

    @on_iq_get(DiscoPayload)
    def answer(self, iq: IncomingIq) -> DiscoPayload:
        """The whole of it; of our nodes (§3.2) only that of XEP-0115, which is the whole too."""
        asked = iq.get(DiscoPayload)
        whole = DiscoPayload((OURSELVES,), self.ctx.namespaces)
        if asked is None or (asked.node and asked.node != whole.caps_node):
            raise RemoteError("There is no such node.", "item-not-found")
        return DiscoPayload(whole.identities, whole.namespaces, asked.node)


FEATURE = Feature("XEP-0030", "Service Discovery", (NS,), DiscoHandler)
