"""XEP-0492 Chat Notification Settings: what is told of which conversation.

For a room the setting stands in its bookmark (XEP-0402), where our other devices see it. It is
written only into a bookmark that is there: whether a room has one is not decided here. For
contacts the XEP names no place, so their settings, and muting, stay on this device.
"""

from __future__ import annotations

import asyncio
import enum
import logging
import re
from dataclasses import replace
from datetime import datetime, timedelta

from termxmpp.asking import abilities_of
from termxmpp.commands.registry import command
from termxmpp.core.events import Event, RuleFound, TellingChanged
from termxmpp.core.jid import Jid
from termxmpp.core.telling import FOREVER, Rule, Telling, rule_of
from termxmpp.errors import ConnectionFailed, RemoteError, UserError
from termxmpp.feature import CommandContext, Context, Feature, Handler
from termxmpp.words import _
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.attention import NS as ATTENTION_NS
from termxmpp.xmpp.attention import AttentionPayload
from termxmpp.xmpp.bookmarks import Place, place_of, read_conference
from termxmpp.xmpp.notifications import BOOKMARKS, read_rule, with_rule
from termxmpp.xmpp.pubsub import (
    PRIVATE,
    PUBLISH_OPTIONS,
    UNBOUNDED,
    Item,
    ItemsPayload,
    PublishPayload,
)

__all__ = ["FEATURE"]

logger = logging.getLogger(__name__)

# No muting need be longer; who wants more mutes until he unmutes.
LONGEST = timedelta(days=3660)

# So many devices of somebody are called.
MOST_DEVICES = 10

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class NotifyHandler(Handler):
    """Follows what the bookmarks say of being told, and tells them what was set here."""

    async def online(self) -> None:
        await self.resumed()

    async def resumed(self) -> None:
        # Whoever keeps the bookmarks fetches them, and tells us what stands there.
        if self._has_node and place_of(self._announced) is not Place.NODE:
            self.ctx.spawn(self._fetch())

    def happened(self, event: Event) -> None:
        match event:
            case TellingChanged(peer, telling) if telling.is_due and self.ctx.is_online:
                self.ctx.spawn(self._publish(peer))
            case RuleFound(room, rule):
                self._found(room, rule)

    @property
    def _announced(self) -> frozenset[str]:
        return self.ctx.state.namespaces | self.ctx.state.server_namespaces

    @property
    def _has_node(self) -> bool:
        return PUBLISH_OPTIONS in self._announced

    async def _fetch(self) -> None:
        """Learn what the node says whose bookmarks are kept elsewhere."""
        try:
            found = (await self.ctx.get(None, ItemsPayload(BOOKMARKS))).get(ItemsPayload)
        except (ConnectionFailed, RemoteError) as error:
            logger.debug("the bookmarks can't be read: %s", error)
            return
        for item in found.items if found is not None else ():
            bookmark = read_conference(item)
            if bookmark is not None and item.element is not None:
                self._found(bookmark.room, read_rule(item.element))

    def _found(self, room: Jid, rule: Rule | None) -> None:
        """Let hold what a bookmark sets; what was set here meanwhile goes there.

        One that says nothing of it changes nothing. What stands in no bookmark stays due: there
        may be one later.
        """
        telling = self.ctx.state.telling_of(room)
        if telling.is_due:
            if telling.rule is rule:
                self.ctx.emit(TellingChanged(room, replace(telling, is_due=False)))
            else:
                self.ctx.spawn(self._publish(room))
        elif rule is not None and telling.rule is not rule:
            self.ctx.emit(TellingChanged(room, replace(telling, rule=rule)))

    async def _publish(self, room: Jid) -> None:
        """Put the rule into the bookmark of `room`, if it has one."""
        if not self._has_node:
            return
        try:
            question = ItemsPayload(BOOKMARKS, (Item(str(room)),))
            found = (await self.ctx.get(None, question)).get(ItemsPayload)
            items = found.items if found is not None else ()
            item = next((each for each in items if _is_of(each, room)), None)
            telling = self.ctx.state.telling_of(room)
            if item is None or item.element is None or not telling.is_due:
                return
            if read_rule(item.element) is not telling.rule:
                await self._put(replace(item, element=with_rule(item.element, telling.rule)))
        except ConnectionFailed:
            # It is due still, in the next session.
            return
        except RemoteError as error:
            logger.info("what is to be told of %s stays on this device: %s", room, error)
            return
        now = self.ctx.state.telling_of(room)
        if now.rule is telling.rule and now.is_due:
            self.ctx.emit(TellingChanged(room, replace(now, is_due=False)))

    async def _put(self, item: Item) -> None:
        """Publish a bookmark that is there already, in a node that must be ours alone."""
        try:
            await self.ctx.set(None, PublishPayload(BOOKMARKS, item, UNBOUNDED))
        except RemoteError as error:
            if error.condition is None:
                raise
            # The node was made with other options, or the server does not know all of these.
            await self.ctx.set(None, PublishPayload(BOOKMARKS, item, PRIVATE))


