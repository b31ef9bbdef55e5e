"""XEP-0402 PEP Native Bookmarks: the rooms that one is in, the same on all devices.

Who enters a room by /join wants to be in it everywhere, who leaves it nowhere: the bookmark says
so, and what another device says in it is followed at once. What the server can't be told now is
told in the next session. Where the server does not keep the older place in step and has one, that
is used, as the others of the user's clients do (XEP-0048 in XEP-0049).
"""

from __future__ import annotations

import asyncio
import enum
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated
from xml.etree.ElementTree import Element

from termxmpp.commands.registry import Kind, Name, command
from termxmpp.core.bookmarks import Bookmark
from termxmpp.core.events import (
    BookmarkChanged,
    BookmarkRemoved,
    ConversationOpened,
    Event,
    NoticeGiven,
    OccupantRenamed,
    RoomEntered,
    RoomLeft,
    RoomUnwanted,
    RoomWanted,
    RuleFound,
)
from termxmpp.core.jid import Jid
from termxmpp.core.message import Notice, Route
from termxmpp.core.state import State
from termxmpp.core.text import one_line, width
from termxmpp.errors import ConnectionFailed, RemoteError, UserError
from termxmpp.feature import CommandContext, Context, Feature, Handler
from termxmpp.private import Collection
from termxmpp.words import _
from termxmpp.xmpp.bookmarks import (
    STORAGE,
    Place,
    place_of,
    read_conference,
    read_storage,
    with_bookmark,
    with_stored,
)
from termxmpp.xmpp.hooks import on_message
from termxmpp.xmpp.notifications import BOOKMARKS, read_rule, with_rule
from termxmpp.xmpp.private import PrivatePayload
from termxmpp.xmpp.pubsub import (
    EventPayload,
    Item,
    ItemsPayload,
    RetractItemPayload,
)
from termxmpp.xmpp.stanzas import IncomingMessage

__all__ = ["FEATURE"]

logger = logging.getLogger(__name__)

# More rooms than anybody is in are not entered because of a push.
MOST = 2000

_COLUMNS = 40


