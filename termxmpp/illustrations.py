"""What there is to be looked at in a form (XEP-0221), brought by whoever asks (XEP-0231).

Nothing is fetched from elsewhere, so nobody learns who looks. What a terminal can't show is a
line, and the form is asked all the same.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace

from termxmpp.asking import ask
from termxmpp.core.jid import Jid
from termxmpp.core.picture import Picture
from termxmpp.errors import RemoteError, UserError
from termxmpp.feature import Context
from termxmpp.xmpp.bits import BitsPayload
from termxmpp.xmpp.forms import Field, Form

__all__ = ["illustrated"]

logger = logging.getLogger(__name__)

# So many are shown of a form, so large: letters that are drawn crookedly need the room.
MOST, COLUMNS, ROWS = 3, 64, 16


async def illustrated(
    ctx: Context, sender: Jid, form: Form, brought: Iterable[BitsPayload] = ()
) -> Form:
    """`form` of `sender` with its pictures, as far as they came with it or `sender` has them."""
    known = {each.cid: each.data for each in brought if each.data is not None}
    wanted = [
        (place, bits)
        for place, each in enumerate(form.fields)
        for bits in filter(None, map(BitsPayload.of, each.media))
    ][:MOST]
    if not wanted:
        return form
    found = await asyncio.gather(*(_shown(ctx, sender, bits, known) for _, bits in wanted))
    pictures: dict[int, tuple[Picture, ...]] = {}
    for (place, _), picture in zip(wanted, found, strict=True):
        if picture is not None:
            pictures[place] = (*pictures.get(place, ()), picture)
    fields = (_with(each, pictures.get(place, ())) for place, each in enumerate(form.fields))
    return replace(form, fields=tuple(fields))


def _with(field: Field, pictures: tuple[Picture, ...]) -> Field:
    return replace(field, pictures=pictures) if pictures else field


async def _shown(
    ctx: Context, sender: Jid, bits: BitsPayload, known: Mapping[str, bytes]
) -> Picture | None:
    data = known.get(bits.cid)
    if data is None:
        answer = await ask(ctx, sender, bits, BitsPayload)
        data = answer.data if answer is not None and answer.cid == bits.cid else None
    if data is None:
        return None
    # Few forms have pictures.
    from termxmpp.transfers.pictures import small_picture

    try:
        return await small_picture(data, COLUMNS, ROWS)
    except (RemoteError, UserError) as error:
        logger.info("a picture of %s can't be shown: %s", sender, error)
        return None
