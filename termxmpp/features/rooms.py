"""XEP-0045 Multi-User Chat: rooms entered and left, who is in them, and what is said there.

A room that the user has entered is entered again in every session until it is left. What is
said counts only while we are in; whose it is, the occupant's address says.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated

from termxmpp.commands.registry import Kind, command
from termxmpp.core.events import (
    ConversationClosed,
    Event,
    FateChanged,
    MessageReceived,
    NoticeGiven,
    OccupantChanged,
    OccupantLeft,
    OccupantRenamed,
    OwnPresenceChanged,
    RoomDiscovered,
    RoomEntered,
    RoomLeft,
    RoomRequested,
    SubjectChanged,
)
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Notice, Route
from termxmpp.core.room import Affiliation, Occupant, Role, Room, Standing
from termxmpp.core.roster import Availability, Presence
from termxmpp.core.text import width
from termxmpp.errors import ConnectionFailed, RemoteError, UserError
from termxmpp.feature import CommandContext, Context, Feature, Handler
from termxmpp.words import _
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.bounces import bounce_reason
from termxmpp.xmpp.disco import DiscoPayload
from termxmpp.xmpp.hooks import on_message, on_presence
from termxmpp.xmpp.muc import (
    NS,
    EnterPayload,
    InstantRoomPayload,
    OccupantPayload,
    Status,
)
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.reading import read_groupchat
from termxmpp.xmpp.stanzas import IncomingMessage, IncomingPresence

__all__ = ["FEATURE"]

logger = logging.getLogger(__name__)

# A room that may let us in later is asked again after 15, 30, 60 … seconds, at most this long.
FIRST_RETRY, LONGEST_RETRY = 15.0, 600.0

# Of a room without an archive we ask for what was said since the last that we know. Its clock
# may go after ours, and what is told twice is recorded once.
CLOCK_MARGIN = timedelta(hours=1)

# Why we are out, the strongest word first: (words, whether that is for good).
_EXITS = {
    Status.SHUTDOWN: (_("The room's service is shut down."), False),
    Status.UNREACHABLE: (_("The room has lost the way to you."), False),
    Status.BANNED: (_("You are banned from this room."), True),
    Status.MEMBERS_ONLY: (_("The room is for members only now, and you are none."), True),
    Status.AFFILIATION: (_("You have lost the right to be in this room."), True),
    Status.KICKED: (_("You were put out of this room."), True),
}
_GONE = (_("You are not in this room any more."), False)

# Why we are not let in (§7.2): (words, whether that is for good).
_REFUSALS = {
    "not-authorized": (_("it wants a password, which termxmpp can't give yet"), True),
    "registration-required": (_("it is for members only: ask an owner to make you one"), True),
    "forbidden": (_("you are banned from it"), True),
    "not-allowed": (_("there is no such room, and you may not make one"), True),
    "not-acceptable": (
        _("another nick is reserved for you: /join {room} NICK with that one"),
        True,
    ),
    "jid-malformed": (_("the address is malformed"), True),
    "gone": (_("it is gone"), True),
    "conflict": (_("{nick} is somebody else there: /join {room} NICK with another one"), False),
    "item-not-found": (_("it is locked until its owner has set it up"), False),
    "service-unavailable": (_("it is full, or nothing is there"), False),
    "remote-server-not-found": (_("there is no such server"), False),
    "remote-server-timeout": (_("its server does not answer"), False),
}

# What these conditions mean for a message to everybody, and for one to an occupant.
_ROOM_REASONS = {
    "not-acceptable": _("the room does not see you in it"),
    "forbidden": _("you may only listen in this room"),
    "item-not-found": _("there is no such room"),
    "service-unavailable": _("there is no such room"),
    "resource-constraint": _("too much was said at once"),
}
_OCCUPANT_REASONS = {
    "item-not-found": _("nobody has that nick in the room now"),
    "not-acceptable": _("you are not in the room"),
    "forbidden": _("private messages are not allowed in this room"),
}


class RoomsHandler(Handler):
    """Enters rooms, follows who is there, and takes what is said to everybody."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._delays: dict[Jid, float] = {}
        # How we stand there since when, as the rooms know it.
        self._told = ctx.state.presence

    async def online(self) -> None:
        """Enter every room that is wanted and that we are not in."""
        self._delays.clear()
        self._tell_presence()
        for room in self.ctx.state.rooms.values():
            if room.is_wanted and not room.is_in:
                self.ctx.spawn(_enter(self.ctx, room.jid, room.nick))

    async def resumed(self) -> None:
        # The link may have broken while we were about to enter.
        await self.online()

    def happened(self, event: Event) -> None:
        rooms = self.ctx.state.rooms
        match event:
            case OwnPresenceChanged() if self.ctx.is_online:
                self._tell_presence()
            case ConversationClosed(peer) if peer in rooms and rooms[peer].is_wanted:
                _leave(self.ctx, rooms[peer])

    def outgoing(self, peer: Jid, message: Message) -> Iterable[Payload]:
        # What is private among occupants is marked as such, for our other devices (§7.5).
        return (OccupantPayload(),) if self.ctx.state.is_occupant(peer) else ()

    # Who is there.

    @on_presence()
    def available(self, presence: IncomingPresence) -> bool:
        """Somebody is in the room; if it is we, everybody else has been told (§7.2.2)."""
        room, about, nick = self._read(presence)
        if room is None or not nick or room.standing is Standing.OUT:
            return room is not None or self._is_stray(presence)
        shown = Presence(Availability.of(presence.show), presence.status)
        occupant = Occupant(nick, about.role, about.affiliation, about.jid, shown)
        self.ctx.emit(OccupantChanged(room.jid, occupant))
        if Status.SELF in about.codes and not room.is_in:
            self._let_in(room, nick, is_new=Status.CREATED in about.codes)
        return True

    @on_presence("unavailable")
    def unavailable(self, presence: IncomingPresence) -> bool:
        """Somebody left, or has another nick now (§7.6)."""
        room, about, nick = self._read(presence)
        if room is None or not nick:
            return room is not None or self._is_stray(presence)
        if Status.RENAMED in about.codes and about.nick:
            self.ctx.emit(OccupantRenamed(room.jid, nick, about.nick))
        elif room.is_in and (Status.SELF in about.codes or nick == room.nick):
            self._put_out(room, about)
        elif room.standing is not Standing.OUT:
            self.ctx.emit(OccupantLeft(room.jid, nick))
        return True

    @on_presence("error")
    def refused(self, presence: IncomingPresence) -> bool:
        """We are not let in (§7.2), or may not have that nick."""
        room, __, nick = self._read(presence)
        if room is None or room.standing is Standing.OUT:
            return room is not None
        error = presence.error
        condition = error.condition if error is not None else ""
        words, is_for_good = _REFUSALS.get(condition, (condition or _("it gave no reason"), False))
        reason = words.format(room=room.jid, nick=nick or room.nick)
        if error is not None and error.text:
            reason += f" ({error.text})"
        if room.is_in:
            self._tell(
                room, _("That is not possible: {reason}.").format(reason=reason), is_error=True
            )
            return True
        self.ctx.emit(RoomLeft(room.jid, is_for_good))
        self._tell(
            room,
            _("{jid} does not let you in: {reason}.").format(jid=room.jid, reason=reason),
            is_error=True,
        )
        if not is_for_good:
            self._try_later(room)
        return True

    # What is said.

    @on_message("groupchat")
    def receive(self, message: IncomingMessage) -> bool:
        """Something was said to everybody, or it is what the room is about (§8.1)."""
        room = self.ctx.state.rooms.get(message.sender.bare) if message.sender else None
        if message.route is not Route.LIVE or room is None or room.standing is Standing.OUT:
            logger.warning("%s is no room that we are in: dropped", message.sender)
            return True
        if message.body is None and message.subject is not None:
            self.ctx.emit(SubjectChanged(room.jid, message.subject))
            return True
        ctx = self.ctx
        said = read_groupchat(message, room, ctx.state.account, ctx.now(), ctx.new_id)
        if said is not None:
            ctx.emit(MessageReceived(room.jid, said))
        return True

    @on_message("error")
    def bounce(self, message: IncomingMessage) -> bool:
        """What we said was not taken by the room, or not by an occupant."""
        room = self.ctx.state.rooms.get(message.sender.bare) if message.sender else None
        if room is None or message.sender is None or not message.id:
            return False
        is_to_all = message.sender == room.jid
        words = _ROOM_REASONS if is_to_all else _OCCUPANT_REASONS
        reason = bounce_reason(message.error, words)
        self.ctx.emit(FateChanged(message.sender, message.id, Fate.FAILED, reason))
        is_unseen = message.error is not None and message.error.condition == "not-acceptable"
        if is_to_all and is_unseen and room.is_in:
            # It has lost us without a word.
            self.ctx.spawn(_enter(self.ctx, room.jid, room.nick))
        return True

    # How.

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

    def _let_in(self, room: Room, nick: str, *, is_new: bool) -> None:
        self._delays.pop(room.jid, None)
        if nick != room.nick:
            self._tell(room, _("The room calls you {nick}.").format(nick=nick))
        if is_new:
            self.ctx.spawn(_open(self.ctx, room.jid, nick))
        else:
            self.ctx.emit(RoomEntered(room.jid, nick))

    def _put_out(self, room: Room, about: OccupantPayload) -> None:
        codes = (code for code in _EXITS if code in about.codes)
        words, is_for_good = _EXITS[code] if (code := next(codes, None)) else _GONE
        reason = about.reason
        if about.destruction is not None:
            words, is_for_good = _("The room was destroyed."), True
            reason = about.destruction.reason
        if reason:
            words = f"{words.removesuffix('.')}: {reason}"
        if about.destruction is not None and about.destruction.instead is not None:
            words += "\n" + _("Go to {room} instead: /join.").format(room=about.destruction.instead)
        self.ctx.emit(RoomLeft(room.jid, is_for_good))
        way_back = _("/join {jid} tries to enter it again.").format(jid=room.jid)
        if not is_for_good:
            way_back = _("It is entered again by itself; /leave {jid} gives it up.").format(
                jid=room.jid
            )
            self._try_later(room)
        self._tell(room, f"{words}\n{way_back}", is_error=True)

    def _try_later(self, room: Room) -> None:
        delay = self._delays.get(room.jid, FIRST_RETRY)
        self._delays[room.jid] = min(2 * delay, LONGEST_RETRY)
        self.ctx.spawn(self._try_again(room, delay))

    async def _try_again(self, room: Room, delay: float) -> None:
        await asyncio.sleep(delay)
        if room.is_wanted and room.standing is Standing.OUT and self.ctx.is_online:
            await _enter(self.ctx, room.jid, room.nick)

    def _tell_presence(self) -> None:
        """Our server tells our contacts, but no rooms (§7.7)."""
        if self._told != self.ctx.state.presence:
            self._told = self.ctx.state.presence
            for room in self.ctx.state.rooms.values():
                if room.is_in:
                    _announce(self.ctx, room.me)

    def _tell(self, room: Room, text: str, *, is_error: bool = False) -> None:
        self.ctx.emit(NoticeGiven(Notice(text, self.ctx.now(), is_error), room.jid))


