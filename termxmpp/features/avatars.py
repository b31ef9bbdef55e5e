"""XEP-0084 User Avatar, XEP-0153 vCard-Based Avatars: the picture that we show of ourselves.

A server that has XEP-0398 puts what is published into the vCard and into our presence; elsewhere
the vCard is changed here, and the hash of its picture told with our presence, which costs one look
at the vCard in each session.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from typing import Annotated

from termxmpp.asking import ask, ask_kept
from termxmpp.commands.registry import Kind, Name, command
from termxmpp.core.events import OwnPortraitChanged
from termxmpp.core.files import size_words
from termxmpp.core.picture import Portrait
from termxmpp.errors import ConnectionFailed, RemoteError, UserError
from termxmpp.feature import CommandContext, Context, Feature, Handler
from termxmpp.portraits import portrait_of, show_portrait
from termxmpp.words import _
from termxmpp.xmpp.avatars import (
    CONVERSION,
    DATA_NODE,
    METADATA_NODE,
    UpdatePayload,
    avatar_info,
    card_hash,
    data_element,
    hash_of,
    metadata_element,
    with_picture,
)
from termxmpp.xmpp.hooks import on_presence
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.pubsub import NS as PUBSUB
from termxmpp.xmpp.pubsub import Item, ItemsPayload, PublishPayload, RetractItemPayload
from termxmpp.xmpp.stanzas import IncomingPresence
from termxmpp.xmpp.vcard import NS as VCARD
from termxmpp.xmpp.vcard import VCardPayload

__all__ = ["FEATURE"]

logger = logging.getLogger(__name__)

PUBLISH = f"{PUBSUB}#publish"

# The only item of the node.
CURRENT = "current"

# What takes the picture away.
CLEAR = "clear"


class AvatarsHandler(Handler):
    """Tells with our presence which picture our vCard has, where the server does not."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._is_looking = False
        # Devices of ours that may change the vCard and tell nobody (XEP-0153 §4.3).
        self._untold: set[str] = set()
        # What another one has told last, so that nobody looks twice for it.
        self._heard: str | None = None

    async def online(self) -> None:
        self._untold.clear()
        self._heard = None
        self._forget()
        if _is_ours_to_tell(self.ctx):
            self._look()

    def in_presence(self) -> Iterable[Payload]:
        if _is_ours_to_tell(self.ctx):
            return (UpdatePayload(self.ctx.state.portrait),)
        return ()

    @on_presence()
    def available(self, presence: IncomingPresence) -> bool:
        """Another device of ours is there, or changes what it shows (§4.3)."""
        device = self._device(presence)
        if not device or not _is_ours_to_tell(self.ctx):
            return False
        update = presence.get(UpdatePayload)
        if update is None:
            self._untold.add(device)
            self._forget()
            return False
        self._untold.discard(device)
        shown = update.hash
        if shown is not None and shown not in (self.ctx.state.portrait, self._heard):
            self._heard = shown
            self._forget()
            self._look()
        return False

    @on_presence("unavailable")
    def unavailable(self, presence: IncomingPresence) -> bool:
        device = self._device(presence)
        if device in self._untold:
            self._untold.discard(device)
            self._look()
        return False

    def _device(self, presence: IncomingPresence) -> str:
        """Which of our other devices it is from; empty if from none."""
        sender = presence.sender
        is_ours = sender is not None and sender.bare == self.ctx.state.account
        return sender.resource if sender is not None and is_ours and sender != self.ctx.jid else ""

    def _forget(self) -> None:
        if self.ctx.state.portrait is not None:
            self.ctx.emit(OwnPortraitChanged(None))

    def _look(self) -> None:
        if not self._is_looking and not self._untold:
            self._is_looking = True
            self.ctx.spawn(self._look_at_card())

    async def _look_at_card(self) -> None:
        """What is told is what the vCard has now (§4.2)."""
        try:
            card = await ask_kept(self.ctx, None, VCardPayload(), VCardPayload)
        except (ConnectionFailed, RemoteError) as error:
            logger.info("our picture is not known: %s", error)
            return
        finally:
            self._is_looking = False
        found = card_hash(card.element if card is not None else None)
        if found is not None and not self._untold and self.ctx.is_online:
            self.ctx.emit(OwnPortraitChanged(found))


