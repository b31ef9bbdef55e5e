"""How a room is entered (XEP-0045 §7.2): a look at it, our nick, its password, our presence.

And how a room that is made by that is opened (§10.1). When rooms are entered is the matter of
`features.rooms`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from termxmpp.core.events import NoticeGiven, RoomDiscovered, RoomEntered, RoomLeft, RoomRequested
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Notice
from termxmpp.core.room import Standing
from termxmpp.errors import ConnectionFailed, RemoteError, TermxmppError
from termxmpp.feature import Context
from termxmpp.words import _
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.avatars import portraits_in
from termxmpp.xmpp.disco import DiscoPayload
from termxmpp.xmpp.forms import Form
from termxmpp.xmpp.muc import PROTECTED, EnterPayload
from termxmpp.xmpp.muc_owner import RoomFormPayload
from termxmpp.xmpp.payload import Payload

__all__ = ["announce", "enter", "open_new", "reserved_nick"]

# Of a room without an archive we ask for what was said since the last that we know. Its clock
# may go after ours, and what is told twice is recorded once.
CLOCK_MARGIN = timedelta(hours=1)

# Where a room tells the nick that is reserved for us (§7.12).
RESERVED_NICK = "x-roomuser-item"


async def enter(
    ctx: Context,
    jid: Jid,
    nick: str,
    password: str = "",
    ask: Callable[[str], Awaitable[str]] | None = None,
    *,
    is_named: bool = True,
) -> None:
    """Ask to be let in, after a look at what the room can (§6.4, §7.2).

    `ask` asks the user for the password that the room wants; TermxmppError where it gets none.
    Unless we have been given the nick (`is_named`), the room may know one for us (§7.12).
    """
    known = ctx.state.rooms.get(jid)
    wants_password = known is not None and known.wants_password
    ctx.emit(RoomRequested(jid, nick, password))
    if not ctx.is_online:
        return
    try:
        found, reserved = await asyncio.gather(
            _look_at(ctx, jid), _none() if is_named else reserved_nick(ctx, jid)
        )
    except ConnectionFailed:
        # The next session enters it.
        return
    if not _is_entering(ctx, jid, nick):
        return
    if found.identities and all(each.category != "conference" for each in found.identities):
        ctx.emit(RoomLeft(jid, is_for_good=True))
        words = _("{jid} is no room.").format(jid=jid)
        ctx.emit(NoticeGiven(Notice(words, ctx.now(), is_error=True), jid))
        return
    wants_password |= PROTECTED in found.namespaces
    if wants_password and not password and ask is not None:
        password = await _asked(ctx, jid, nick, ask)
        if not _is_entering(ctx, jid, nick):
            return
    if reserved not in ("", nick):
        ctx.emit(RoomRequested(jid, reserved, password))
    ctx.emit(RoomDiscovered(jid, frozenset(found.namespaces), portraits_in(found)))
    room = ctx.state.rooms[jid]
    payload = EnterPayload(not room.has_archive, _known_until(ctx, jid), password)
    announce(ctx, room.me, payload)


async def _look_at(ctx: Context, jid: Jid) -> DiscoPayload:
    """What `jid` is and can."""
    try:
        answer = await ctx.get(jid, DiscoPayload())
    except RemoteError:
        # It may not exist yet; the answer to our presence tells.
        return DiscoPayload()
    return answer.get(DiscoPayload) or DiscoPayload()


async def _none() -> str:
    return ""


def _is_entering(ctx: Context, jid: Jid, nick: str) -> bool:
    """Whether we still ask to enter `jid` as `nick`, after who knows how long."""
    room = ctx.state.rooms[jid]
    return room.standing is Standing.ENTERING and room.nick == nick and ctx.is_online


async def _asked(ctx: Context, jid: Jid, nick: str, ask: Callable[[str], Awaitable[str]]) -> str:
    """The password of the room, which it will be entered by."""
    try:
        password = await ask(_("Password of {room}:").format(room=jid))
    except TermxmppError:
        if _is_entering(ctx, jid, nick):
            ctx.emit(RoomLeft(jid, is_for_good=True))
        raise
    if _is_entering(ctx, jid, nick):
        ctx.emit(RoomRequested(jid, nick, password))
    return password


async def reserved_nick(ctx: Context, jid: Jid) -> str:
    """The nick that `jid` keeps for us (§7.12); empty where it keeps none."""
    try:
        answer = await ctx.get(jid, DiscoPayload(node=RESERVED_NICK))
    except (ConnectionFailed, RemoteError):
        return ""
    found = answer.get(DiscoPayload)
    names = (each.name for each in found.identities) if found is not None else ()
    jids = (Jid.parse_or_none(f"{jid}/{name}") for name in names if name)
    return next((each.resource for each in jids if each is not None), "")


def _known_until(ctx: Context, jid: Jid) -> datetime | None:
    """Since when something may have been said in the room that we don't know."""
    known = [
        entry.at
        for entry in ctx.state.conversation(jid).entries
        if isinstance(entry, Message) and entry.fate in (None, Fate.ACKNOWLEDGED)
    ]
    return known[-1] - CLOCK_MARGIN if known else None


async def open_new(ctx: Context, jid: Jid, nick: str) -> None:
    """Open the room that we have just made, as its service would have it (§10.1.2)."""
    namespaces: frozenset[str] = frozenset()
    try:
        await ctx.set(jid, RoomFormPayload(Form("submit")))
        answer = (await ctx.get(jid, DiscoPayload())).get(DiscoPayload)
        namespaces = frozenset(answer.namespaces if answer is not None else ())
    except ConnectionFailed:
        return
    except RemoteError as error:
        ctx.emit(NoticeGiven(Notice(str(error), ctx.now(), is_error=True), jid))
    if ctx.state.rooms[jid].standing is Standing.ENTERING:
        ctx.emit(RoomDiscovered(jid, namespaces))
        ctx.emit(RoomEntered(jid, nick))
        words = _("{jid} did not exist: you have made it, and own it. /configure sets it up.")
        ctx.emit(NoticeGiven(Notice(words.format(jid=jid), ctx.now()), jid))


def announce(ctx: Context, occupant: Jid, *payloads: Payload) -> None:
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
