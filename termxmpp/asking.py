"""Questions that several features ask of others, each of them with an end.

What nobody answers is as good as nothing: whoever must know why asks by `Context.get`.
"""

from __future__ import annotations

import asyncio

from termxmpp.core.events import AbilitiesLearned
from termxmpp.core.jid import Jid
from termxmpp.errors import RemoteError
from termxmpp.feature import Context
from termxmpp.xmpp.disco import DiscoPayload
from termxmpp.xmpp.payload import Payload, PayloadType
from termxmpp.xmpp.pubsub import Item, ItemsPayload
from termxmpp.xmpp.vcard import VCARD4, VCARD4_NODE, Field, VCardPayload, fields_of

__all__ = ["PATIENCE", "abilities_of", "ask", "ask_kept", "card_in", "told_by_card"]

# So long one answer is waited for (seconds).
PATIENCE = 10.0

# So many namespaces no program has; what claims to is not remembered (counts, and letters of all).
MOST_NAMESPACES, MOST_LETTERS = 500, 25_000

CARD = f"{{{VCARD4}}}vcard"


async def ask(
    ctx: Context, to: Jid | None, question: Payload, kind: type[PayloadType]
) -> PayloadType | None:
    """What `to` answers, or None where it refuses, says nothing, or is silent for too long."""
    try:
        async with asyncio.timeout(PATIENCE):
            return (await ctx.get(to, question)).get(kind)
    except (RemoteError, TimeoutError):
        return None


async def ask_kept(
    ctx: Context, whose: Jid | None, question: Payload, kind: type[PayloadType]
) -> PayloadType | None:
    """What is kept for `whose`, None if that is nothing; RemoteError if it is not known.

    What is not known must not be written over.
    """
    try:
        return (await ctx.get(whose, question)).get(kind)
    except RemoteError as error:
        if error.condition == "item-not-found":
            return None
        raise


async def abilities_of(ctx: Context, device: Jid) -> frozenset[str]:
    """What `device` knows (XEP-0115 §6.2); another with the same program need not be asked."""
    can = ctx.state.presence_of(device).capabilities
    known = ctx.state.abilities.get(can) if can is not None else None
    if known is not None:
        return known
    question = DiscoPayload(node=can.full_node if can is not None else "")
    found = await ask(ctx, device, question, DiscoPayload)
    if found is None:
        return frozenset()
    namespaces = frozenset(found.namespaces)
    # What is not proven may be false, and is not believed of others.
    if can is not None and found.proves(can) and _is_sensible(namespaces):
        ctx.emit(AbilitiesLearned(can, namespaces))
    return namespaces


def _is_sensible(namespaces: frozenset[str]) -> bool:
    return len(namespaces) <= MOST_NAMESPACES and sum(map(len, namespaces)) <= MOST_LETTERS


async def told_by_card(ctx: Context, whose: Jid) -> list[tuple[Field, str]]:
    """What `whose` tells in its cards of both kinds (XEP-0054, XEP-0292), each thing once."""
    temp, item = await asyncio.gather(
        ask(ctx, whose, VCardPayload(), VCardPayload), _four(ctx, whose)
    )
    told = fields_of(item.element if item is not None else None)
    told += fields_of(temp.element if temp is not None else None)
    order = list(Field)
    return sorted(dict.fromkeys(told), key=lambda each: order.index(each[0]))


async def _four(ctx: Context, whose: Jid) -> Item | None:
    if ctx.state.is_occupant(whose):
        # Rooms pass on no PEP.
        return None
    return card_in(await ask(ctx, whose, ItemsPayload(VCARD4_NODE), ItemsPayload))


def card_in(found: ItemsPayload | None) -> Item | None:
    """The vCard4 among the items of its node."""
    items = found.items if found is not None and found.node == VCARD4_NODE else ()
    cards = [each for each in items if each.element is not None and each.element.tag == CARD]
    return cards[-1] if cards else None
