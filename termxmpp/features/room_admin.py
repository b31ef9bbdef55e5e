"""XEP-0045 §9 and §10: what admins and owners do: who belongs to a room for good, and its end."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import Annotated

from termxmpp.commands.registry import Kind, Rest, command
from termxmpp.core.events import MembershipAnswered
from termxmpp.core.jid import Jid
from termxmpp.core.room import Affiliation, Occupant, Room
from termxmpp.core.table import aligned
from termxmpp.errors import RemoteError, UserError
from termxmpp.feature import CommandContext, Context, Feature
from termxmpp.words import _, ngettext
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.forms import Field, Form
from termxmpp.xmpp.muc_admin import AdminPayload, DestroyPayload, Item, refusal
from termxmpp.xmpp.muc_words import said

__all__ = ["FEATURE"]


# Where the form asks whether somebody may be a member.
ALLOW = "muc#register_allow"

# So many of a list are told at once.
MOST_TOLD = 200


class Listed(StrEnum):
    """The affiliations of which a room keeps lists (§5.2)."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    OUTCAST = "outcast"


class Given(StrEnum):
    """The affiliations that can be given; `none` takes it away."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    OUTCAST = "outcast"
    NONE = "none"


@command("ban")
async def ban(
    ctx: CommandContext, who: Annotated[str, Kind.NICK], reason: Rest | None = None
) -> None:
    """Put WHO, a nick or an address, out of this room for good.

    `/affiliation JID none` lets somebody in again, `/affiliation list outcast` says who is banned.
    """
    room = ctx.entered_room()
    await _affiliate(ctx, room, who, Affiliation.OUTCAST, reason or "")
    ctx.tell(_("{who} is banned from {room}.").format(who=who, room=room.jid))


@command("affiliation list")
async def list_affiliated(
    ctx: CommandContext, affiliation: Listed, text: Rest | None = None
) -> None:
    """List who is an owner, admin or member of this room, or banned from it.

    With TEXT only those are listed in whose address, nick or reason it stands.
    """
    room = ctx.entered_room()
    await _tell_lists(ctx, room, (Affiliation(affiliation.value),), text or "")


def _answers_request(client: Context, room: Room, nick: str, affiliation: Given) -> bool:
    """Whether the room has asked whether `nick` may be a member (§9.9), and is told so."""
    request = client.state.requested_memberships.get((room.jid, nick))
    if request is None or affiliation not in (Given.MEMBER, Given.NONE):
        return False
    values = dict(request.values) | {ALLOW: ("1" if affiliation is Given.MEMBER else "0",)}
    fields = (
        Field(name, "hidden" if name == "FORM_TYPE" else "text-single", given)
        for name, given in values.items()
    )
    form = Form("submit", tuple(fields))
    id = request.id or client.new_id()
    client.send(stanzas.message(room.jid, id=id, type="normal", payloads=[form]))
    client.emit(MembershipAnswered(room.jid, nick))
    return True


@command("affiliation")
async def affiliate(
    ctx: CommandContext,
    who: Annotated[str | None, Kind.NICK] = None,
    affiliation: Given | None = None,
    reason: Rest | None = None,
) -> None:
    """List who belongs to this room, tell what WHO is to it, or make WHO that for good.

    WHO is a nick or an address. A member may enter a room that is for members only, an admin
    bans and makes members, an owner may do everything, an outcast is banned.
    """
    room = ctx.entered_room()
    if who is None:
        await _tell_lists(ctx, room, tuple(Affiliation(each.value) for each in Listed))
    elif affiliation is None:
        await _tell_one(ctx, room, who)
    elif _answers_request(ctx.client, room, who, affiliation):
        words = (
            _("{room} is told that {who} may be a member.")
            if affiliation is Given.MEMBER
            else _("{room} is told that {who} is to be no member.")
        )
        ctx.tell(words.format(room=room.jid, who=who))
    else:
        wanted = Affiliation(affiliation.value)
        await _affiliate(ctx, room, who, wanted, reason or "")
        ctx.tell(_("{who} is from now on: {what}.").format(who=who, what=wanted.words))


@command("destroy")
async def destroy(
    ctx: CommandContext,
    room: Annotated[Jid | None, Kind.ROOM] = None,
    reason: Rest | None = None,
) -> None:
    """Let there be ROOM no more, for anybody; only its owner can do that.

    Its address must be typed, so that it does not happen by chance.
    """
    if room is None:
        raise UserError(
            _("Nothing brings a room back: /destroy {room} [REASON] destroys this one.").format(
                room=ctx.entered_room().jid
            )
        )
    found = ctx.entered_room(room)
    try:
        await ctx.client.set(found.jid, DestroyPayload(reason or ""))
    except RemoteError as error:
        raise refusal(error, found, Affiliation.OWNER) from None


@command("destroy moved")
async def destroy_moved(
    ctx: CommandContext,
    room: Annotated[Jid, Kind.ROOM],
    to: Annotated[Jid, Kind.ROOM],
    reason: Rest | None = None,
) -> None:
    """Let there be ROOM no more, and tell all who are there that the room TO takes its place."""
    found = ctx.entered_room(room)
    if to.bare == found.jid or not to.local:
        raise UserError(_("{jid} can't take its place: name another room.").format(jid=to))
    try:
        await ctx.client.set(found.jid, DestroyPayload(reason or "", to.bare))
    except RemoteError as error:
        raise refusal(error, found, Affiliation.OWNER) from None


def _named(room: Room, who: str) -> Item:
    """Whom of `room` the user means: its real address where that is known."""
    occupant = room.occupants.get(who)
    if occupant is not None:
        return Item(jid=occupant.jid.bare) if occupant.jid else Item(nick=who)
    if "@" not in who and "." not in who:
        raise UserError(
            _("Nobody is called {who} in {room}; whoever is not there has an address.").format(
                who=who, room=room.jid
            )
        )
    return Item(jid=Jid.parse(who).bare)


async def _affiliate(
    ctx: CommandContext, room: Room, who: str, affiliation: Affiliation, reason: str
) -> None:
    named = _named(room, who)
    present = _present(room, named)
    # Owners and admins are made and unmade by owners only (§10).
    high = (Affiliation.OWNER, Affiliation.ADMIN)
    is_high = affiliation in high or (present is not None and present.affiliation in high)
    item = Item(affiliation, None, named.jid, named.nick, reason)
    try:
        await ctx.client.set(room.jid, AdminPayload((item,)))
    except RemoteError as error:
        needed = Affiliation.OWNER if is_high else Affiliation.ADMIN
        raise refusal(error, room, needed) from None


def _present(room: Room, named: Item) -> Occupant | None:
    if named.nick:
        return room.occupants.get(named.nick)
    found = (each for each in room.occupants.values() if each.jid and each.jid.bare == named.jid)
    return next(found, None)


async def _tell_one(ctx: CommandContext, room: Room, who: str) -> None:
    named = _named(room, who)
    present = _present(room, named)
    found = present.affiliation if present is not None else None
    if found is None:
        lists = await asyncio.gather(
            *(_list(ctx.client, room, Affiliation(each.value)) for each in Listed)
        )
        known = (each for items in lists for each in items or () if each.jid == named.jid)
        found = next((each.affiliation for each in known), None)
    words = (found or Affiliation.NONE).words
    ctx.tell(_("{who} is to {room}: {what}.").format(who=who, room=room.jid, what=words))


async def _tell_lists(
    ctx: CommandContext, room: Room, affiliations: tuple[Affiliation, ...], text: str = ""
) -> None:
    """Tell those lists that the room shows us; RemoteError if it shows none."""
    lists = await asyncio.gather(
        *(_list(ctx.client, room, each) for each in affiliations), return_exceptions=True
    )
    errors = [each for each in lists if isinstance(each, BaseException)]
    if len(errors) == len(lists):
        raise errors[0]
    found = [item for each in lists if not isinstance(each, BaseException) for item in each]
    if not found:
        ctx.tell(_("There is nobody on that list of {room}.").format(room=room.jid))
        return
    rows = [(str(item.jid or item.nick), _item_words(room, item)) for item in found]
    wanted = text.casefold()
    rows = [row for row in rows if wanted in " ".join(row).casefold()]
    if not rows:
        words = _("There is nobody with {text} on that list of {room}.")
        ctx.tell(words.format(text=text, room=room.jid))
        return
    lines = [_("Who belongs to {room}:").format(room=room.jid), *aligned(rows[:MOST_TOLD])]
    more = len(rows) - MOST_TOLD
    if more > 0:
        words = ngettext(
            "and {count} more: /affiliation list member TEXT looks for some of them",
            "and {count} more: /affiliation list member TEXT looks for some of them",
            more,
        )
        lines.append(words.format(count=more))
    ctx.tell("\n".join(lines))


async def _list(client: Context, room: Room, affiliation: Affiliation) -> tuple[Item, ...]:
    try:
        answer = await client.get(room.jid, AdminPayload((Item(affiliation),)))
    except RemoteError as error:
        raise refusal(error, room, Affiliation.ADMIN) from None
    found = answer.get(AdminPayload)
    return found.items if found is not None else ()


def _item_words(room: Room, item: Item) -> str:
    words = [(item.affiliation or Affiliation.NONE).words]
    present = _present(room, item)
    nick = present.nick if present is not None else item.nick
    if nick:
        words.append(said(nick))
    if item.reason:
        words.append(said(item.reason))
    return ", ".join(words)


FEATURE = Feature(
    "XEP-0045 §9",
    "Multi-User Chat: admins and owners",
    commands=(ban, affiliate, list_affiliated, destroy, destroy_moved),
)
