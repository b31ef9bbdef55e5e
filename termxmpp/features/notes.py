"""XEP-0145 Annotations: the user's own notes about others, which only the own devices see.

They are fetched when they are wanted (`/info` shows them), since they are seldom wanted.
"""

from __future__ import annotations

from termxmpp.commands.registry import Name, command
from termxmpp.feature import CommandContext, Feature
from termxmpp.private import keep, kept
from termxmpp.words import _
from termxmpp.xmpp.notes import STORAGE, note_in, with_note

__all__ = ["FEATURE"]


@command("info note")
async def note(ctx: CommandContext, text: Name | None = None) -> None:
    """Note TEXT about the peer here, for yourself on all your devices, or tell what is noted.

    `/info note ""` takes it away. `/info` tells it, too.
    """
    client, peer = ctx.client, ctx.here.bare
    storage = await kept(client, STORAGE)
    if text is None:
        noted = note_in(storage, peer)
        ctx.tell(noted or _("Nothing is noted about {jid}.").format(jid=peer))
        return
    await keep(client, with_note(storage, peer, text, client.now()))
    ctx.tell(
        _("That is noted about {jid}; nobody else sees it.").format(jid=peer)
        if text
        else _("Nothing is noted about {jid} any more.").format(jid=peer)
    )


FEATURE = Feature("XEP-0145", "Annotations", commands=(note,), version="1.0")
