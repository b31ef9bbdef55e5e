"""The picture that somebody shows of himself, fetched when the user wants to see it.

XEP-0084 first, then the vCard (XEP-0054, XEP-0153); of occupants of rooms only the latter.
"""

from __future__ import annotations

from termxmpp.asking import ask
from termxmpp.core.jid import Jid
from termxmpp.feature import Context
from termxmpp.xmpp.avatars import (
    DATA_NODE,
    METADATA_NODE,
    avatar_data,
    avatar_info,
    card_picture,
)
from termxmpp.xmpp.pubsub import Item, ItemsPayload
from termxmpp.xmpp.vcard import VCardPayload

__all__ = ["portrait_of"]


async def portrait_of(ctx: Context, whose: Jid) -> bytes | None:
    """The picture as a file, of whichever format; None if there is none that we may see."""
    if not ctx.state.is_occupant(whose):
        data = await _published(ctx, whose)
        if data is not None:
            return data
    card = await ask(ctx, whose, VCardPayload(), VCardPayload)
    return card_picture(card.element) if card is not None else None


async def _published(ctx: Context, whose: Jid) -> bytes | None:
    metadata = await ask(ctx, whose, ItemsPayload(METADATA_NODE), ItemsPayload)
    named = [avatar_info(each.element) for each in metadata.items] if metadata is not None else []
    info = named[-1] if named else None
    if info is None:
        return None
    wanted = ItemsPayload(DATA_NODE, (Item(info.id),))
    found = await ask(ctx, whose, wanted, ItemsPayload)
    pictures = [avatar_data(each.element, info) for each in found.items] if found else []
    return next((each for each in pictures if each is not None), None)
