"""XEP-0045 Multi-User Chat: rooms entered and left, and who is in them.

A room that the user has entered is entered again in every session until it is left. Others ask
for it by `RoomWanted` and `RoomUnwanted`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Annotated

from termxmpp.commands.registry import Kind, command
from termxmpp.core.bookmarks import Bookmark
from termxmpp.core.events import (
    ConversationClosed,
    Event,
    NoticeGiven,
    OccupantChanged,
    OccupantLeft,
    OccupantRenamed,
    OwnPortraitChanged,
    OwnPresenceChanged,
    PasswordWanted,
    RoomEntered,
    RoomLeft,
    RoomRequested,
    RoomUnwanted,
    RoomWanted,
)
from termxmpp.core.jid import Jid
from termxmpp.core.message import Notice
from termxmpp.core.room import Occupant, Room, Standing
from termxmpp.core.roster import Availability, Presence
from termxmpp.errors import UserError
from termxmpp.feature import CommandContext, Context, Feature, Handler
from termxmpp.room_entry import announce, enter, open_new, reserved_nick
from termxmpp.words import _
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.hats import HatsPayload
from termxmpp.xmpp.hooks import on_presence
from termxmpp.xmpp.muc import (
    NS,
    OccupantPayload,
    Status,
)
from termxmpp.xmpp.muc_words import (
    entry_words,
    exit_of,
    expulsion_words,
    nick_refusal,
    refusal_of,
)
from termxmpp.xmpp.stanzas import IncomingPresence

__all__ = ["FEATURE"]

# A room that may let us in later is asked again after 15, 30, 60 … seconds, at most this long.
FIRST_RETRY, LONGEST_RETRY = 15.0, 600.0

# Somebody who has our nick in a room that is new to us makes it longer by so many signs.
MOST_TAILS = 3


class RoomsHandler(Handler):
    """Enters and leaves rooms, and follows who is there."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._delays: dict[Jid, float] = {}
        # How we stand there since when, as the rooms know it.
        self._told = self._shown()
        # In which of them we have been: who has our nick there now may be our own ghost.
        self._known: set[Jid] = set(ctx.state.rooms)
        self._tails: dict[Jid, int] = {}

    async def online(self) -> None:
        """Enter every room that is wanted and that we are not in."""
        self._delays.clear()
        self._tell_presence()
        for room in self.ctx.state.rooms.values():
            if room.is_wanted and not room.is_in:
                self.ctx.spawn(enter(self.ctx, room.jid, room.nick, room.password))

    async def resumed(self) -> None:
        # The link may have broken while we were about to enter.
        await self.online()

    def happened(self, event: Event) -> None:
        rooms = self.ctx.state.rooms
        match event:
            case OwnPresenceChanged() | OwnPortraitChanged() if self.ctx.is_online:
                self._tell_presence()
            case ConversationClosed(peer) if peer in rooms and rooms[peer].is_wanted:
                self.ctx.emit(RoomUnwanted(peer, is_by_user=True))
            case RoomWanted(room, nick, password, is_by_user=False):
                # Now, so that nobody who looks at it wants it once more.
                asked = nick or self.ctx.state.account.local
                self.ctx.emit(RoomRequested(room, asked, password))
                self.ctx.spawn(enter(self.ctx, room, asked, password, is_named=bool(nick)))
            case RoomUnwanted(room) if room in rooms and rooms[room].is_wanted:
                _leave(self.ctx, rooms[room])

    @on_presence()
    def available(self, presence: IncomingPresence) -> bool:
        """Somebody is in the room; if it is we, everybody else has been told (§7.2.2)."""
        room, about, nick = self._read(presence)
        if room is None or not nick or room.standing is Standing.OUT:
            return room is not None or self._is_stray(presence)
        shown = Presence(Availability.of(presence.show), presence.status)
        hats = presence.get(HatsPayload)
        titles = hats.titles if hats is not None else ()
        occupant = Occupant(nick, about.role, about.affiliation, about.jid, shown, titles)
        before = room.occupants.get(nick)
        self.ctx.emit(OccupantChanged(room.jid, occupant, room.is_in and before is None))
        if room.is_in and nick == room.nick and before is not None:
            self._tell_standing(room, before, occupant)
        if Status.SELF in about.codes and not room.is_in:
            self._let_in(room, nick, about.codes)
        return True

    @on_presence("unavailable")
    def unavailable(self, presence: IncomingPresence) -> bool:
        """Somebody left, or has another nick now (§7.6)."""
        room, about, nick = self._read(presence)
        if room is None or not nick:
            # A room that is destroyed may say so by itself.
            return room is not None or self._is_stray(presence)
        if Status.RENAMED in about.codes and about.nick:
            is_ours = nick == room.nick
            self.ctx.emit(OccupantRenamed(room.jid, nick, about.nick))
            if is_ours and room.is_in:
                self._tell(room, _("You are {nick} here now.").format(nick=about.nick))
        elif room.is_in and (Status.SELF in about.codes or nick == room.nick):
            self._put_out(room, about)
        elif room.standing is not Standing.OUT:
            words = expulsion_words(nick, about)
            self.ctx.emit(OccupantLeft(room.jid, nick, is_told=bool(words)))
            if words:
                self._tell(room, words)
        return True

    @on_presence("error")
    def refused(self, presence: IncomingPresence) -> bool:
        """We are not let in (§7.2), or may not have that nick."""
        room, __, nick = self._read(presence)
        if room is None or room.standing is Standing.OUT:
            return room is not None
        error = presence.error
        reason, is_for_good = refusal_of(error, room.jid, nick or room.nick)
        if room.is_in:
            why = nick_refusal(error, nick or room.nick)
            words = _("You stay {nick}: {reason}.").format(nick=room.nick, reason=why)
            if error is not None and error.condition == "not-acceptable":
                self.ctx.spawn(self._tell_reserved(room))
            self._tell(room, words, is_error=True)
            return True
        condition = error.condition if error is not None else ""
        if condition in ("conflict", "not-acceptable") and self._tries_another_nick(room):
            return True
        if condition == "not-authorized" and self._tries_the_bookmark(room):
            return True
        if condition == "not-authorized":
            self.ctx.emit(PasswordWanted(room.jid))
        self.ctx.emit(RoomLeft(room.jid, is_for_good, is_gone=condition == "gone"))
        words = _("{jid} does not let you in: {reason}.").format(jid=room.jid, reason=reason)
        self._tell(room, words, is_error=True)
        if not is_for_good:
            self._try_later(room)
        return True

    def _read(self, presence: IncomingPresence) -> tuple[Room | None, OccupantPayload, str]:
        """The room that a presence is from, what it says of an occupant, and of which."""
        sender = presence.sender
        room = self.ctx.state.rooms.get(sender.bare) if sender is not None else None
        about = presence.get(OccupantPayload) or OccupantPayload()
        return room, about, sender.resource if sender is not None else ""

    def _is_stray(self, presence: IncomingPresence) -> bool:
        """Whether it is from a room that we know nothing of: nobody's presence to us."""
        is_contact = presence.sender and presence.sender.bare in self.ctx.state.contacts
        return presence.get(OccupantPayload) is not None and not is_contact

    def _let_in(self, room: Room, nick: str, codes: frozenset[int]) -> None:
        self._delays.pop(room.jid, None)
        if nick != room.nick:
            self._tell(room, _("The room calls you {nick}.").format(nick=nick))
        if room.jid not in self._known:
            for words in entry_words(codes):
                self._tell(room, words)
        self._known.add(room.jid)
        self._tails.pop(room.jid, None)
        if Status.CREATED in codes:
            self.ctx.spawn(open_new(self.ctx, room.jid, nick))
        else:
            self.ctx.emit(RoomEntered(room.jid, nick))

    def _tell_standing(self, room: Room, before: Occupant, now: Occupant) -> None:
        """What we may do in the room has changed (§8.3, §9.3 and following)."""
        if (before.role, before.affiliation) != (now.role, now.affiliation):
            words = _("You are from now on: {role}, {affiliation}.")
            self._tell(room, words.format(role=now.role.words, affiliation=now.affiliation.words))

    def _put_out(self, room: Room, about: OccupantPayload) -> None:
        words, is_for_good = exit_of(about)
        self.ctx.emit(RoomLeft(room.jid, is_for_good, is_gone=about.destruction is not None))
        way_back = _("/join {jid} tries to enter it again.").format(jid=room.jid)
        if about.destruction is not None:
            way_back = ""
        elif not is_for_good:
            way_back = _("It is entered again by itself; /leave {jid} gives it up.").format(
                jid=room.jid
            )
            self._try_later(room)
        self._tell(room, f"{words}\n{way_back}".rstrip(), is_error=True)

    def _tries_the_bookmark(self, room: Room) -> bool:
        """Whether the bookmark has the password: after a restart it tells it only at log-in."""
        known = self.ctx.state.bookmarks.get(room.jid)
        if known is None or known.password in ("", room.password):
            return False
        self.ctx.spawn(enter(self.ctx, room.jid, room.nick, known.password))
        return True

    def _tries_another_nick(self, room: Room) -> bool:
        """Whether a room that is new to us may let us in under another nick.

        Where we have been before, our own ghost may have it, who will be gone soon.
        """
        tails = self._tails.get(room.jid, 0)
        if room.jid in self._known or tails >= MOST_TAILS:
            self._tails.pop(room.jid, None)
            return False
        self._tails[room.jid] = tails + 1
        self.ctx.spawn(self._enter_otherwise(room))
        return True

    async def _enter_otherwise(self, room: Room) -> None:
        """Enter as we are called there (§7.12), or else by a longer nick."""
        nick = room.nick
        reserved = await reserved_nick(self.ctx, room.jid)
        if room.standing is not Standing.ENTERING or room.nick != nick:
            return
        other = reserved if reserved not in ("", nick) else f"{nick}_"
        words = _("You can't be {nick} there; you are called {other}.")
        self._tell(room, words.format(nick=nick, other=other))
        await enter(self.ctx, room.jid, other, room.password)

    async def _tell_reserved(self, room: Room) -> None:
        """Where nicks are locked down, the one that may be had is to be known (§7.6)."""
        nick = await reserved_nick(self.ctx, room.jid)
        if nick not in ("", room.nick):
            self._tell(room, _("The room keeps {nick} for you.").format(nick=nick))

    def _try_later(self, room: Room) -> None:
        delay = self._delays.get(room.jid, FIRST_RETRY)
        self._delays[room.jid] = min(2 * delay, LONGEST_RETRY)
        self.ctx.spawn(self._try_again(room, delay))

    async def _try_again(self, room: Room, delay: float) -> None:
        await asyncio.sleep(delay)
        if room.is_wanted and room.standing is Standing.OUT and self.ctx.is_online:
            await enter(self.ctx, room.jid, room.nick, room.password)

    def _shown(self) -> tuple[Presence, str]:
        """What occupants see of us; our picture by its hash."""
        return self.ctx.state.presence, self.ctx.state.portrait or ""

    def _tell_presence(self) -> None:
        """Our server tells our contacts, but no rooms (§7.7)."""
        if self._told != self._shown():
            self._told = self._shown()
            for room in self.ctx.state.rooms.values():
                if room.is_in:
                    announce(self.ctx, room.me)

    def _tell(self, room: Room, text: str, *, is_error: bool = False) -> None:
        self.ctx.emit(NoticeGiven(Notice(text, self.ctx.now(), is_error), room.jid))