async def _enter(ctx: Context, jid: Jid, nick: str) -> None:
    """Ask to be let in, after a look at what the room can (§6.4, §7.2)."""
    ctx.emit(RoomRequested(jid, nick))
    if not ctx.is_online:
        return
    try:
        answer = (await ctx.get(jid, DiscoPayload())).get(DiscoPayload)
    except ConnectionFailed:
        # The next session enters it.
        return
    except RemoteError:
        # It may not exist yet; the answer to our presence tells.
        answer = None
    room = ctx.state.rooms[jid]
    if room.standing is not Standing.ENTERING or room.nick != nick or not ctx.is_online:
        return
    found = answer or DiscoPayload()
    if found.identities and all(each.category != "conference" for each in found.identities):
        ctx.emit(RoomLeft(jid, is_for_good=True))
        ctx.emit(
            NoticeGiven(
                Notice(_("{jid} is no room.").format(jid=jid), ctx.now(), is_error=True), jid
            )
        )
        return
    ctx.emit(RoomDiscovered(jid, frozenset(found.namespaces)))
    payload = EnterPayload(wants_history=not room.has_archive, since=_known_until(ctx, jid))
    _announce(ctx, room.me, payload)


def _known_until(ctx: Context, jid: Jid) -> datetime | None:
    """Since when something may have been said in the room that we don't know."""
    known = [
        entry.at
        for entry in ctx.state.conversation(jid).entries
        if isinstance(entry, Message) and entry.fate in (None, Fate.ACKNOWLEDGED)
    ]
    return known[-1] - CLOCK_MARGIN if known else None


