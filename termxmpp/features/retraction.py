"""XEP-0424 Message Retraction: a message is taken back, which others are asked to heed.

What a room takes back of what is said in it (XEP-0425) comes on the same way.
"""

from __future__ import annotations

from collections.abc import Iterable

from termxmpp.commands.registry import command
from termxmpp.core.events import ActFailed, Event, NoticeGiven
from termxmpp.core.jid import Jid
from termxmpp.core.message import Act, Deed, Fate, Message, Notice
from termxmpp.errors import UserError
from termxmpp.feature import CommandContext, Feature, Handler
from termxmpp.words import _
from termxmpp.xmpp.acts import RETRACTION_NS, RetractPayload
from termxmpp.xmpp.hints import StorePayload
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.replies import FallbackPayload

__all__ = ["FEATURE"]

# For those who don't know what a retraction is; that its text is a fallback makes it one.
FALLBACK = "/me retracted a previous message, but it's unsupported by your client."


class RetractionHandler(Handler):
    """Sends our retractions; those of others are read in `xmpp.reading`."""

    def outgoing(self, peer: Jid, message: Message) -> Iterable[Payload]:
        act = message.act
        if act is None or act.deed is not Deed.RETRACTION:
            return ()
        return RetractPayload(act.target), FallbackPayload(RETRACTION_NS), StorePayload()

    def happened(self, event: Event) -> None:
        match event:
            case ActFailed(peer, Message(reason=reason, act=Act(Deed.RETRACTION))):
                words = _("The message could not be retracted: {reason}").format(reason=reason)
                self.ctx.emit(NoticeGiven(Notice(words, self.ctx.now(), is_error=True), peer))


@command("retract")
def retract(ctx: CommandContext, n: int | None = None) -> None:
    """Take back your Nth message from the newest, the selected one, or your last.

    Others are asked to forget it; who has seen it has seen it.
    """
    message = ctx.message(n, lambda each: each.is_own and not each.is_retracted)
    if not message.is_own:
        raise UserError(_("Only what you have written yourself can be retracted."))
    if message.is_retracted:
        raise UserError(_("That message was retracted already."))
    room = ctx.client.state.rooms.get(ctx.here)
    is_shown = bool(message.reference) or message.fate in (Fate.QUEUED, Fate.FAILED)
    if not is_shown and room is not None and room.has_stanza_ids:
        raise UserError(_("The room has not shown that message yet: try again when it has."))
    ctx.client.retract(ctx.here, message, FALLBACK)


FEATURE = Feature(
    "XEP-0424",
    "Message Retraction",
    (RETRACTION_NS,),
    RetractionHandler,
    (retract,),
    version="0.4.2",
)
