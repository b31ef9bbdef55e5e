"""`/info`: who or what somebody is, as far as it is known here or told by whoever is asked.

What is known here is told at once, what others answer (XEP-0012, 0030, 0054, 0092, 0157, 0202,
0292) behind it, together, as soon as all have answered or are waited for no longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated

from termxmpp.asking import PATIENCE, abilities_of, ask, told_by_card
from termxmpp.commands.registry import Kind, command
from termxmpp.core.archive import ARCHIVE
from termxmpp.core.jid import Jid
from termxmpp.core.message import Notice
from termxmpp.core.room import Affiliation, Room
from termxmpp.core.roster import Availability, Presence
from termxmpp.core.spans import absence, span
from termxmpp.core.table import aligned
from termxmpp.errors import RemoteError, UserError
from termxmpp.feature import CommandContext, Context, Feature
from termxmpp.portraits import portrait_of
from termxmpp.private import kept
from termxmpp.transfers.pictures import small_picture
from termxmpp.words import _, ngettext
from termxmpp.xmpp.disco import DiscoPayload
from termxmpp.xmpp.entity_time import TimePayload
from termxmpp.xmpp.last_activity import LastPayload
from termxmpp.xmpp.muc import ROOM_INFO
from termxmpp.xmpp.notes import STORAGE, note_in
from termxmpp.xmpp.vcard import Field
from termxmpp.xmpp.version import VersionPayload

__all__ = ["FEATURE"]

# So many devices of one contact are asked.
MOST_ASKED = 6

SERVER_INFO = "http://jabber.org/network/serverinfo"

# What of a card is told here; `/vcard` tells all of it.
FROM_CARD = (Field.NAME, Field.NICKNAME, Field.EMAIL, Field.PHONE, Field.URL)

_ROOM_FEATURES = {
    "muc_passwordprotected": _("a password is needed"),
    "muc_membersonly": _("for members only"),
    "muc_moderated": _("not everybody may speak"),
    "muc_hidden": _("not listed"),
    "muc_public": _("listed"),
    "muc_persistent": _("stays when empty"),
    "muc_temporary": _("ends with its last occupant"),
    "muc_nonanonymous": _("everybody sees your address"),
    "muc_semianonymous": _("moderators see your address"),
    ARCHIVE: _("keeps an archive"),
}
_ROOM_FIELDS = {
    "muc#roominfo_description": _("description"),
    "muc#roominfo_subject": _("topic"),
    "muc#roominfo_occupants": _("people"),
    "muc#roominfo_lang": _("language"),
    "muc#roominfo_contactjid": _("contact"),
    "muc#roominfo_logs": _("archive"),
}
_CONTACTS = {
    "abuse-addresses": _("abuse"),
    "admin-addresses": _("administrators"),
    "support-addresses": _("support"),
    "security-addresses": _("security"),
    "status-addresses": _("status"),
    "feedback-addresses": _("feedback"),
    "sales-addresses": _("sales"),
}

# What is of use to know of the other side's program.
_ABILITIES = {
    "urn:xmpp:receipts": _("receipts"),
    "urn:xmpp:chat-markers:0": _("read marks"),
    "http://jabber.org/protocol/chatstates": _("who is writing"),
    "urn:xmpp:message-correct:0": _("corrections"),
    "urn:xmpp:reply:0": _("answers"),
    "urn:xmpp:reactions:0": _("reactions"),
    "urn:xmpp:message-retract:1": _("retractions"),
}

Rows = list[tuple[str, str]]


@command("info")
async def info(ctx: CommandContext, jid: Annotated[Jid, Kind.JID] | None = None) -> None:
    """Tell who or what JID is: a contact, an occupant, a room, a server.

    Without JID it is about the peer here, or in the console about your server.
    """
    client = ctx.client
    named = jid or ctx.peer or Jid("", client.state.account.domain)
    who = client.state.peer_of(named)
    known = list(_known(client, who))
    if known:
        _tell(ctx, _title(client, who), known)
    if not client.is_online:
        if not known:
            ctx.tell(_("While you are offline nobody can be asked about {jid}.").format(jid=who))
        return
    told, noted = await asyncio.gather(_told(client, named), _noted(client, who))
    if told or not known:
        _tell(ctx, _("{jid} says of itself:").format(jid=who), told)
    if noted:
        ctx.tell(_("Your note about {jid}: {note}").format(jid=who, note=noted))
    if who.local:
        await _show_portrait(ctx, who)


async def _show_portrait(ctx: CommandContext, who: Jid) -> None:
    """The picture of somebody, or of a room, below a line that says whose it is."""
    data = await portrait_of(ctx.client, who)
    if data is None:
        return
    try:
        picture = await small_picture(data)
    except UserError:
        ctx.tell(
            _("{jid} shows a picture; to see it: pip install 'termxmpp[pictures]'").format(jid=who)
        )
    except RemoteError:
        # It is none that can be shown, which says nothing of who it is.
        return
    else:
        words = _("The picture that {jid} shows:").format(jid=who)
        ctx.notice(Notice(words, ctx.client.now(), picture=picture))


def _tell(ctx: CommandContext, heading: str, rows: Rows) -> None:
    lines = aligned(rows) if rows else [_("nothing, or not to you")]
    ctx.tell("\n".join([heading, *(f"  {line}" for line in lines)]))


def _title(client: Context, who: Jid) -> str:
    title = client.state.title_of(who)
    return f"{who}:" if title == str(who) else f"{title} <{who}>:"


# What is known here.


def _known(client: Context, who: Jid) -> Iterable[tuple[str, str]]:
    state = client.state
    room = state.rooms.get(who.bare)
    if room is not None:
        yield from _known_of_occupant(room, who.resource) if who.resource else _known_of_room(room)
        return
    contact = state.contacts.get(who)
    if contact is not None:
        if contact.groups:
            yield _("groups"), ", ".join(contact.groups)
        yield _("subscription"), contact.subscription_words
    nick = state.nicks.get(who)
    if nick and (contact is None or nick != contact.name):
        way = f"/roster rename {who} {nick}" if contact is not None else f"/roster add {who} {nick}"
        yield (
            _("calls itself"),
            _("{nick} ({command} takes that over)").format(nick=nick, command=way),
        )
    blocked = state.block_of(who)
    if blocked is not None:
        yield _("blocked"), f"/unblock {blocked}"
    resources = state.resources_of(who)
    for name in sorted(resources, key=lambda each: (-resources[each].priority, each)):
        yield name or "-", _presence_words(client, resources[name])
    if contact is not None and not resources:
        yield _("presence"), Availability.OFFLINE.words


def _presence_words(client: Context, presence: Presence) -> str:
    words = [presence.availability.words]
    if presence.status:
        words[0] += f": {presence.status}"
    words.append(_("priority {number}").format(number=presence.priority))
    words.append(absence(presence.idle_since, client.now()))
    return "; ".join(filter(None, words))


def _known_of_room(room: Room) -> Iterable[tuple[str, str]]:
    yield _("you are"), f"{room.nick}, {room.standing.words}" if room.is_in else room.standing.words
    if room.is_in:
        count = len(room.occupants)
        yield (
            _("people"),
            ngettext("{count} is there", "{count} are there", count).format(count=count),
        )
    if room.subject:
        yield _("topic"), room.subject


def _known_of_occupant(room: Room, nick: str) -> Iterable[tuple[str, str]]:
    occupant = room.occupants.get(nick)
    if occupant is None:
        yield _("presence"), _("nobody has that nick in the room now")
        return
    yield _("role here"), occupant.role.value
    if occupant.affiliation is not Affiliation.NONE:
        yield _("affiliation"), occupant.affiliation.value
    if occupant.jid is not None:
        yield _("address"), str(occupant.jid)
    status = f": {occupant.presence.status}" if occupant.presence.status else ""
    yield _("presence"), occupant.presence.availability.words + status


# What others tell.


async def _told(client: Context, named: Jid) -> Rows:
    state = client.state
    who = state.peer_of(named)
    if state.is_occupant(who):
        is_there = who.resource in state.rooms[who.bare].occupants
        return await _told_by_person(client, who, [who] if is_there else [])
    if who in state.contacts or who == state.account:
        return await _told_by_person(client, who, _devices(client, named))
    found = await ask(client, who, DiscoPayload(), DiscoPayload) or DiscoPayload()
    is_conference = any(each.category == "conference" for each in found.identities)
    if who in state.rooms or (is_conference and who.local):
        return _told_by_room(found)
    if who.local:
        return await _told_by_person(client, who, [named] if named.resource else [])
    return await _told_by_server(client, who, found)


def _devices(client: Context, who: Jid) -> list[Jid]:
    """Where to ask a contact: at the device that was named, or at those that there are."""
    if who.resource:
        return [who]
    resources = client.state.resources_of(who)
    best = sorted(resources, key=lambda each: (-resources[each].priority, each))
    return [who.with_resource(name) for name in best if name][:MOST_ASKED]


async def _told_by_person(client: Context, who: Jid, devices: Sequence[Jid]) -> Rows:
    """What the card says, the account of when it was left, and the devices of themselves."""
    card, last, words = await asyncio.gather(
        told_by_card(client, who),
        _left(client, who, is_there=bool(devices)),
        asyncio.gather(*(_told_by_device(client, each) for each in devices)),
    )
    rows = [(field.words, value) for field, value in card if field in FROM_CARD]
    rows += [(_("last there"), last)] if last else []
    for device, (said, can) in zip(devices, words, strict=True):
        rows += [(device.resource, said)] if said else []
        rows += [("" if said else device.resource, can)] if can else []
    return rows


async def _noted(client: Context, who: Jid) -> str:
    """What the user has noted about somebody (XEP-0145)."""
    if not who.local or who.bare in client.state.rooms:
        return ""
    try:
        async with asyncio.timeout(PATIENCE):
            return note_in(await kept(client, STORAGE), who)
    except (RemoteError, TimeoutError):
        return ""


async def _left(client: Context, who: Jid, *, is_there: bool) -> str:
    """When nobody is there: since when (XEP-0012 §3)."""
    if is_there or client.state.is_occupant(who):
        return ""
    last = await ask(client, who, LastPayload(), LastPayload)
    if last is None or last.seconds is None:
        return ""
    ago = _("{span} ago").format(span=span(last.seconds))
    return f"{ago}: {last.status}" if last.status else ago


async def _told_by_device(client: Context, device: Jid) -> tuple[str, str]:
    """Its program, for how long nobody touched it, and what time it is there; and what it can."""
    (program, seconds, at), abilities = await asyncio.gather(
        _asked(client, device), abilities_of(client, device)
    )
    words = [program] if program else []
    if seconds:
        words.append(_("untouched for {span}").format(span=span(seconds)))
    if at is not None:
        words.append(_("{time} there").format(time=f"{at:%H:%M (UTC%z)}"))
    can = [words for name, words in _ABILITIES.items() if name in abilities]
    told = _("knows {abilities}").format(abilities=", ".join(can)) if can else ""
    return "; ".join(words), told


async def _asked(client: Context, who: Jid) -> tuple[str, int | None, datetime | None]:
    """The program at `who`, for how many seconds it has been idle or up, and its clock."""
    version, last, time = await asyncio.gather(
        ask(client, who, VersionPayload(), VersionPayload),
        ask(client, who, LastPayload(), LastPayload),
        ask(client, who, TimePayload(), TimePayload),
    )
    return (
        version.words if version is not None else "",
        last.seconds if last is not None else None,
        time.at if time is not None else None,
    )


def _told_by_room(found: DiscoPayload) -> Rows:
    rows = [(_("room"), each.name) for each in found.identities if each.name][:1]
    rows += _said(found.values(ROOM_INFO), _ROOM_FIELDS)
    can = [words for name, words in _ROOM_FEATURES.items() if name in found.namespaces]
    return rows + ([(_("it is"), "; ".join(can))] if can else [])


async def _told_by_server(client: Context, who: Jid, found: DiscoPayload) -> Rows:
    program, seconds, at = await _asked(client, who)
    rows = [(_("is"), f"{each.category}/{each.type} {each.name}") for each in found.identities[:3]]
    rows += [(_("software"), program)] if program else []
    rows += [(_("runs for"), span(seconds))] if seconds is not None else []
    rows += [(_("time"), f"{at:%Y-%m-%d %H:%M:%S (UTC%z)}")] if at is not None else []
    return rows + _said(found.values(SERVER_INFO), _CONTACTS)


def _said(values: Mapping[str, Sequence[str]], labels: Mapping[str, str]) -> Rows:
    """What of a form is said, in the order of the `labels` for its fields."""
    found = ((words, ", ".join(values.get(name, ()))) for name, words in labels.items())
    return [(words, text) for words, text in found if text]


FEATURE = Feature(
    "XEP-0128",
    "Service Discovery Extensions",
    commands=(info,),
    version="1.0.1",
    note="told by /info and /disco",
)