async def _open(ctx: Context, jid: Jid, nick: str) -> None:
    """Open the room that we have just made, as its service would have it (§10.1.2)."""
    namespaces: frozenset[str] = frozenset()
    try:
        await ctx.set(jid, InstantRoomPayload())
        answer = (await ctx.get(jid, DiscoPayload())).get(DiscoPayload)
        namespaces = frozenset(answer.namespaces if answer is not None else ())
    except ConnectionFailed:
        return
    except RemoteError as error:
        ctx.emit(NoticeGiven(Notice(str(error), ctx.now(), is_error=True), jid))
    if ctx.state.rooms[jid].standing is Standing.ENTERING:
        ctx.emit(RoomDiscovered(jid, namespaces))
        ctx.emit(RoomEntered(jid, nick))


def _announce(ctx: Context, occupant: Jid, *payloads: Payload) -> None:
    """Send our presence to our address in a room."""
    presence = ctx.state.presence
    ctx.send(
        stanzas.presence(
            occupant,
            show=presence.show,
            status=presence.status,
            payloads=[*payloads, *ctx.presence_payloads()],
        )
    )


def _leave(ctx: Context, room: Room) -> None:
    if ctx.is_online and room.standing is not Standing.OUT:
        ctx.send(stanzas.presence(room.me, type="unavailable"))
    ctx.emit(RoomLeft(room.jid, is_for_good=True))


