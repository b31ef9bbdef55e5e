"""XEP-0372 References: whom we name in a room is said to be meant; that we are is read elsewhere.

An occupant is named by the address in the room, never by the real one, which others there may not
be allowed to know.
"""

from __future__ import annotations

from collections.abc import Iterable

from termxmpp.core import quoting
from termxmpp.core.jid import Jid
from termxmpp.core.mentions import named_in
from termxmpp.core.message import Message
from termxmpp.feature import Feature, Handler
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.references import NS, MentionPayload

__all__ = ["FEATURE"]


class ReferencesHandler(Handler):
    """Says whom our words in rooms mean."""

    def outgoing(self, peer: Jid, message: Message) -> Iterable[Payload]:
        room = self.ctx.state.rooms.get(peer)
        if room is None or not message.is_groupchat or not message.is_text:
            return
        # The words of what is answered stand before ours.
        reply = message.reply
        before = len(quoting.quoted(reply.text)) if reply is not None else 0
        others = (nick for nick in room.occupants if nick != room.nick)
        for nick, begin, end in named_in(message.text, others):
            yield MentionPayload(peer.with_resource(nick), (before + begin, before + end))


FEATURE = Feature(
    "XEP-0372",
    "References",
    (NS,),
    ReferencesHandler,
    version="0.5.0",
    note="mentions in rooms",
    is_partial=True,
)
