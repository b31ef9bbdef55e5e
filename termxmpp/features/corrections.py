"""XEP-0308 Last Message Correction: what was written by mistake gets another text.

Whose a message is, and which corrections count, the store knows, since a correction may come
before what it corrects.
"""

from __future__ import annotations

from collections.abc import Iterable

from termxmpp.commands.registry import Rest, command
from termxmpp.core.files import has_only_links
from termxmpp.core.jid import Jid
from termxmpp.core.message import Act, Deed, Message
from termxmpp.errors import UserError
from termxmpp.feature import CommandContext, Feature, Handler
from termxmpp.words import _
from termxmpp.xmpp.acts import CORRECTION_NS, ReplacePayload
from termxmpp.xmpp.payload import Payload

__all__ = ["FEATURE"]


class CorrectionsHandler(Handler):
    """Says of a correction what it corrects; those of others are read in `xmpp.reading`."""

    def outgoing(self, peer: Jid, message: Message) -> Iterable[Payload]:
        if message.act is not None and message.act.deed is Deed.CORRECTION:
            return (ReplacePayload(message.act.target),)
        return ()


@command("correct")
def correct(ctx: CommandContext, text: Rest) -> None:
    """Let your selected or last message here be TEXT instead."""
    message = ctx.message(None, lambda each: each.is_own and not each.is_retracted)
    if not message.is_own or message.is_retracted:
        raise UserError(_("Only what you have written yourself can be corrected."))
    if message.text == text:
        raise UserError(_("That is what the message says already."))
    if has_only_links(message.text, message.files):
        raise UserError(_("A file can't be corrected: /retract it, and send another one."))
    # However often it is corrected, it is always the first one that is named (§3).
    act = Act(Deed.CORRECTION, message.id)
    ctx.client.write(
        ctx.here,
        text,
        # All that is not corrected is said once more (§3).
        subject=message.subject,
        reply=message.reply,
        spoiler=message.spoiler,
        is_unstyled=message.is_unstyled,
        act=act,
        files=message.files,
    )


@command("history edits")
def edits(ctx: CommandContext, n: int | None = None) -> None:
    """Tell what the Nth message from the newest, or the selected one, said before it was corrected.

    Without either it is the newest that was corrected.
    """
    message = ctx.message(n, lambda each: bool(each.edits))
    if not message.edits:
        raise UserError(_("That message was not corrected."))
    lines = [_("So it read before, the oldest first:")]
    for number, text in enumerate(message.edits, 1):
        first, *rest = (text or _("(nothing that can be shown)")).split("\n")
        lines += [f"{number}: {first}", *(f"   {line}" for line in rest)]
    ctx.tell("\n".join(lines))


FEATURE = Feature(
    "XEP-0308",
    "Last Message Correction",
    (CORRECTION_NS,),
    CorrectionsHandler,
    (correct, edits),
    version="1.2.1",
)
