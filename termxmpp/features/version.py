"""XEP-0092 Software Version: told to who asks, asked by `/version`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from xml.etree.ElementTree import Element, SubElement

import termxmpp
from termxmpp.commands.registry import command
from termxmpp.core.jid import Jid
from termxmpp.errors import UserError
from termxmpp.feature import CommandContext, Feature, Handler
from termxmpp.words import _
from termxmpp.xmpp.hooks import on_iq_get
from termxmpp.xmpp.payload import Payload, payload
from termxmpp.xmpp.stanzas import IncomingIq

__all__ = ["FEATURE"]

NS = "jabber:iq:version"


@payload(f"{{{NS}}}query")
@dataclass(frozen=True)
class VersionPayload(Payload):
    """`<query/>`: the name and version of a program; both empty in a question."""

    name: str = ""
    version: str = ""

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        return cls(element.findtext(f"{{{NS}}}name", ""), element.findtext(f"{{{NS}}}version", ""))

    def as_xml(self) -> Element:
        query = Element(f"{{{NS}}}query")
        if self.name:
            SubElement(query, f"{{{NS}}}name").text = self.name
            SubElement(query, f"{{{NS}}}version").text = self.version
        return query


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
        ctx.tell(f"{to} is {answer.name} {answer.version}".rstrip() + ".")


FEATURE = Feature("XEP-0092", "Software Version", (NS,), VersionHandler, (version,))