def _is_of(item: Item, room: Jid) -> bool:
    found = read_conference(item)
    return found is not None and found.room == room


class Told(enum.StrEnum):
    """What may be told of a conversation."""

    ALL = "all"
    MENTIONS = "mentions"
    NONE = "none"
    DEFAULT = "default"
    ATTENTION = "attention"


@command("notify")
async def notify(ctx: CommandContext, what: Told | None = None) -> None:
    """Be told of all messages here, of mentions only, or of none; or say how it is.

    By default you are told of all that contacts say, and in rooms of what mentions you.
    `attention` calls for the attention of the contact you write to (XEP-0224).
    """
    peer, client = _peer(ctx), ctx.client
    if what is Told.ATTENTION:
        await _call(ctx, peer)
        return
    if what is not None:
        rule = None if what is Told.DEFAULT else Rule(what.value)
        telling = client.state.telling_of(peer)
        # Only rooms have bookmarks in which it could stand.
        is_due = peer in client.state.rooms
        client.emit(TellingChanged(peer, replace(telling, rule=rule, is_due=is_due)))
    ctx.tell(_words(client, peer))


async def _call(ctx: CommandContext, peer: Jid) -> None:
    """Call for the attention of `peer`, on all devices that know what that is."""
    client, name = ctx.client, ctx.client.state.title_of(peer)
    if peer.bare in client.state.rooms:
        raise UserError(_("In a room name whom you mean, as in `nick: hello`."))
    devices = [peer.with_resource(each) for each in client.state.resources_of(peer)][:MOST_DEVICES]
    if not devices:
        raise UserError(_("You can't see that {name} is there: write a message.").format(name=name))
    abilities = await asyncio.gather(*(abilities_of(client, device) for device in devices))
    hearing = [each for each, can in zip(devices, abilities, strict=True) if ATTENTION_NS in can]
    if not hearing:
        words = _("No device of {name} can be called for attention: write a message.")
        raise UserError(words.format(name=name))
    for device in hearing:
        # As news, so that nobody keeps it for later (§4).
        call = stanzas.message(
            device, id=client.new_id(), type="headline", payloads=(AttentionPayload(),)
        )
        client.send(call)
    ctx.tell(_("You have called for the attention of {name}.").format(name=name))


@command("mute")
def mute(ctx: CommandContext, duration: str | None = None) -> None:
    """Be told nothing of this conversation for DURATION, as in 2h or 1d12h, or until `/mute off`.

    Messages still count as unread.
    """
    peer, client = _peer(ctx), ctx.client
    until: datetime | None = FOREVER
    if duration is not None:
        is_off = duration.casefold() == "off"
        until = None if is_off else client.now() + _duration(duration)
    telling = client.state.telling_of(peer)
    client.emit(TellingChanged(peer, replace(telling, muted_until=until)))
    ctx.tell(_words(client, peer))


def _peer(ctx: CommandContext) -> Jid:
    if ctx.peer is None:
        raise UserError(_("This is no conversation: /msg JID opens one."))
    return ctx.peer


def _duration(text: str) -> timedelta:
    parts = re.findall(r"(\d{1,9})([smhdw])", text.casefold(), re.ASCII)
    if not parts or "".join(number + unit for number, unit in parts) != text.casefold():
        raise UserError(_("{text} is no duration: say 30m, 2h, 1d12h or off.").format(text=text))
    seconds = sum(int(number) * _UNITS[unit] for number, unit in parts)
    if not 0 < seconds <= LONGEST.total_seconds():
        raise UserError(
            _("{text} is too long or nothing: /mute alone lasts until /mute off.").format(text=text)
        )
    return timedelta(seconds=seconds)


def _words(client: Context, peer: Jid) -> str:
    telling = client.state.telling_of(peer)
    rule = rule_of(telling, is_room=peer in client.state.rooms)
    words = {
        Rule.ALL: _("You are told of all messages here."),
        Rule.MENTIONS: _("You are told of messages here that mention you."),
        Rule.NONE: _("You are told of no messages here."),
    }[rule]
    if telling.rule is None:
        words = _("{words} That is the default.").format(words=words)
    return "\n".join([words, *_muted_words(telling, client.now())])


def _muted_words(telling: Telling, now: datetime) -> list[str]:
    if not telling.is_muted(now) or telling.muted_until is None:
        return []
    if telling.muted_until == FOREVER:
        return [_("But it is muted until /mute off.")]
    until, today = telling.muted_until.astimezone(), now.astimezone()
    form = "%H:%M" if until.date() == today.date() else "%Y-%m-%d %H:%M"
    return [_("But it is muted until {time}.").format(time=until.strftime(form))]


FEATURE = Feature(
    "XEP-0492",
    "Chat Notification Settings",
    (f"{BOOKMARKS}+notify",),
    NotifyHandler,
    (notify, mute),
    version="0.2.0",
    note="of rooms; what is set for contacts stays on the device",
    is_partial=True,
)
