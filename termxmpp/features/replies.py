"""XEP-0461 Message Replies: what a message answers, and its words for those who can't look."""

from __future__ import annotations

from collections.abc import Iterable

from termxmpp.commands.registry import Rest, command
from termxmpp.core import quoting
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message, Reply
from termxmpp.errors import UserError
from termxmpp.feature import CommandContext, Feature, Handler
from termxmpp.words import _
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.replies import REPLY_NS, FallbackPayload, ReplyPayload

__all__ = ["FEATURE"]


class RepliesHandler(Handler):
    """Says what an answer answers; those of others are read in `xmpp.reading`."""

    def outgoing(self, peer: Jid, message: Message) -> Iterable[Payload]:
        if message.reply is None:
            return
        yield ReplyPayload(message.reply.id, message.reply.author)
        quotation = quoting.quoted(message.reply.text)
        if quotation:
            yield FallbackPayload(REPLY_NS, ((0, len(quotation)),))


@command("reply")
def reply(ctx: CommandContext, n: int | None, text: Rest) -> None:
    """Answer the Nth message from the newest, the selected one, or the last that you got."""
    message = ctx.message(n, lambda each: not each.is_own and _can_be_answered(each))
    if message.is_retracted:
        raise UserError(_("That message was retracted: there is nothing to answer."))
    if not message.reference:
        raise UserError(_("The room has given that message no name: /quote it instead."))
    answered = Reply(message.reference, message.author, quoting.excerpt(message.open_text))
    ctx.client.write(ctx.here, text, reply=answered)


@command("quote")
def quote(ctx: CommandContext, n: int | None = None) -> None:
    """Put the Nth message from the newest, the selected or the last one into the input, quoted."""
    message = ctx.message(n, lambda each: not each.is_own and bool(each.text))
    if not message.text:
        raise UserError(_("There is nothing to quote in that message."))
    ctx.fill(quoting.quoted(message.text.strip("\n")))


def _can_be_answered(message: Message) -> bool:
    return bool(message.reference) and not message.is_retracted


FEATURE = Feature(
    "XEP-0461", "Message Replies", (REPLY_NS,), RepliesHandler, (reply, quote), version="0.2.1"
)