class BookmarksHandler(Handler):
    """Keeps our bookmarks and the server's in step, and rooms as they say."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._by_user: set[Jid] = set()
        self._turn = asyncio.Lock()
        self._node = Collection(ctx, BOOKMARKS)

    async def online(self) -> None:
        self._node.begin()
        await self.resumed()

    async def resumed(self) -> None:
        if _place(self.ctx.state) is not None:
            self.ctx.spawn(self._fetch())

    def happened(self, event: Event) -> None:
        match event:
            case BookmarkChanged(bookmark) if bookmark.is_due and self.ctx.is_online:
                self.ctx.spawn(self._publish(bookmark.room))
            case RoomWanted(room, is_by_user=True):
                self._by_user.add(room)
            case RoomEntered(room, nick):
                self._entered(room, nick)
            case RoomUnwanted(room, is_by_user=True):
                self._by_user.discard(room)
                self._no_autojoin(room)
            case RoomLeft(room, is_gone=True):
                # To enter it again would make it again.
                self._no_autojoin(room)
            case OccupantRenamed(room, _, new_nick):
                if self.ctx.state.rooms[room].nick == new_nick:
                    self._renamed(room, new_nick)

    @on_message(payload=EventPayload)
    def pushed(self, message: IncomingMessage) -> bool:
        """Another device has changed a bookmark."""
        event = message.get(EventPayload)
        is_ours = message.sender in (None, self.ctx.state.account)
        if event is None or event.node != BOOKMARKS or not is_ours:
            return False
        if message.route is not Route.LIVE:
            return False
        found = self._read(event.items)
        if _place(self.ctx.state) is Place.NODE:
            for bookmark in found:
                self._take(bookmark)
            known = self.ctx.state.bookmarks
            gone = list(known) if event.is_purged else map(Jid.parse_or_none, event.retracted)
            for room in gone:
                if room is not None and room in known and not known[room].is_due:
                    self._removed(room)
        return False

    # What happens here.

    def _entered(self, room: Jid, nick: str) -> None:
        """A room that we are in has a bookmark; one that the user has entered, autojoin, too."""
        known = self.ctx.state.bookmarks.get(room)
        is_by_user = room in self._by_user
        self._by_user.discard(room)
        if not is_by_user and known is not None and not known.is_removed:
            return
        password = self.ctx.state.rooms[room].password
        wanted = replace(
            known if known is not None and not known.is_removed else Bookmark(room),
            is_autojoin=True,
            password=password or (known.password if known is not None else ""),
        )
        if wanted.nick or nick != self.ctx.state.account.local:
            wanted = replace(wanted, nick=nick)
        self._change(wanted)

    def _no_autojoin(self, room: Jid) -> None:
        known = self.ctx.state.bookmarks.get(room)
        if known is not None and known.is_autojoin:
            self._change(replace(known, is_autojoin=False))

    def _renamed(self, room: Jid, nick: str) -> None:
        known = self.ctx.state.bookmarks.get(room)
        if known is not None and known.is_autojoin:
            self._change(replace(known, nick=nick))

    def _change(self, bookmark: Bookmark) -> None:
        if bookmark != self.ctx.state.bookmarks.get(bookmark.room):
            self.ctx.emit(BookmarkChanged(replace(bookmark, is_due=True)))

    # What happens elsewhere.

    async def _fetch(self) -> None:
        """Learn what has changed while we were away, and tell what was changed here."""
        try:
            found = await self._all()
        except ConnectionFailed:
            return
        except RemoteError as error:
            logger.info("the bookmarks can't be read: %s", error)
            return
        there = {each.room: each for each in found[:MOST]}
        for room, known in list(self.ctx.state.bookmarks.items()):
            if known.is_due:
                # What was there before is out of date with that.
                there.pop(room, None)
                await self._publish(room)
            elif room not in there:
                self._removed(room)
        for bookmark in there.values():
            self._take(bookmark)

    async def _all(self) -> list[Bookmark]:
        """All bookmarks that the server has."""
        if _place(self.ctx.state) is Place.STORAGE:
            return read_storage(await self._storage())
        try:
            answer = (await self.ctx.get(None, ItemsPayload(BOOKMARKS))).get(ItemsPayload)
        except RemoteError as error:
            if error.condition == "item-not-found":
                return []
            raise
        return self._read(answer.items) if answer is not None else []

    def _read(self, items: Sequence[Item]) -> list[Bookmark]:
        """The bookmarks in items of the node; what else stands there is told to whom it concerns.

        So nobody else has to fetch them.
        """
        found = []
        for item in items[:MOST]:
            bookmark = read_conference(item)
            if bookmark is not None and item.element is not None:
                found.append(bookmark)
                self.ctx.emit(RuleFound(bookmark.room, read_rule(item.element)))
        return found

    def _take(self, bookmark: Bookmark) -> None:
        """Let hold what the server says, but for what was changed here since; follow it."""
        state = self.ctx.state
        known, room = state.bookmarks.get(bookmark.room), state.rooms.get(bookmark.room)
        if known is not None and known.is_due:
            return
        if known != bookmark:
            if known is None and len(state.bookmarks) >= MOST:
                return
            self.ctx.emit(BookmarkChanged(bookmark))
        is_wanted = room is not None and room.is_wanted
        if bookmark.is_autojoin and not is_wanted:
            nick = bookmark.nick or (room.nick if room is not None else "")
            if bookmark.room not in state.conversations:
                self.ctx.emit(ConversationOpened(bookmark.room))
            self.ctx.emit(RoomWanted(bookmark.room, nick, bookmark.password))
        elif is_wanted and not bookmark.is_autojoin and known is not None and known.is_autojoin:
            self._left_elsewhere(bookmark.room)

    def _removed(self, room: Jid) -> None:
        self.ctx.emit(BookmarkRemoved(room))
        known = self.ctx.state.rooms.get(room)
        if known is not None and known.is_wanted:
            self._left_elsewhere(room)

    def _left_elsewhere(self, room: Jid) -> None:
        self.ctx.emit(RoomUnwanted(room))
        words = _("You have left {room} on another device; /join {room} enters it again.")
        self.ctx.emit(NoticeGiven(Notice(words.format(room=room), self.ctx.now()), room))

    # How.

    async def _publish(self, room: Jid) -> None:
        """Tell the server of the bookmark of `room`, one after the other."""
        async with self._turn:
            bookmark = self.ctx.state.bookmarks.get(room)
            if bookmark is None or not bookmark.is_due:
                return
            try:
                match _place(self.ctx.state):
                    case Place.STORAGE:
                        storage = with_stored(await self._storage(), bookmark)
                        await self.ctx.set(None, PrivatePayload(storage))
                    case Place.NODE:
                        await self._publish_item(bookmark)
                    case None:
                        return
            except ConnectionFailed:
                # It is due still, in the next session.
                return
            except RemoteError as error:
                logger.info("the bookmark of %s stays on this device: %s", room, error)
                return
            if self.ctx.state.bookmarks.get(room) != bookmark:
                return
            if bookmark.is_removed:
                self.ctx.emit(BookmarkRemoved(room))
            else:
                self.ctx.emit(BookmarkChanged(replace(bookmark, is_due=False)))

    async def _publish_item(self, bookmark: Bookmark) -> None:
        room = str(bookmark.room)
        if bookmark.is_removed:
            try:
                await self.ctx.set(None, RetractItemPayload(BOOKMARKS, room))
            except RemoteError as error:
                if error.condition != "item-not-found":
                    raise
            return
        element = with_bookmark(await self._item(room), bookmark)
        telling = self.ctx.state.telling_of(bookmark.room)
        if telling.is_due and telling.rule is not None:
            element = with_rule(element, telling.rule)
        await self._node.publish(Item(room, element))

    async def _item(self, room: str) -> Element | None:
        """The bookmark as it stands in the node, with all that others have put into it."""
        try:
            answer = await self.ctx.get(None, ItemsPayload(BOOKMARKS, (Item(room),)))
        except RemoteError as error:
            if error.condition == "item-not-found":
                return None
            raise
        found = answer.get(ItemsPayload)
        items = found.items if found is not None else ()
        return next((each.element for each in items if each.id == room), None)

    async def _storage(self) -> Element | None:
        """All bookmarks, as they stand in the private storage."""
        answer = (await self.ctx.get(None, PrivatePayload(Element(STORAGE)))).get(PrivatePayload)
        if answer is None:
            # To write over what can't be read would lose it.
            raise RemoteError(_("The bookmarks can't be read."), "not-acceptable")
        return answer.element if answer.element.tag == STORAGE else None


def _place(state: State) -> Place | None:
    """Where the bookmarks are, if the server keeps any."""
    return place_of(state.namespaces | state.server_namespaces)


class Switch(enum.StrEnum):
    """Whether something is so."""

    ON = "on"
    OFF = "off"


@command("bookmark")
def bookmarks(ctx: CommandContext) -> None:
    """List your bookmarks: rooms that you find again on all your devices.

    Who enters a room by /join has a bookmark of it and is in it on all devices; /leave leaves it
    everywhere and keeps the bookmark.
    """
    state = ctx.client.state
    kept = [each for each in state.bookmarks.values() if not each.is_removed]
    if not kept:
        ctx.tell(_("You have no bookmarks: /bookmark add makes one of this room."))
        return
    kept.sort(key=lambda each: (each.name or each.room.local).casefold())
    columns = max(width(str(each.room)) for each in kept)
    lines = [
        f"{each.room}{' ' * (columns - width(str(each.room)))}  {_bookmark_words(each)}"
        for each in kept
    ]
    if _place(state) is None and ctx.client.is_online:
        lines.append(_("Your server keeps no bookmarks: they stay on this device."))
    ctx.tell("\n".join(lines))


@command("bookmark add")
def add(
    ctx: CommandContext,
    room: Annotated[Jid, Kind.ROOM] | None = None,
    name: Name | None = None,
) -> None:
    """Make a bookmark of ROOM, or of the one looked at, and call it NAME.

    It is entered by itself only if you are in it; see /bookmark autojoin.
    """
    jid = _room(ctx, room)
    known = _known(ctx, jid)
    here = ctx.client.state.rooms.get(jid)
    made = known or Bookmark(jid)
    if known is None and here is not None and here.is_wanted:
        nick = here.nick if here.nick != ctx.client.state.account.local else ""
        made = replace(made, is_autojoin=True, nick=nick, password=here.password)
    _change(ctx, replace(made, name=made.name if name is None else name))
    ctx.tell(_("{room} has a bookmark.").format(room=jid))


@command("bookmark remove")
def remove(ctx: CommandContext, room: Annotated[Jid, Kind.ROOM] | None = None) -> None:
    """Take the bookmark of ROOM away, or of the one looked at; your other devices leave it."""
    jid = _room(ctx, room)
    if _known(ctx, jid) is None:
        raise UserError(_("{room} has no bookmark: /bookmark lists them.").format(room=jid))
    _change(ctx, Bookmark(jid, is_removed=True))
    ctx.tell(_("{room} has no bookmark any more.").format(room=jid))


@command("bookmark name")
def rename(ctx: CommandContext, name: Name | None = None) -> None:
    """Call the room that is looked at NAME on all your devices, or without one by its address."""
    jid = _room(ctx, None)
    _change(ctx, replace(_known(ctx, jid) or Bookmark(jid), name=name or ""))
    ctx.tell(_("{room} is called {name}.").format(room=jid, name=ctx.client.state.title_of(jid)))


@command("bookmark autojoin")
def autojoin(
    ctx: CommandContext, switch: Switch, room: Annotated[Jid, Kind.ROOM] | None = None
) -> None:
    """Let your devices be in ROOM, or in the one looked at, or not; this one stays as it is."""
    jid = _room(ctx, room)
    is_on = switch is Switch.ON
    _change(ctx, replace(_known(ctx, jid) or Bookmark(jid), is_autojoin=is_on))
    words = (
        _("Your devices enter {room} by themselves.")
        if is_on
        else _("Your devices don't enter {room} by themselves.")
    )
    ctx.tell(words.format(room=jid))


def _room(ctx: CommandContext, named: Jid | None) -> Jid:
    """The room named, which need not be known, or that of the conversation."""
    if named is None:
        return ctx.room().jid
    if not named.local:
        raise UserError(_("{jid} is no room.").format(jid=named))
    return named.bare


def _known(ctx: CommandContext, room: Jid) -> Bookmark | None:
    found = ctx.client.state.bookmarks.get(room)
    return None if found is None or found.is_removed else found


def _change(ctx: CommandContext, bookmark: Bookmark) -> None:
    ctx.client.emit(BookmarkChanged(replace(bookmark, is_due=True)))


def _bookmark_words(bookmark: Bookmark) -> str:
    words = [one_line(bookmark.name, _COLUMNS)] if bookmark.name else []
    if bookmark.is_autojoin:
        words.append(_("entered by itself"))
    if bookmark.nick:
        words.append(_("as {nick}").format(nick=one_line(bookmark.nick, _COLUMNS)))
    if bookmark.is_due:
        words.append(_("not at the server yet"))
    return ", ".join(words)


FEATURE = Feature(
    "XEP-0402",
    "PEP Native Bookmarks",
    (f"{BOOKMARKS}+notify",),
    BookmarksHandler,
    (bookmarks, add, remove, rename, autojoin),
    version="1.2.0",
)
