"""XEP-0115 Entity Capabilities: what we can do, as a hash in our presence.

Servers need it to know which notices of PEP (XEP-0163) we want. What the hashes of others stand
for is asked when the user wants to know (`asking.abilities_of`), once for all runs: what has been
proven is kept with the records.
"""

from __future__ import annotations

from collections.abc import Iterable

from termxmpp.feature import Feature, Handler
from termxmpp.xmpp.caps import NS, CapsPayload
from termxmpp.xmpp.disco import CAPS_NODE, OURSELVES, DiscoPayload
from termxmpp.xmpp.payload import Payload

__all__ = ["FEATURE"]


class CapsHandler(Handler):
    """Says in our presence what we can do."""

    def in_presence(self) -> Iterable[Payload]:
        ourselves = DiscoPayload((OURSELVES,), self.ctx.namespaces)
        return (CapsPayload(CAPS_NODE, ourselves.verification),)


FEATURE = Feature("XEP-0115", "Entity Capabilities", (NS,), CapsHandler, version="1.6.0")
