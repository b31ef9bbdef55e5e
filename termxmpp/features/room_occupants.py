"""XEP-0045 §5: who is in a room and may do what there, and who comes and goes.

Comings and goings are told in one line, which changes for as long as nothing else is said: who
comes back or goes again at once is no news.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from termxmpp.commands.registry import Kind, command
from termxmpp.core.comings import Comings, shown_nick
from termxmpp.core.events import (
    Event,
    NoticeFolded,
    OccupantChanged,
    OccupantLeft,
    OccupantRenamed,
    RoomLeft,
)
from termxmpp.core.jid import Jid
from termxmpp.core.message import Notice
from termxmpp.core.room import Affiliation, Occupant, Role
from termxmpp.core.text import one_line, width
from termxmpp.feature import CommandContext, Context, Feature, Handler
from termxmpp.words import _
from termxmpp.xmpp.disco import DiscoItemsPayload

__all__ = ["FEATURE"]

# Of a room that we are not in so many are listed.
MOST_OUTSIDE = 200

_HAT_COLUMNS = 30


class OccupantsHandler(Handler):
    """Tells who comes and goes, while the user wants to know."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._comings: dict[Jid, Comings] = {}

    def happened(self, event: Event) -> None:
        match event:
            case OccupantChanged(room, occupant, is_new=True):
                comings = self._now(room)
                if comings is not None:
                    comings.comes(occupant.nick, _with_hats(occupant))
                    self._tell(room, comings)
            case OccupantLeft(room, nick, is_told=False):
                comings = self._now(room)
                if comings is not None:
                    comings.goes(nick)
                    self._tell(room, comings)
            case OccupantRenamed(room, nick, new_nick) if not self._is_ours(room, new_nick):
                comings = self._now(room)
                if comings is not None:
                    comings.is_called(nick, new_nick)
                    self._tell(room, comings)
            case RoomLeft(room):
                self._comings.pop(room, None)

    def _is_ours(self, room: Jid, nick: str) -> bool:
        """Whether we are called so by now, which is told to us anyhow."""
        return self.ctx.state.rooms[room].nick == nick

    def _now(self, jid: Jid) -> Comings | None:
        """What has happened in the room since something was said; None if nobody is to know."""
        state = self.ctx.state
        if not self.ctx.tells_comings or not state.rooms[jid].is_in:
            return None
        if jid not in state.conversations:
            return None
        entries = state.conversations[jid].entries
        last = entries[-1] if entries else None
        if not isinstance(last, Notice) or not last.is_folded:
            self._comings[jid] = Comings()
        return self._comings.setdefault(jid, Comings())

    def _tell(self, jid: Jid, comings: Comings) -> None:
        notice = Notice(comings.words, self.ctx.now(), is_folded=True)
        self.ctx.emit(NoticeFolded(notice, jid))


def _with_hats(occupant: Occupant) -> str:
    hats = "".join(f" [{one_line(hat, _HAT_COLUMNS)}]" for hat in occupant.hats)
    return f"{shown_nick(occupant.nick)}{hats}"


@command("who")
async def who(ctx: CommandContext, room: Annotated[Jid, Kind.ROOM] | None = None) -> None:
    """List who is in ROOM, or the one looked at, with what each may do and is there.

    Of a ROOM that you are not in only the nicks are told, and only if it tells them to everybody.
    """
    known = ctx.client.state.rooms.get(room.bare) if room is not None else None
    if room is not None and (known is None or not known.is_in):
        await _tell_from_outside(ctx, room.bare)
        return
    found = ctx.entered_room(room)
    roles = list(Role)
    present = sorted(
        found.occupants.values(),
        key=lambda each: (roles.index(each.role), each.nick.casefold()),
    )
    shown = [shown_nick(each.nick) for each in present]
    columns = max(map(width, shown), default=0)
    lines = [_("{count} in {jid}:").format(count=len(present), jid=found.jid)]
    for each, nick in zip(present, shown, strict=True):
        gap = " " * (columns - width(nick))
        lines.append(f"{nick}{gap}  {', '.join(_occupant_words(each))}")
    ctx.tell("\n".join(lines))


async def _tell_from_outside(ctx: CommandContext, room: Jid) -> None:
    """Who is in a room that we are not in (§6.5)."""
    answer = (await ctx.client.get(room, DiscoItemsPayload())).get(DiscoItemsPayload)
    items = answer.items if answer is not None else ()
    nicks = sorted({each.jid.resource for each in items if each.jid.bare == room} - {""})
    if not nicks:
        ctx.tell(_("{jid} tells nobody who is there, or nobody is.").format(jid=room))
        return
    head = _("{count} in {jid}:").format(count=len(nicks), jid=room)
    ctx.tell("\n".join([head, *map(shown_nick, nicks[:MOST_OUTSIDE])]))


def _occupant_words(occupant: Occupant) -> Iterable[str]:
    yield occupant.role.words
    if occupant.affiliation is not Affiliation.NONE:
        yield occupant.affiliation.words
    for hat in occupant.hats:
        yield f"[{one_line(hat, _HAT_COLUMNS)}]"
    yield occupant.presence.availability.words
    if occupant.jid is not None:
        yield str(occupant.jid.bare)


FEATURE = Feature(
    "XEP-0317",
    "Hats",
    handler=OccupantsHandler,
    commands=(who,),
    version="0.3.1",
    note="shown; none is given",
    is_partial=True,
)
