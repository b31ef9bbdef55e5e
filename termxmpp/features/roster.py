"""The roster (RFC 6121 §2): fetched at log-in, kept by the server's pushes.

A push counts only if it comes from the account itself (§2.1.6): everything else is forged.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Annotated

from termxmpp.commands.registry import Kind, Name, command
from termxmpp.core.events import ContactChanged, ContactRemoved, RosterReceived
from termxmpp.core.jid import Jid
from termxmpp.core.roster import Contact
from termxmpp.core.text import width
from termxmpp.errors import RemoteError, UserError
from termxmpp.feature import CommandContext, Context, Feature, Handler
from termxmpp.words import _
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.hooks import on_iq_set
from termxmpp.xmpp.nick import own_nick
from termxmpp.xmpp.roster import RosterPayload
from termxmpp.xmpp.stanzas import IncomingIq

__all__ = ["FEATURE"]

logger = logging.getLogger(__name__)

VERSIONS_NS = "urn:xmpp:features:rosterver"


class RosterHandler(Handler):
    """Fetches the roster and follows its pushes."""

    async def online(self) -> None:
        has_versions = f"{{{VERSIONS_NS}}}ver" in self.ctx.stream_features
        known = self.ctx.state.roster_version if has_versions else None
        answer = await self.ctx.get(None, RosterPayload(version=known))
        roster = answer.get(RosterPayload)
        # An empty answer says that what is known is still right (§2.6.3).
        if roster is not None:
            self.ctx.emit(RosterReceived(roster.contacts, roster.version or ""))

    @on_iq_set(RosterPayload)
    def pushed(self, iq: IncomingIq) -> None:
        """One item changed on the server."""
        if iq.sender not in (None, self.ctx.state.account):
            logger.warning("a forged roster push from %s was refused", iq.sender)
            # As if nobody here knew of rosters: who forges learns nothing of us.
            raise RemoteError(
                f"{iq.sender} keeps no roster of ours.",
                "service-unavailable",
            )
        push = iq.get(RosterPayload)
        if push is None:
            raise RemoteError("The push can't be read.", "bad-request")
        version = push.version or ""
        for contact in push.contacts:
            self.ctx.emit(ContactChanged(contact, version))
        for jid in push.removed:
            self.ctx.emit(ContactRemoved(jid, version))


def _contact(ctx: Context, jid: Jid) -> Contact:
    contact = ctx.state.contacts.get(jid.bare)
    if contact is None:
        raise UserError(
            _("{jid} is not in your roster: /roster add {jid} puts it there.").format(jid=jid.bare)
        )
    return contact


@command("roster add")
async def add(ctx: CommandContext, jid: Jid, name: Name | None = None) -> None:
    """Put JID into the roster, under NAME if given, and ask to see its presence."""
    contact = ctx.client.state.contacts.get(jid.bare, Contact(jid.bare))
    named = replace(contact, name=name or contact.name)
    await ctx.client.set(None, RosterPayload((named,)))
    if contact.subscription not in ("to", "both"):
        introduced = own_nick(ctx.client.state)
        ctx.client.send(stanzas.presence(jid.bare, type="subscribe", payloads=introduced))
    ctx.tell(
        _("{jid} is in your roster now, and has been asked to let you see its presence.").format(
            jid=jid.bare
        )
    )


@command("roster remove")
async def remove(ctx: CommandContext, jid: Annotated[Jid, Kind.CONTACT]) -> None:
    """Take JID off the roster; neither sees the other's presence any more."""
    await ctx.client.set(None, RosterPayload(removed=(_contact(ctx.client, jid).jid,)))
    ctx.tell(_("{jid} is no longer in your roster.").format(jid=jid.bare))


@command("roster rename")
async def rename(
    ctx: CommandContext, jid: Annotated[Jid, Kind.CONTACT], name: Name | None = None
) -> None:
    """Call JID by NAME, or without one by its address."""
    contact = replace(_contact(ctx.client, jid), name=name or "")
    await ctx.client.set(None, RosterPayload((contact,)))
    ctx.tell(_("{jid} is called {title} now.").format(jid=jid.bare, title=contact.title))


@command("roster group")
async def group(
    ctx: CommandContext,
    jid: Annotated[Jid, Kind.CONTACT],
    *groups: Annotated[str, Kind.GROUP],
) -> None:
    """Put JID into the GROUPS named, and out of all others; without any, into none."""
    contact = replace(_contact(ctx.client, jid), groups=tuple(dict.fromkeys(groups)))
    await ctx.client.set(None, RosterPayload((contact,)))
    where = ", ".join(contact.groups) if contact.groups else _("no group")
    ctx.tell(_("{title} is in {where} now.").format(title=contact.title, where=where))


@command("roster list")
def list_(ctx: CommandContext) -> None:
    """List the contacts with their groups and presence."""
    state = ctx.client.state
    if not state.contacts:
        ctx.tell(_("Your roster is empty: /roster add JID puts somebody there."))
        return
    lines = []
    for contact in sorted(state.contacts.values(), key=lambda each: each.title.casefold()):
        presence = state.presence_of(contact.jid)
        name = f"{contact.name} <{contact.jid}>" if contact.name else str(contact.jid)
        groups = f" [{', '.join(contact.groups)}]" if contact.groups else ""
        words = presence.availability.words
        words += " " * max(1, 8 - width(words))
        lines.append(f"{words}{name}{groups}, {contact.subscription_words}")
    ctx.tell("\n".join(lines))


FEATURE = Feature(
    "RFC 6121 §2",
    "Roster",
    handler=RosterHandler,
    commands=(add, remove, rename, group, list_),
)
