"""XEP-0045 §5: who is in a room, and who may do what there."""

from __future__ import annotations

from typing import Annotated

from termxmpp.commands.registry import Kind, command
from termxmpp.core.jid import Jid
from termxmpp.core.room import Affiliation, Occupant, Role
from termxmpp.core.text import width
from termxmpp.feature import CommandContext, Feature
from termxmpp.words import _

__all__ = ["FEATURE"]


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


FEATURE = Feature("XEP-0045 §5", "Multi-User Chat: occupants", commands=(who,))
