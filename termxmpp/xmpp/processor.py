"""Dispatch of stanzas to features: pyxmpp2's StanzaProcessor, mended and guarded.

No stanza and no handler can end the connection from here: whatever a handler raises is
logged with its traceback and told once to `on_bug`, and the next handler is asked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pyxmpp2.exceptions import ProtocolError
from pyxmpp2.stanzaprocessor import StanzaProcessor

from termxmpp.core.jid import Jid
from termxmpp.errors import ConnectionFailed, RemoteError, TermxmppError
from termxmpp.words import _
from termxmpp.xmpp.bounces import refusal_reason
from termxmpp.xmpp.hooks import StanzaHandler
from termxmpp.xmpp.jids import to_pyxmpp
from termxmpp.xmpp.stanzas import IncomingIq, IncomingMessage, Outgoing, payloads_of

__all__ = ["Processor"]

logger = logging.getLogger(__name__)

# pyxmpp2 forgets response handlers after a time of its own, but looks only when it is asked
# to; the waiting request owns the time-out, so this need only outlast all of them (seconds).
RESPONSE_MEMORY = 3600.0


class Processor(StanzaProcessor):  # type: ignore[misc]  # pyxmpp2 is untyped
    """Routes stanzas between the stream (`uplink`) and the handlers of the features.

    `handlers` are asked in their order. `on_bug` gets one line when a handler fails.
    """

    def __init__(
        self, handlers: Iterable[StanzaHandler] = (), on_bug: Callable[[str], None] | None = None
    ) -> None:
        super().__init__(RESPONSE_MEMORY)
        self.handlers = list(handlers)
        self._on_bug = on_bug
        self.uplink: Any = None
        self._waiting: set[asyncio.Future[IncomingIq]] = set()

    def bound(self, me: Jid, server: Jid) -> None:
        """The stream is ours now: stanzas go to the handlers from here on."""
        self.me = to_pyxmpp(me)
        self.peer = to_pyxmpp(server)
        self.setup_stanza_handlers(self.handlers, "post-auth")

    def unbound(self, error: TermxmppError | None = None) -> None:
        """The stream is gone: nothing that was asked will be answered."""
        self.uplink = None
        self.clear_response_handlers()
        for future in self._waiting:
            if not future.done():
                # Whatever ended it, nobody has refused what was asked.
                words = str(error or _("The connection was closed."))
                future.set_exception(ConnectionFailed(words))
        self._waiting.clear()

    async def request(self, stanza: Outgoing, timeout: float) -> IncomingIq:
        """Send an iq and wait at most `timeout` seconds for its result.

        Raises RemoteError with the condition of an error answer, or when none comes in time
        (then without a condition), and ConnectionFailed when the stream ends before.
        """
        future: asyncio.Future[IncomingIq] = asyncio.get_running_loop().create_future()
        iq: Any = stanza
        self.set_response_handlers(
            iq,
            lambda result: _settle(future, IncomingIq(result)),
            lambda error: _refuse(future, IncomingIq(error)),
            timeout=RESPONSE_MEMORY,
        )
        self._waiting.add(future)
        try:
            self.send(iq)
            async with asyncio.timeout(timeout):
                return await future
        except TimeoutError:
            raise RemoteError(
                _("{peer} gave no answer within {timeout:g} s.").format(
                    peer=iq.to_jid or _("The server"), timeout=timeout
                )
            ) from None
        finally:
            self._waiting.discard(future)

    def take(self, message: IncomingMessage) -> None:
        """Offer a message that came inside another one, as if it had come by itself.

        It may be from or to somebody else than us, which pyxmpp2 would not let pass.
        """
        self.process_message(message.stanza)

    def process_stanza(self, stanza: Any) -> bool:
        """Offer `stanza` to the handlers; True if one took it."""
        try:
            return bool(super().process_stanza(stanza))
        except ConnectionFailed:
            # The link has ended meanwhile: nobody is there to be answered.
            return False
        except Exception:
            self._report(f"A {stanza.element_name} stanza could not be handled")
            return False

    def _process_iq_response(self, stanza: Any) -> bool:
        """Give an answer to who waits for it; one that names nobody is our account's own.

        So it may be if the account's bare address was asked (RFC 6120 §8.1.2.1, §10.3.3), which
        pyxmpp2 does not know.
        """
        if stanza.from_jid is None and self.me is not None:
            account = self.me.bare()
            if (stanza.stanza_id, account.as_unicode()) in self._iq_response_handlers:
                stanza.from_jid = account
        return bool(super()._process_iq_response(stanza))

    def process_message(self, stanza: Any) -> bool:
        """Offer a message to the handlers of its type, then to those of `normal`.

        A type that isn't known counts as normal (RFC 6121 §5.2.2).
        """
        stanza_type = stanza.stanza_type or "normal"
        types = [stanza_type] if stanza_type in ("error", "normal") else [stanza_type, "normal"]
        return any(self._offer(self._message_handlers, stanza, type_) for type_ in types)

    def process_presence(self, stanza: Any) -> bool:
        """Offer a presence to the handlers of its type."""
        return self._offer(self._presence_handlers, stanza, stanza.stanza_type)

    def _offer(self, handlers: Sequence[Any], stanza: Any, stanza_type: str | None) -> bool:
        # pyxmpp2 compares payloads that it has not decoded yet, so that a handler with a
        # payload class is never called.
        for handler in handlers:
            if handler._pyxmpp_stanza_handled[1] != stanza_type:
                continue
            try:
                wanted = handler._pyxmpp_payload_class_handled
                if wanted is not None and next(payloads_of(stanza, wanted), None) is None:
                    continue
                if self._process_handler_result(handler(stanza)):
                    return True
            except (ValueError, ProtocolError) as error:
                logger.debug("%s: unreadable payload: %s", stanza.element_name, error)
            except Exception:
                self._report(f"{handler.__qualname__} failed")
        return False

    def _report(self, what: str) -> None:
        logger.exception("%s", what)
        if self._on_bug is not None:
            self._on_bug(_("{what}: a bug of termxmpp; the log has the details.").format(what=what))


def _settle(future: asyncio.Future[IncomingIq], answer: IncomingIq) -> None:
    if not future.done():
        future.set_result(answer)


def _refuse(future: asyncio.Future[IncomingIq], answer: IncomingIq) -> None:
    if future.done():
        return
    error = answer.error
    condition = error.condition if error else "undefined-condition"
    words = refusal_reason(error)
    future.set_exception(
        RemoteError(
            _("{peer} refused: {words}").format(peer=answer.sender or _("The server"), words=words),
            condition,
        )
    )
