"""One-to-one chat (RFC 6121 §5): text in, text out, and bounces shown at their message.

Every message with a body lands in a conversation; an error with the id of one of ours is the
fate of that one. Last in FEATURES: what no other feature took is plain text.
"""

from __future__ import annotations

from termxmpp.commands.registry import Rest, command
from termxmpp.core.events import FateChanged, MessageReceived
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Route
from termxmpp.errors import UserError
from termxmpp.feature import CommandContext, Feature, Handler
from termxmpp.standard import Standard
from termxmpp.words import _, ngettext
from termxmpp.xmpp.bounces import bounce_reason
from termxmpp.xmpp.hooks import on_message
from termxmpp.xmpp.reading import read_message
from termxmpp.xmpp.stanzas import IncomingMessage

__all__ = ["FEATURE"]

ACTIONS = Standard("XEP-0245", "The /me Command", "1.0")


class ChatHandler(Handler):
    """Turns message stanzas into MessageReceived, and bounces into FateChanged."""

    @on_message()
    def receive(self, message: IncomingMessage) -> bool:
        """A message of any type but error; the rooms have taken those of type groupchat."""
        if message.route is Route.ARCHIVE:
            # A page of the archive is taken as a whole.
            return False
        read = read_message(message, self.ctx.state, self.ctx.now(), self.ctx.new_id)
        if read is None:
            return False
        self.ctx.emit(MessageReceived(*read))
        return True

    @on_message("error")
    def bounce(self, message: IncomingMessage) -> bool:
        """One of ours came back (RFC 6120 §8.3)."""
        if message.sender is None or not message.id:
            return False
        peer = self.ctx.state.peer_of(message.sender)
        reason = bounce_reason(message.error, self._blocked_words(message.sender))
        self.ctx.emit(FateChanged(peer, message.id, Fate.FAILED, reason))
        return True

    def _blocked_words(self, peer: Jid) -> dict[str, str]:
        """What a refusal means if it is our own server's, since we have blocked `peer`."""
        blocked = self.ctx.state.block_of(peer)
        if blocked is None:
            return {}
        return {"not-acceptable": _("you have blocked it: /unblock {jid}").format(jid=blocked)}


@command("msg", aliases=("query",))
def msg(ctx: CommandContext, jid: Jid, text: Rest | None = None) -> None:
    """Open the conversation with JID, and send TEXT if there is any."""
    if jid.bare == ctx.client.state.account and not jid.resource and not jid.local:
        raise UserError(_("{jid} is no one to chat with.").format(jid=jid))
    peer = ctx.client.state.peer_of(jid)
    ctx.show(peer)
    if text:
        ctx.client.write(peer, text)


@command("me")
def me(ctx: CommandContext, text: Rest) -> None:
    """Tell what you do, as an action: `/me waves` (XEP-0245)."""
    if ctx.peer is None:
        raise UserError(_("This is no conversation: /msg JID opens one."))
    ctx.client.write(ctx.peer, f"/me {text}")


@command("resend")
def resend(ctx: CommandContext, n: int = 1) -> None:
    """Send again what the server never confirmed here: the newest such message, or the Nth."""
    if ctx.peer is None:
        raise UserError(_("This is no conversation: /msg JID opens one."))
    talk = ctx.client.state.conversation(ctx.peer)
    found = [each for each in reversed(ctx.client.unproven) if talk.own(each) is not None]
    if not found:
        raise UserError(_("There is no message here whose fate nobody knows."))
    if not 1 <= n <= len(found):
        raise UserError(
            ngettext(
                "There is {count} message here whose fate nobody knows.",
                "There are {count} messages here whose fate nobody knows.",
                len(found),
            ).format(count=len(found))
        )
    ctx.client.resend(found[n - 1])


FEATURE = Feature("RFC 6121 §5", "Chat", handler=ChatHandler, commands=(msg, me, resend))
