"""XEP-0054 vcard-temp and XEP-0292 vCard4 over XMPP: what people say of themselves.

Nothing is fetched unasked and nothing is kept. Both kinds are read; of our own, each that is there
is changed, since some clients know only the one and some only the other.
"""

from __future__ import annotations

from typing import Annotated

from termxmpp.asking import ask_kept, card_in, told_by_card
from termxmpp.commands.registry import Kind, Name, command
from termxmpp.core.jid import Jid
from termxmpp.core.table import aligned
from termxmpp.errors import RemoteError, UserError
from termxmpp.feature import CommandContext, Context, Feature
from termxmpp.words import _
from termxmpp.xmpp.pubsub import NS as PUBSUB
from termxmpp.xmpp.pubsub import Item, ItemsPayload, PublishPayload
from termxmpp.xmpp.vcard import (
    NS,
    VCARD4_NODE,
    Field,
    VCardPayload,
    fields_of,
    with_field,
)

__all__ = ["FEATURE"]

PUBLISH = f"{PUBSUB}#publish"

# The only item of the node, where there is none yet.
CURRENT = "current"


@command("vcard")
async def vcard(ctx: CommandContext, jid: Annotated[Jid, Kind.JID] | None = None) -> None:
    """Tell what JID says of itself in its vCard: the peer here, in the console you."""
    state = ctx.client.state
    whose = state.peer_of(jid or ctx.peer or state.account)
    told = await told_by_card(ctx.client, whose)
    if not told:
        ctx.tell(_("{jid} says nothing of itself, or not to you.").format(jid=whose))
        return
    rows = [(field.words, value) for field, value in told]
    ctx.tell("\n".join([_("{jid}:").format(jid=whose), *aligned(rows)]))


@command("vcard set")
async def vcard_set(ctx: CommandContext, field: Field, value: Name | None = None) -> None:
    """Let VALUE be what your vCard tells as FIELD, for everybody; without VALUE take it out."""
    client = ctx.client
    namespaces = client.state.namespaces | client.state.server_namespaces
    if NS not in namespaces and PUBLISH not in namespaces:
        raise UserError(_("Your server keeps no vCards, neither by XEP-0054 nor by PEP."))
    if NS in namespaces:
        known = await ask_kept(client, None, VCardPayload(), VCardPayload)
        made = with_field(known and known.element, field, value or "", is_four=False)
        await client.set(None, VCardPayload(made))
    if PUBLISH in namespaces:
        # After the other: many servers make this one of that.
        item = card_in(await ask_kept(client, None, ItemsPayload(VCARD4_NODE), ItemsPayload))
        if item is not None or NS not in namespaces:
            await _change_four(client, item, field, value or "")
    ctx.tell(
        _("Your vCard tells {value} as {field} now.").format(value=value, field=field.words)
        if value
        else _("Your vCard does not tell any {field} now.").format(field=field.words)
    )


async def _change_four(ctx: Context, item: Item | None, field: Field, value: str) -> None:
    card = item.element if item is not None else None
    told = [each for kind, each in fields_of(card) if kind is field]
    if told[:1] == ([value] if value else []):
        return
    changed = with_field(card, field, value, is_four=True)
    item = Item(item.id if item is not None else CURRENT, changed)
    try:
        await ctx.set(None, PublishPayload(VCARD4_NODE, item))
    except RemoteError as error:
        raise RemoteError(
            _("Your vCard4 (XEP-0292) could not be changed: {problem}").format(problem=error),
            error.condition,
        ) from None


FEATURE = Feature(
    "XEP-0054",
    "vcard-temp",
    (NS,),
    commands=(vcard, vcard_set),
    version="1.3.0",
    note="the fields that people use; the others stay as they are",
    is_partial=True,
)
