"""XEP-0030 Service Discovery: what we can do, told to who asks; what our account can, asked.

What is announced derives from FEATURES, so that no feature can be forgotten here.
"""

from __future__ import annotations

import asyncio

from termxmpp.commands.registry import Rest, command
from termxmpp.core.events import ServerDiscovered, ServiceDescribed
from termxmpp.core.jid import Jid
from termxmpp.core.service import CONTACTS, OUTAGES, Service
from termxmpp.core.table import aligned
from termxmpp.errors import RemoteError
from termxmpp.feature import CommandContext, Feature, Handler
from termxmpp.words import _, ngettext
from termxmpp.xmpp.disco import (
    ITEMS_NS,
    NS,
    OURSELVES,
    DiscoItemsPayload,
    DiscoPayload,
)
from termxmpp.xmpp.hooks import on_iq_get
from termxmpp.xmpp.stanzas import IncomingIq

__all__ = ["FEATURE"]

# A service may have thousands of rooms; so many of anything are told.
MOST_TOLD = 200


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
                is_told=ours is not None,
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

    @on_iq_get(DiscoItemsPayload)
    def answer_items(self, iq: IncomingIq) -> DiscoItemsPayload:
        """Nothing belongs to us (§4.1)."""
        asked = iq.get(DiscoItemsPayload)
        if asked is None or asked.node:
            raise RemoteError("There is no such node.", "item-not-found")
        return DiscoItemsPayload()


@command("disco")
async def disco(ctx: CommandContext, jid: Jid | None = None, node: Rest | None = None) -> None:
    """Tell what JID, or your server, is and can, and what belongs to it; of its NODE if given."""
    to = jid or Jid("", ctx.client.state.account.domain)
    asked = node or ""
    info, items = await asyncio.gather(
        ctx.client.get(to, DiscoPayload(node=asked)),
        ctx.client.get(to, DiscoItemsPayload(node=asked)),
        return_exceptions=True,
    )
    if isinstance(info, BaseException):
        raise info
    # Those to whom nothing belongs often say so by an error.
    belongs = None if isinstance(items, BaseException) else items.get(DiscoItemsPayload)
    found = info.get(DiscoPayload) or DiscoPayload()
    heading = _("{jid}, node {node}:") if asked else _("{jid}:")
    lines = [heading.format(jid=to, node=asked), *_info_lines(found)]
    if belongs is not None and belongs.items:
        lines += ["", *_item_lines(belongs, to)]
    ctx.tell("\n".join(lines))


def _info_lines(found: DiscoPayload) -> list[str]:
    rows = [
        (_("is"), f"{each.category}/{each.type}", each.name)
        for each in found.identities[:MOST_TOLD]
    ]
    rows += [(_("can"), name, "") for name in sorted(set(found.namespaces))[:MOST_TOLD]]
    for form in found.forms:
        rows += [
            (_("says"), each.label or each.name, ", ".join(each.values))
            for each in form.fields[:MOST_TOLD]
            if each.type != "hidden" and any(each.values)
        ]
    lines = aligned(row if row[2] else row[:2] for row in rows)
    return lines + _left_out(len(set(found.namespaces)))


def _item_lines(belongs: DiscoItemsPayload, to: Jid) -> list[str]:
    shown = sorted(belongs.items, key=lambda each: (str(each.jid), each.node))[:MOST_TOLD]
    rows = [
        (_("has"), str(each.jid) if each.jid != to or not each.node else each.node, each.name)
        for each in shown
    ]
    return aligned(rows) + _left_out(len(belongs.items))


def _left_out(count: int) -> list[str]:
    """A line that says how many of `count` are not shown, if any."""
    more = count - MOST_TOLD
    if more <= 0:
        return []
    return [ngettext("and {count} more", "and {count} more", more).format(count=more)]


FEATURE = Feature(
    "XEP-0030", "Service Discovery", (NS, ITEMS_NS), DiscoHandler, (disco,), version="2.5.0"
)
