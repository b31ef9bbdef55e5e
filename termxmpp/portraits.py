"""The picture that somebody shows of himself, fetched when the user wants to see it.

XEP-0084 first, then the vCard (XEP-0054, XEP-0153); of occupants of rooms only the latter, and of
rooms theirs, as they announce it (XEP-0486).
"""

from __future__ import annotations

from contextlib import suppress

from termxmpp.asking import ask
from termxmpp.core.jid import Jid
from termxmpp.core.message import Notice
from termxmpp.errors import RemoteError
from termxmpp.feature import CommandContext, Context
from termxmpp.xmpp.avatars import (
    DATA_NODE,
    METADATA_NODE,
    avatar_data,
    avatar_info,
    card_picture,
    portraits_in,
)
from termxmpp.xmpp.disco import DiscoPayload
from termxmpp.xmpp.pubsub import Item, ItemsPayload
from termxmpp.xmpp.vcard import NS as CARD
from termxmpp.xmpp.vcard import VCardPayload

__all__ = ["portrait_of", "show_portrait"]


async def portrait_of(ctx: Context, whose: Jid) -> bytes | None:
    """The picture as a file, of whichever format; None if there is none that we may see."""
    if whose in ctx.state.rooms:
        return await _of_room(ctx, whose)
    if not ctx.state.is_occupant(whose):
        data = await _published(ctx, whose)
        if data is not None:
            return data
    card = await ask(ctx, whose, VCardPayload(), VCardPayload)
    return card_picture(card.element) if card is not None else None


async def _of_room(ctx: Context, room: Jid) -> bytes | None:
    found = await ask(ctx, room, DiscoPayload(), DiscoPayload)
    if found is None or CARD not in found.namespaces:
        return None
    card = await ask(ctx, room, VCardPayload(), VCardPayload)
    # Rooms of before have a picture and do not announce it.
    return card_picture(card.element, portraits_in(found)) if card is not None else None


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


async def show_portrait(ctx: CommandContext, words: str, data: bytes) -> None:
    """Tell `words`, and below them how the picture looks, where it can be shown.

    UserError where there is no Pillow.
    """
    # Few sessions show any.
    from termxmpp.transfers.pictures import small_picture

    picture = None
    with suppress(RemoteError):
        picture = await small_picture(data)
    ctx.notice(Notice(words, ctx.client.now(), picture=picture))
