"""XEP-0092 Software Version: told to who asks, asked by `/version`."""

from __future__ import annotations

import termxmpp
from termxmpp.commands.registry import command
from termxmpp.core.jid import Jid
from termxmpp.errors import UserError
from termxmpp.feature import CommandContext, Feature, Handler
from termxmpp.words import _
from termxmpp.xmpp.hooks import on_iq_get
from termxmpp.xmpp.stanzas import IncomingIq
from termxmpp.xmpp.version import NS, VersionPayload

__all__ = ["FEATURE"]


class VersionHandler(Handler):
    """Tells our name and version; the operating system is nobody's business (§4)."""

    @on_iq_get(VersionPayload)
    def answer(self, iq: IncomingIq) -> VersionPayload:
        """What we are."""
        return VersionPayload("termxmpp", termxmpp.__version__)


@command("version")
async def version(ctx: CommandContext, jid: Jid | None = None) -> None:
    """Tell the program and version of JID, or without one of the conversation's peer."""
    to = jid or ctx.peer
    if to is None:
        ctx.tell(f"termxmpp {termxmpp.__version__}")
        return
    if to.is_bare and to.local:
        resources = ctx.client.state.resources_of(to)
        if not resources:
            raise UserError(_("{to} is not online, so there is no program to ask.").format(to=to))
        to = to.with_resource(max(resources, key=lambda name: resources[name].priority))
    answer = (await ctx.client.get(to, VersionPayload())).get(VersionPayload)
    if answer is None or not answer.name:
        ctx.tell(_("{to} does not say what it is.").format(to=to))
    else:
        ctx.tell(f"{to} is {answer.words}.")


FEATURE = Feature("XEP-0092", "Software Version", (NS,), VersionHandler, (version,), version="1.1")