def _is_ours_to_tell(ctx: Context) -> bool:
    """Whether there is a vCard, and a server that leaves it to us to tell of its picture."""
    announced = ctx.state.namespaces | ctx.state.server_namespaces
    return VCARD in announced and CONVERSION not in announced


@command("vcard avatar")
async def avatar(ctx: CommandContext, file: Annotated[Name | None, Kind.FILE] = None) -> None:
    """Show the picture in FILE to your contacts; without FILE, see the one that you show.

    Of its middle a square of 96 pixels is made, of at most 8 KiB, which says nothing of where it
    was taken; FILE may have 10 MB. `/vcard avatar clear` takes the picture away.
    """
    client = ctx.client
    if file is None:
        await _show(ctx)
        return
    announced = client.state.namespaces | client.state.server_namespaces
    if PUBLISH not in announced and VCARD not in announced:
        raise UserError(_("Your server keeps no pictures, neither by PEP nor in vCards."))
    if file == CLEAR:
        await _publish(client, None)
        ctx.tell(_("You show no picture any more."))
        return
    # Few show another picture in a session.
    from termxmpp.transfers.pictures import portrait_from

    portrait = await portrait_from(file)
    await _publish(client, portrait)
    words = _("Your contacts see this picture of you now, {side}×{side} pixels, {size}.")
    size = size_words(len(portrait.data))
    await show_portrait(ctx, words.format(side=portrait.side, size=size), portrait.data)


async def _show(ctx: CommandContext) -> None:
    data = await portrait_of(ctx.client, ctx.client.state.account)
    if data is None:
        ctx.tell(_("You show no picture; /vcard avatar FILE does."))
        return
    await show_portrait(ctx, _("You show this picture:"), data)


async def _publish(client: Context, portrait: Portrait | None) -> None:
    """Let others see `portrait` of us, in the ways that the server has."""
    announced = client.state.namespaces | client.state.server_namespaces
    has_pep = PUBLISH in announced
    is_in_card = VCARD in announced and not (has_pep and CONVERSION in announced)
    card = await ask_kept(client, None, VCardPayload(), VCardPayload) if is_in_card else None
    if has_pep:
        await _publish_by_pep(client, portrait)
    if is_in_card:
        changed = with_picture(card.element if card is not None else None, portrait)
        await client.set(None, VCardPayload(changed))
    # Also where the server tells it: to rooms only with a presence of ours (XEP-0398 §5).
    client.emit(OwnPortraitChanged(hash_of(portrait.data) if portrait is not None else ""))


async def _publish_by_pep(client: Context, portrait: Portrait | None) -> None:
    """First the picture, then what it is, so that who hears of it finds it (XEP-0084 §3)."""
    if portrait is not None:
        item = Item(hash_of(portrait.data), data_element(portrait))
        await client.set(None, PublishPayload(DATA_NODE, item))
        await client.set(None, PublishPayload(METADATA_NODE, _metadata(portrait)))
        return
    known = await ask(client, None, ItemsPayload(METADATA_NODE), ItemsPayload)
    await client.set(None, PublishPayload(METADATA_NODE, _metadata(None)))
    infos = [avatar_info(each.element) for each in known.items] if known is not None else []
    for info in filter(None, infos):
        # Nobody is told of it any more; whoever knows its name is not to find it either.
        with suppress(RemoteError):
            await client.set(None, RetractItemPayload(DATA_NODE, info.id))


def _metadata(portrait: Portrait | None) -> Item:
    id = hash_of(portrait.data) if portrait is not None else CURRENT
    return Item(id, metadata_element(portrait))


FEATURE = Feature(
    "XEP-0084", "User Avatar", handler=AvatarsHandler, commands=(avatar,), version="1.1.4"
)
CARD_FEATURE = Feature("XEP-0153", "vCard-Based Avatars", version="1.1.1")
