"""XEP-0425 Message Moderation: a room takes back what somebody has said in it.

What it has taken back is a retraction, and read as one.
"""

from __future__ import annotations

from termxmpp.commands.registry import Rest, command
from termxmpp.core.room import Role
from termxmpp.errors import RemoteError, UserError
from termxmpp.feature import CommandContext, Feature
from termxmpp.words import _
from termxmpp.xmpp.acts import MODERATION_NS, OLD_MODERATION_NS, OldModerationPayload
from termxmpp.xmpp.muc_admin import ModeratePayload, refusal
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.stanzas import xml_text

__all__ = ["FEATURE"]


@command("moderate")
async def moderate(ctx: CommandContext, n: int | None = None, reason: Rest | None = None) -> None:
    """Let the room take back the Nth message from the newest, or the selected one, for all.

    For that you must be a moderator. Programs that don't know of it still show the message.
    """
    room = ctx.entered_room()
    if not room.namespaces & {MODERATION_NS, OLD_MODERATION_NS}:
        raise UserError(
            _("{room} can't take back messages; /kick NICK puts somebody out.").format(
                room=room.jid
            )
        )
    message = ctx.message(n, lambda each: not each.is_own and not each.is_retracted)
    if message.is_retracted:
        raise UserError(_("That message was retracted already."))
    # Only an id that the room itself has given names it (§3).
    if not room.has_stanza_ids or not message.reference:
        raise UserError(_("The room has given that message no name, so it can't take it back."))
    payload: Payload = ModeratePayload(message.reference, reason or "")
    if MODERATION_NS not in room.namespaces:
        payload = OldModerationPayload(message.reference, xml_text(reason or ""))
    try:
        await ctx.client.set(room.jid, payload)
    except RemoteError as error:
        raise refusal(error, room, Role.MODERATOR) from None


FEATURE = Feature("XEP-0425", "Message Moderation", commands=(moderate,), version="0.3.0")
