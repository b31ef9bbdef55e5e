"""XEP-0158 CAPTCHA Forms: who asks whether we are human is answered, if we gave reason to ask.

Whoever might ask at any time could let us solve the riddles that others set for it. So nobody is
answered but a room that we are just entering, and who was written to a moment ago.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import timedelta

from termxmpp.core.events import NoticeGiven
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message, Notice
from termxmpp.core.room import Standing
from termxmpp.errors import ConnectionFailed, RemoteError
from termxmpp.feature import Feature, Handler
from termxmpp.filling import Question
from termxmpp.illustrations import illustrated
from termxmpp.words import _
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.bits import BitsPayload
from termxmpp.xmpp.captcha import NS, CaptchaPayload
from termxmpp.xmpp.hooks import on_message
from termxmpp.xmpp.stanzas import IncomingMessage

__all__ = ["FEATURE"]

logger = logging.getLogger(__name__)

# Who was written to longer ago has no reason to ask (§3.3).
RECENTLY = timedelta(minutes=2)


class CaptchaHandler(Handler):
    """Puts challenges before the user."""

    @on_message("normal", CaptchaPayload)
    def challenged(self, message: IncomingMessage) -> bool:
        """Somebody asks whether we are human."""
        challenge, sender = message.get(CaptchaPayload), message.sender
        concerned = challenge.concerns if challenge is not None else None
        if challenge is None or sender is None or concerned is None:
            return True
        is_meant = sender.bare == concerned.bare or sender == Jid("", concerned.domain)
        if not is_meant or not self._has_reason(concerned) or not challenge.for_people.asked:
            logger.info("%s asks for what nobody sent: ignored", sender)
            return True
        brought = tuple(message.get_all(BitsPayload))
        self.ctx.spawn(self._answer(sender, concerned, message.id, challenge, brought))
        return True

    def _has_reason(self, concerned: Jid) -> bool:
        """Whether something has just gone to `concerned`."""
        state = self.ctx.state
        room = state.rooms.get(concerned.bare)
        if room is not None and room.standing is Standing.ENTERING:
            return True
        peer = state.peer_of(concerned)
        known = state.conversations.get(peer)
        entries = reversed(known.entries) if known is not None else ()
        own = (each for each in entries if isinstance(each, Message) and each.is_own)
        newest = next(own, None)
        return newest is not None and self.ctx.now() - newest.at <= RECENTLY

    async def _answer(
        self,
        sender: Jid,
        concerned: Jid,
        id: str,
        challenge: CaptchaPayload,
        brought: tuple[BitsPayload, ...],
    ) -> None:
        title = _("{jid} wants to know whether you are human").format(jid=concerned.bare)
        filled = None
        try:
            form = await illustrated(self.ctx, sender, challenge.for_people, brought)
            filled = await self.ctx.ask(Question(title, form))
        finally:
            if filled is None:
                self._decline(sender, id or challenge.challenge)
        if filled is None:
            self._tell(concerned, _("You have not answered, so it goes no further."))
            return
        try:
            await self.ctx.set(sender, CaptchaPayload(filled.form))
        except RemoteError as error:
            if error.condition not in ("not-acceptable", "service-unavailable"):
                raise
            words = _("{jid} does not accept the answer: try once more what you did.")
            self._tell(concerned, words.format(jid=sender))

    def _decline(self, sender: Jid, id: str) -> None:
        # Offline it is over in any case.
        with suppress(ConnectionFailed):
            self.ctx.send(stanzas.message_error(sender, "not-acceptable", id=id))

    def _tell(self, concerned: Jid, text: str) -> None:
        state = self.ctx.state
        peers = (state.peer_of(concerned), concerned.bare)
        there = next((peer for peer in peers if peer in state.conversations), None)
        self.ctx.emit(NoticeGiven(Notice(text, self.ctx.now(), is_error=True), there))


FEATURE = Feature(
    "XEP-0158",
    "CAPTCHA Forms",
    (NS,),
    CaptchaHandler,
    version="1.0.1",
    note="of whoever there was reason to expect it from",
)
