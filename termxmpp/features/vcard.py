"""XEP-0054 vcard-temp and XEP-0292 vCard4 over XMPP: what people say of themselves.

Nothing is fetched unasked and nothing is kept. Both kinds are read; of our own, each that is there
is changed, since some clients know only the one and some only the other.
"""

from __future__ import annotations

import asyncio
from typing import Annotated

from termxmpp.commands.registry import Kind, Name, command
from termxmpp.core.jid import Jid
from termxmpp.core.table import aligned
from termxmpp.errors import RemoteError, UserError
from termxmpp.feature import CommandContext, Context, Feature, ask
from termxmpp.words import _
from termxmpp.xmpp.payload import Payload, PayloadType
from termxmpp.xmpp.pubsub import NS as PUBSUB
from termxmpp.xmpp.pubsub import Item, ItemsPayload, PublishPayload
from termxmpp.xmpp.vcard import (
    NS,
    VCARD4,
    VCARD4_NODE,
    Field,
    VCardPayload,
    fields_of,
    with_field,
)

__all__ = ["FEATURE"]

PUBLISH = f"{PUBSUB}#publish"

# The only item of the node, where there is none yet, and what it holds.
CURRENT = "current"
CARD = f"{{{VCARD4}}}vcard"

_LABELS = {
    Field.NAME: _("name"),
    Field.NICKNAME: _("nickname"),
    Field.EMAIL: _("email"),
    Field.PHONE: _("phone"),
    Field.URL: _("url"),
    Field.BIRTHDAY: _("birthday"),
    Field.ORGANISATION: _("organisation"),
    Field.TITLE: _("title"),
    Field.ROLE: _("role"),
    Field.CITY: _("city"),
    Field.COUNTRY: _("country"),
    Field.NOTE: _("note"),
}


@command("vcard")
async def vcard(ctx: CommandContext, jid: Annotated[Jid, Kind.JID] | None = None) -> None:
    """Tell what JID says of itself in its vCard: the peer here, in the console you."""
    state = ctx.client.state
    whose = state.peer_of(jid or ctx.peer or state.account)
    four, temp = await asyncio.gather(
        _four(ctx.client, whose), ask(ctx.client, whose, VCardPayload(), VCardPayload)
    )
    card = four.element if four is not None else None
    found = fields_of(card) + fields_of(temp.element if temp is not None else None)
    if not found:
        ctx.tell(_("{jid} says nothing of itself, or not to you.").format(jid=whose))
        return
    order = list(Field)
    told = sorted(dict.fromkeys(found), key=lambda each: order.index(each[0]))
    rows = [(_LABELS[field], value) for field, value in told]
    ctx.tell("\n".join([_("{jid}:").format(jid=whose), *aligned(rows)]))


@command("vcard set")
async def vcard_set(ctx: CommandContext, field: Field, value: Name | None = None) -> None:
    """Let VALUE be what your vCard tells as FIELD, for everybody; without VALUE take it out."""
    client = ctx.client
    namespaces = client.state.namespaces | client.state.server_namespaces
    if NS not in namespaces and PUBLISH not in namespaces:
        raise UserError(_("Your server keeps no vCards, neither by XEP-0054 nor by PEP."))
    if NS in namespaces:
        known = await _own(client, VCardPayload(), VCardPayload)
        made = with_field(known and known.element, field, value or "", is_four=False)
        await client.set(None, VCardPayload(made))
    if PUBLISH in namespaces:
        # After the other: many servers make this one of that.
        item = _item_of(await _own(client, ItemsPayload(VCARD4_NODE), ItemsPayload))
        if item is not None or NS not in namespaces:
            await _change_four(client, item, field, value or "")
    ctx.tell(
        _("Your vCard tells {value} as {field} now.").format(value=value, field=_LABELS[field])
        if value
        else _("Your vCard does not tell any {field} now.").format(field=_LABELS[field])
    )


async def _four(ctx: Context, whose: Jid) -> Item | None:
    """The vCard4 of `whose`; None where there is none that we may see."""
    if ctx.state.is_occupant(whose):
        # Rooms pass on no PEP.
        return None
    return _item_of(await ask(ctx, whose, ItemsPayload(VCARD4_NODE), ItemsPayload))


async def _own(ctx: Context, question: Payload, kind: type[PayloadType]) -> PayloadType | None:
    """What we have, None if that is nothing; RemoteError if it is not known.

    What is not known must not be written over.
    """
    try:
        return (await ctx.get(None, question)).get(kind)
    except RemoteError as error:
        if error.condition == "item-not-found":
            return None
        raise


def _item_of(found: ItemsPayload | None) -> Item | None:
    """The vCard4 among the items of its node."""
    items = found.items if found is not None and found.node == VCARD4_NODE else ()
    cards = [each for each in items if each.element is not None and each.element.tag == CARD]
    return cards[-1] if cards else None


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


FEATURE = Feature("XEP-0054", "vcard-temp", (NS,), commands=(vcard, vcard_set))
