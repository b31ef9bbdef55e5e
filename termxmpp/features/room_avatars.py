"""XEP-0486 MUC Avatars: the picture of a room, set by its owners; who is there is told of another.

It is fetched when somebody asks who or what the room is (`/info`), and never before.
"""

from __future__ import annotations

from typing import Annotated

from termxmpp.asking import ask_kept
from termxmpp.commands.registry import Kind, Name, command
from termxmpp.core.events import Event, NoticeGiven, RoomDiscovered, RoomLeft
from termxmpp.core.files import size_words
from termxmpp.core.jid import Jid
from termxmpp.core.message import Notice
from termxmpp.core.picture import Portrait
from termxmpp.core.room import Affiliation, Room
from termxmpp.errors import RemoteError, UserError
from termxmpp.feature import CommandContext, Context, Feature, Handler
from termxmpp.portraits import portrait_of, show_portrait
from termxmpp.words import _
from termxmpp.xmpp.avatars import with_picture
from termxmpp.xmpp.muc_admin import refusal
from termxmpp.xmpp.vcard import VCardPayload

__all__ = ["FEATURE"]

# What takes the picture away.
CLEAR = "clear"


class RoomAvatarsHandler(Handler):
    """Tells those who are in a room when it shows another picture."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._known: dict[Jid, tuple[str, ...]] = {}

    def happened(self, event: Event) -> None:
        match event:
            case RoomDiscovered(room, _, portraits):
                before = self._known.get(room)
                self._known[room] = portraits
                if before not in (None, portraits) and self.ctx.state.rooms[room].is_in:
                    self._tell(room, has_one=bool(portraits))
            case RoomLeft(room):
                self._known.pop(room, None)

    def _tell(self, room: Jid, *, has_one: bool) -> None:
        words = _("The room shows another picture: /info shows it to you.")
        text = words if has_one else _("The room shows no picture any more.")
        self.ctx.emit(NoticeGiven(Notice(text, self.ctx.now()), room))


@command("configure avatar")
async def configure_avatar(
    ctx: CommandContext, file: Annotated[Name | None, Kind.FILE] = None
) -> None:
    """Let this room show the picture in FILE; without FILE, see the one that it shows.

    It is made as small as one of you (/vcard avatar), and seen by everybody who looks for the
    room. `/configure avatar clear` takes it away. Only owners may.
    """
    room = ctx.entered_room()
    if file is None:
        await _show(ctx, room)
        return
    if file == CLEAR:
        await _set(ctx.client, room, None)
        ctx.tell(_("{room} shows no picture any more.").format(room=room.jid))
        return
    # Few rooms get another picture.
    from termxmpp.transfers.pictures import portrait_from

    portrait = await portrait_from(file)
    await _set(ctx.client, room, portrait)
    words = _("{room} shows this picture now, {side}×{side} pixels, {size}.")
    size = size_words(len(portrait.data))
    told = words.format(room=room.jid, side=portrait.side, size=size)
    await show_portrait(ctx, told, portrait.data)


async def _show(ctx: CommandContext, room: Room) -> None:
    data = await portrait_of(ctx.client, room.jid)
    if data is None:
        words = _("{room} shows no picture; /configure avatar FILE lets it show one.")
        ctx.tell(words.format(room=room.jid))
        return
    await show_portrait(ctx, _("{room} shows this picture:").format(room=room.jid), data)


async def _set(client: Context, room: Room, portrait: Portrait | None) -> None:
    """Let the room's card have that picture; what else it tells stays."""
    try:
        card = await ask_kept(client, room.jid, VCardPayload(), VCardPayload)
        changed = with_picture(card.element if card is not None else None, portrait)
        await client.set(room.jid, VCardPayload(changed))
    except RemoteError as error:
        if error.condition in ("service-unavailable", "feature-not-implemented"):
            raise UserError(_("{room} can show no picture.").format(room=room.jid)) from None
        raise refusal(error, room, Affiliation.OWNER) from None


FEATURE = Feature(
    "XEP-0486",
    "MUC Avatars",
    handler=RoomAvatarsHandler,
    commands=(configure_avatar,),
    version="0.1.0",
)
