"""XEP-0045 §6: which rooms there are, at our own server or elsewhere.

What a service lists is fetched in pages (XEP-0059) and looked through here; where an entity
looks for us (XEP-0433), it is asked to. How many are in a room is asked of the few that are told.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace

from termxmpp.commands.registry import Rest, command
from termxmpp.core.events import RoomsFound
from termxmpp.core.jid import Jid
from termxmpp.core.room import FoundRoom
from termxmpp.core.text import one_line, width
from termxmpp.errors import RemoteError, UserError
from termxmpp.feature import CommandContext, Context, Feature
from termxmpp.words import _, ngettext
from termxmpp.xmpp.browsing import SEARCH, FoundPayload, SearchPayload
from termxmpp.xmpp.disco import DiscoItemsPayload, DiscoPayload
from termxmpp.xmpp.muc import ROOM_INFO
from termxmpp.xmpp.paging import Page

__all__ = ["FEATURE"]

# So many are asked for at once, and so many pages are looked through.
PAGE, MOST_PAGES = 100, 20

# A server has some components; more than that nobody waits for.
MOST_SERVICES = 30

# So many are told; who does not find it there says more words.
TOLD = 50

# Of so many it is asked what they are about and how many are there, unless that is known.
LOOKED_AT = 20

_COUNT = re.compile(r"[0-9]{1,9}")

_NAME_COLUMNS, _ABOUT_COLUMNS = 40, 60


@command("rooms")
async def rooms(ctx: CommandContext, service: str | None = None, words: Rest | None = None) -> None:
    """List the rooms of SERVICE, or of your server, in whose names or topics all WORDS occur.

    SERVICE has a dot in it; without one it is the first of the words. A directory of rooms
    elsewhere, such as search.jabber.network, can be asked the same way. /join then completes
    what was found.
    """
    named = service if service is not None and "." in service else None
    wanted = " ".join(filter(None, (None if named else service, words)))
    services = [Jid.parse(named).bare] if named else await _services(ctx.client)
    if not services:
        raise UserError(_("Your server has no rooms of its own: /rooms SERVICE asks another one."))
    found = await asyncio.gather(
        *(_rooms_of(ctx.client, each, wanted) for each in services), return_exceptions=True
    )
    errors = [each for each in found if isinstance(each, BaseException)]
    if len(errors) == len(found):
        raise errors[0]
    listed = [room for each in found if not isinstance(each, BaseException) for room in each]
    if not listed:
        where = ", ".join(str(each) for each in services)
        none = _("No room was found at {where}; one that is hidden can be entered all the same.")
        ctx.tell(none.format(where=where))
        return
    known = await _with_facts(ctx.client, listed)
    known.sort(key=lambda each: (-(each.count or 0), str(each.jid)))
    ctx.client.emit(RoomsFound(tuple(known)))
    if not ctx.choose_room(known):
        ctx.tell("\n".join(_table(known[:TOLD], len(known))))


async def _services(client: Context) -> list[Jid]:
    """The services of rooms at our own server (§6.1)."""
    server = Jid("", client.state.account.domain)
    answer = (await client.get(server, DiscoItemsPayload())).get(DiscoItemsPayload)
    items = [each.jid for each in answer.items if not each.node] if answer is not None else []
    candidates = [each for each in items if not each.local][:MOST_SERVICES]
    found = await asyncio.gather(*(_info(client, each) for each in candidates))
    return [
        jid
        for jid, info in zip(candidates, found, strict=True)
        if any(each.category == "conference" for each in info.identities)
        and "http://jabber.org/protocol/muc" in info.namespaces
    ]


def _facts(info: DiscoPayload) -> tuple[str, int | None]:
    """What a room is about, and how many are in it, if it says that (XEP-0045 §15.5.4)."""
    told = info.values(ROOM_INFO)
    description, subject, number = (
        next(iter(told.get(f"muc#roominfo_{name}", ())), "")
        for name in ("description", "subject", "occupants")
    )
    return description or subject, int(number) if _COUNT.fullmatch(number) else None


async def _info(client: Context, jid: Jid) -> DiscoPayload:
    """What `jid` is and can; nothing where it does not say."""
    try:
        answer = await client.get(jid, DiscoPayload())
    except RemoteError:
        return DiscoPayload()
    return answer.get(DiscoPayload) or DiscoPayload()


async def _rooms_of(client: Context, service: Jid, words: str) -> list[FoundRoom]:
    info = await _info(client, service)
    if SEARCH in info.namespaces:
        answer = await client.get(service, SearchPayload(words, Page(max=PAGE)))
        found = answer.get(FoundPayload)
        return list(found.items) if found is not None else []
    items = await _items(client, service)
    parts = words.casefold().split()
    return [
        each
        for each in items
        if each.jid.local
        and all(part in f"{each.jid.local} {each.name}".casefold() for part in parts)
    ]


async def _items(client: Context, service: Jid) -> list[FoundRoom]:
    """All that `service` lists, page by page; each once, whatever the service repeats."""
    items: dict[Jid, FoundRoom] = {}
    after = None
    for _page in range(MOST_PAGES):
        answer = await client.get(service, DiscoItemsPayload(page=Page(max=PAGE, after=after)))
        found = answer.get(DiscoItemsPayload)
        if found is None:
            break
        before = len(items)
        # What has a node belongs to the service, but is no room.
        rooms = (FoundRoom(each.jid, each.name.strip()) for each in found.items if not each.node)
        items.update((each.jid, each) for each in rooms)
        page = found.page
        if page is None or not page.last or page.last == after or len(items) == before:
            break
        after = page.last
        if page.count is not None and len(items) >= page.count:
            break
    return list(items.values())


async def _with_facts(client: Context, found: Sequence[FoundRoom]) -> list[FoundRoom]:
    """The rooms with how many are in them, as far as they say it (§6.4)."""
    unknown = [each for each in found if each.count is None][:LOOKED_AT]
    infos = await asyncio.gather(*(_info(client, each.jid) for each in unknown))
    known = {
        each.jid: replace(
            each,
            # ejabberd puts the count there, too.
            name=each.name.removesuffix(f" ({count})"),
            count=count,
            description=each.description or description,
        )
        for each, (description, count) in zip(unknown, map(_facts, infos), strict=True)
    }
    return [known.get(each.jid, each) for each in found]


def _table(shown: Sequence[FoundRoom], count: int) -> list[str]:
    counts = ["" if each.count is None else str(each.count) for each in shown]
    addresses = [one_line(str(each.jid), _NAME_COLUMNS) for each in shown]
    first, second = max(map(len, counts)), max(map(width, addresses))
    head = ngettext("{count} room:", "{count} rooms:", count).format(count=count)
    lines = [head]
    for each, number, address in zip(shown, counts, addresses, strict=True):
        gap = " " * (second - width(address))
        about = one_line(each.about, _ABOUT_COLUMNS)
        lines.append(f"{number:>{first}}  {address}{gap}  {about}".rstrip())
    if count > len(shown):
        lines.append(
            _("{count} more are not shown: /rooms SERVICE WORDS says which you look for.").format(
                count=count - len(shown)
            )
        )
    lines.append(_("/join ROOM enters one."))
    return lines


FEATURE = Feature("XEP-0433", "Extended Channel Search", commands=(rooms,), version="0.1.0")
