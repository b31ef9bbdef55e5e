"""XEP-0030 Service Discovery: what we can do, told to who asks; what our account can, asked.

What is announced derives from FEATURES, so that no feature can be forgotten here.
"""

from __future__ import annotations

import asyncio

from termxmpp.core.events import ServerDiscovered
from termxmpp.core.jid import Jid
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
        ours, servers = await asyncio.gather(
            self._namespaces(state.account, state.namespaces),
            self._namespaces(server, state.server_namespaces),
        )
        self.ctx.emit(ServerDiscovered(ours, servers))

    async def _namespaces(self, entity: Jid, known: frozenset[str]) -> frozenset[str]:
        """What `entity` announces; what was `known` of it if it only gives no answer in time."""
        try:
            answer = await self.ctx.get(entity, DiscoPayload())
        except RemoteError as error:
            return frozenset() if error.condition else known
        found = answer.get(DiscoPayload)
        return frozenset(found.namespaces) if found is not None else frozenset()

    @on_iq_get(DiscoPayload)
    def answer(self, iq: IncomingIq) -> DiscoPayload:
        """The whole of it; of our nodes (§3.2) only that of XEP-0115, which is the whole too."""
        asked = iq.get(DiscoPayload)
        whole = DiscoPayload((OURSELVES,), self.ctx.namespaces)
        if asked is None or (asked.node and asked.node != whole.caps_node):
            raise RemoteError("There is no such node.", "item-not-found")
        return DiscoPayload(whole.identities, whole.namespaces, asked.node)


FEATURE = Feature("XEP-0030", "Service Discovery", (NS,), DiscoHandler)
