"""XEP-0444 Message Reactions: emojis beside a message, all of an author's at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Annotated

from termxmpp.commands.registry import Kind, command
from termxmpp.core.events import ActFailed, Event, NoticeGiven
from termxmpp.core.jid import Jid
from termxmpp.core.message import Act, Deed, Message, Notice
from termxmpp.errors import UserError
from termxmpp.feature import CommandContext, Feature, Handler
from termxmpp.words import _
from termxmpp.xmpp.acts import LONGEST_EMOJI, REACTIONS_NS, ReactionsPayload
from termxmpp.xmpp.hints import StorePayload
from termxmpp.xmpp.payload import Payload

__all__ = ["FEATURE"]

# What an emoji is made of, besides what makes it wider, darker, or a keycap: symbols and signs.
_SYMBOLS = frozenset({"So", "Sk", "Sm", "Po", "Pd"})


class ReactionsHandler(Handler):
    """Sends our reactions; those of others are read in `xmpp.reading`."""

    def outgoing(self, peer: Jid, message: Message) -> Iterable[Payload]:
        act = message.act
        if act is None or act.deed is not Deed.REACTIONS:
            return ()
        return ReactionsPayload(act.target, act.emojis), StorePayload()

    def happened(self, event: Event) -> None:
        match event:
            case ActFailed(peer, Message(reason=reason, act=Act(Deed.REACTIONS))):
                words = _("Your reaction was not taken: {reason}").format(reason=reason)
                self.ctx.emit(NoticeGiven(Notice(words, self.ctx.now(), is_error=True), peer))


@command("react")
def react(ctx: CommandContext, n: int | None, emoji: Annotated[str, Kind.EMOJI]) -> None:
    """React with EMOJI to the Nth message from the newest, the selected or the last you got.

    An emoji that you have given already is taken back.
    """
    if not _is_emoji(emoji):
        raise UserError(_("{text} is no emoji.").format(text=repr(emoji)))
    message = ctx.message(n, lambda each: not each.is_own and _takes_reactions(each))
    if message.is_retracted:
        raise UserError(_("That message was retracted: there is nothing to react to."))
    if not message.reference:
        raise UserError(_("The room has given that message no name: nobody can react to it."))
    given = [each.emoji for each in message.reactions if each.is_own]
    if emoji in given:
        given.remove(emoji)
    else:
        given.append(emoji)
    ctx.client.write(ctx.here, "", act=Act(Deed.REACTIONS, message.reference, tuple(given)))


def _takes_reactions(message: Message) -> bool:
    return bool(message.reference) and not message.is_retracted


def _is_emoji(text: str) -> bool:
    """Whether `text` may be one: some of its signs are symbols, none of them letters or blanks."""
    kinds = {unicodedata.category(sign) for sign in text}
    is_symbol = not text.isascii() and (bool(kinds & _SYMBOLS) or "\u20e3" in text)
    is_other = any(sign.isalpha() or sign.isspace() for sign in text)
    return is_symbol and not is_other and len(text) <= LONGEST_EMOJI


FEATURE = Feature(
    "XEP-0444", "Message Reactions", (REACTIONS_NS,), ReactionsHandler, (react,), version="0.2.1"
)