def _leave(ctx: Context, room: Room) -> None:
    if ctx.is_online and room.standing is not Standing.OUT:
        ctx.send(stanzas.presence(room.me, type="unavailable"))
    ctx.emit(RoomLeft(room.jid, is_for_good=True))


@command("join")
def join(
    ctx: CommandContext, room: Annotated[Jid, Kind.ROOM], nick: str | None = None
) -> Awaitable[None] | None:
    """Enter ROOM as NICK, on all your devices and in every session until you leave it.

    Without NICK you are called as the last time, as the room knows you, or by the first part of
    your address. In a room that you are in it changes your nick. A room that does not exist is
    made; one that has a password asks for it.
    """
    jid, state = room.bare, ctx.client.state
    if not jid.local:
        raise UserError(
            _("{jid} has no room before the @: /join ROOM@{domain}.").format(
                jid=jid, domain=jid.domain
            )
        )
    known = state.rooms.get(jid)
    bookmark = state.bookmarks.get(jid) or Bookmark(jid)
    named = nick or room.resource or (known.nick if known else "") or bookmark.nick
    me = Jid.parse(f"{jid}/{named or state.account.local}")
    ctx.show(jid)
    if known is not None and known.is_in:
        if me.resource != known.nick:
            announce(ctx.client, me)
        return None
    if known is not None and known.standing is Standing.ENTERING and known.nick == me.resource:
        # A bookmark was faster: who asks twice would be let in twice.
        ctx.client.emit(RoomWanted(jid, me.resource, known.password, is_by_user=True))
        return None
    invitation = state.invitations.get(jid)
    passwords = (
        known.password if known else "",
        invitation.password if invitation else "",
        bookmark.password,
    )
    password = next(filter(None, passwords), "")
    ctx.client.emit(RoomWanted(jid, me.resource, password, is_by_user=True))
    if not ctx.client.is_online:
        ctx.tell(_("{jid} is entered as soon as you are connected.").format(jid=jid))
    return enter(ctx.client, jid, me.resource, password, ctx.ask_secret, is_named=bool(named))


@command("leave")
def leave(ctx: CommandContext, room: Annotated[Jid, Kind.ROOM] | None = None) -> None:
    """Leave ROOM, or the one looked at, for good and on all your devices; what was said stays."""
    found = ctx.room(room)
    if not found.is_wanted:
        raise UserError(_("You are not in {jid}.").format(jid=found.jid))
    ctx.client.emit(RoomUnwanted(found.jid, is_by_user=True))
    ctx.tell(_("You have left {jid}; /join {jid} enters it again.").format(jid=found.jid))


FEATURE = Feature(
    "XEP-0045",
    "Multi-User Chat",
    (NS,),
    RoomsHandler,
    (join, leave),
    version="1.35.5",
)