@command("join")
def join(ctx: CommandContext, room: Annotated[Jid, Kind.ROOM], nick: str | None = None) -> None:
    """Enter ROOM as NICK, now and in every session until you leave it.

    Without NICK you are called as the last time, or by the first part of your address. In a
    room that you are in it changes your nick. A room that does not exist is made.
    """
    jid, state = room.bare, ctx.client.state
    if not jid.local:
        raise UserError(
            _("{jid} has no room before the @: /join ROOM@{domain}.").format(
                jid=jid, domain=jid.domain
            )
        )
    known = state.rooms.get(jid)
    wanted = nick or room.resource or (known.nick if known else "") or state.account.local
    me = Jid.parse(f"{jid}/{wanted}")
    ctx.show(jid)
    if known is not None and known.is_in and me.resource != known.nick:
        _announce(ctx.client, me)
        return
    if not ctx.client.is_online:
        ctx.tell(_("{jid} is entered as soon as you are connected.").format(jid=jid))
    ctx.client.spawn(_enter(ctx.client, jid, me.resource))


@command("leave")
def leave(ctx: CommandContext, room: Annotated[Jid, Kind.ROOM] | None = None) -> None:
    """Leave ROOM, or the one looked at, for good; what was said stays."""
    found = ctx.room(room)
    if not found.is_wanted:
        raise UserError(_("You are not in {jid}.").format(jid=found.jid))
    _leave(ctx.client, found)
    ctx.tell(_("You have left {jid}; /join {jid} enters it again.").format(jid=found.jid))


@command("who")
def who(ctx: CommandContext, room: Annotated[Jid, Kind.ROOM] | None = None) -> None:
    """List who is in ROOM, or the one looked at."""
    found = ctx.entered_room(room)
    roles = list(Role)
    present = sorted(
        found.occupants.values(),
        key=lambda each: (roles.index(each.role), each.nick.casefold()),
    )
    columns = max((width(each.nick) for each in present), default=0)
    lines = [_("{count} in {jid}:").format(count=len(present), jid=found.jid)]
    for each in present:
        gap = " " * (columns - width(each.nick))
        lines.append(f"{each.nick}{gap}  {_occupant_words(each)}")
    ctx.tell("\n".join(lines))


def _occupant_words(occupant: Occupant) -> str:
    words = [occupant.role.words]
    if occupant.affiliation is not Affiliation.NONE:
        words.append(occupant.affiliation.words)
    words.append(occupant.presence.availability.words)
    if occupant.jid is not None:
        words.append(str(occupant.jid.bare))
    return ", ".join(words)


FEATURE = Feature("XEP-0045", "Multi-User Chat", (NS,), RoomsHandler, (join, leave, who))
