"""XEP-0198 Stream Management: the server's word that it has taken a stanza, and resumption.

A session outlives its connections, and with the log that keeps it, our process too: what was
not acknowledged is sent again when it is resumed. Requests are tied to need: `<r/>` is sent
when somebody waits for the proof, and no timer runs. What we acknowledge has been committed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from typing import Protocol
from xml.etree.ElementTree import Element

from termxmpp.core.jid import Jid
from termxmpp.core.session import Session
from termxmpp.errors import ConnectionFailed, RemoteError
from termxmpp.standard import Standard
from termxmpp.words import _
from termxmpp.xmpp.secrets import kept, shown
from termxmpp.xmpp.stanzas import as_text, element_of

__all__ = ["NS", "SessionLog", "StreamManagement"]

MANAGEMENT = Standard("XEP-0198", "Stream Management", "1.6.3", note="resumed also by the next run")

logger = logging.getLogger(__name__)

NS = "urn:xmpp:sm:3"

# Counters wrap to zero after this (§4).
MODULUS = 2**32

# So many stanzas are sent at most without a request (§4): the server's answers tell that it goes
# on, however slowly.
REQUEST_AFTER = 25


class SessionLog(Protocol):
    """Who keeps a session over the end of the process."""

    @property
    def handled(self) -> int:
        """The number of handled stanzas that is committed: what may be acknowledged."""
        ...

    def session(self) -> Session | None: ...

    def session_began(self, session: Session) -> None: ...

    def session_ended(self) -> None: ...

    def stanza_sent(self, stanza: str, stanza_id: str) -> None: ...

    def stanzas_acknowledged(self, count: int, total: int) -> None: ...

    def stanzas_handled(self, total: int) -> None: ...

    def commit(self) -> None: ...


class StreamManagement:
    """The sessions of one account, one after the other, each over one or more streams.

    `on_acknowledged` gets the ids of stanzas that the server has taken, in their order, and
    `on_given_up` the stanzas (XML, id) of a session that ended before it did, if there are any.
    `resumes`: sessions are to outlive their streams. `on_resumed` is called in the moment in
    which a session goes on, before its next stanza.
    """

    def __init__(
        self,
        log: SessionLog,
        on_acknowledged: Callable[[list[str]], None],
        on_given_up: Callable[[list[tuple[str, str]]], None] = lambda stanzas: None,
        *,
        resumes: bool = True,
    ) -> None:
        self._resumes = resumes
        self._log = log
        self._on_acknowledged = on_acknowledged
        self._on_given_up = on_given_up
        self.on_resumed: Callable[[Jid], None] = lambda jid: None
        self._write: Callable[[Element], None] | None = None
        self._unacknowledged: deque[tuple[str, str]] = deque()
        self._acknowledged = 0
        self._handled = 0
        self._repeated = 0
        self._unasked = 0
        self._is_counting_ours = False
        self._is_enabled = False
        self._was_enabled = False
        self._is_mute = False
        self._id = ""
        self._jid: Jid | None = None
        self.location = ""
        self._answered: asyncio.Future[bool] | None = None
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        session = log.session()
        if session is not None:
            self._restore(session)

    @property
    def is_enabled(self) -> bool:
        """Whether the server counts stanzas with us on this stream."""
        return self._is_enabled

    @property
    def was_enabled(self) -> bool:
        """Whether the server counted stanzas with us in the session that is, or was last."""
        return self._was_enabled

    @property
    def can_resume(self) -> bool:
        """Whether there is a session to go on with."""
        return bool(self._id)

    @property
    def acknowledged(self) -> int:
        """How much of this session the server has taken."""
        return self._acknowledged

    @property
    def is_mute(self) -> bool:
        """Whether the server has gone on with the session, and has counted nothing since.

        Some can't after all: Prosody 0.12 gives what comes then to the parser of the connection
        before, which waits for the rest of a stanza if that broke off in one.
        """
        return self._is_mute

    @property
    def unacknowledged(self) -> list[str]:
        """The ids of what was sent in this session and not acknowledged yet."""
        return [stanza_id for _, stanza_id in self._unacknowledged]

    # One stream.

    def attach(self, write: Callable[[Element], None]) -> None:
        """A stream is there; `write` sends an element on it, outside the count."""
        self._write = write
        self._unasked = 0
        self._is_enabled = self._is_counting_ours = self._is_mute = False

    def detach(self) -> None:
        """The stream is gone; the session may go on over another."""
        self._write = None
        self._is_enabled = self._is_counting_ours = False
        self._waiting.clear()
        self._answered = None

    async def resume(self) -> Jid | None:
        """Go on with the session (§5): the address that is bound, or None if it is over."""
        self._put(self.resumption())
        return self._jid if await self._answer() else None

    def enable(self, jid: Jid) -> asyncio.Future[bool]:
        """Begin a session as `jid`, which is bound (§3); whether the server agrees."""
        self.begin(jid)
        self._put(self.enabling())
        assert self._answered is not None
        return self._answered

    def resumption(self) -> Element:
        """The element that asks to go on with the session."""
        self._answered = asyncio.get_running_loop().create_future()
        attributes = {"h": str(self._log.handled), "previd": self._id}
        # What was handled and could not be committed comes again, to be kept and no more.
        self._repeated = (self._repeated + self._handled - self._log.handled) % MODULUS
        self._handled = self._log.handled
        return Element(f"{{{NS}}}resume", attributes)

    def enabling(self) -> Element:
        """The element that asks for a session."""
        self._answered = asyncio.get_running_loop().create_future()
        return Element(f"{{{NS}}}enable", {"resume": "true"} if self._resumes else {})

    def begin(self, jid: Jid) -> None:
        """From now on our stanzas count, if the server agrees."""
        self.give_up()
        self._jid = jid
        self._was_enabled = False
        self._is_counting_ours = True

    def end(self) -> None:
        """The session is over; nothing of it is waited for any more."""
        self._is_counting_ours = self._is_enabled = False
        self._waiting.clear()
        if self._id:
            self._log.session_ended()
        self._id, self.location = "", ""
        self._unacknowledged.clear()
        self._acknowledged = self._handled = self._repeated = 0

    def give_up(self) -> None:
        """The session can't be gone on with: end it, and tell what it leaves behind."""
        left = list(self._unacknowledged)
        self.end()
        if left:
            self._on_given_up(left)

    def sent(self, element: Element, stanza_id: str) -> None:
        """A stanza has been given to the stream."""
        if self._is_counting_ours:
            xml = as_text(element)
            self._unacknowledged.append((xml, stanza_id))
            if self._id:
                self._log.stanza_sent(as_text(kept(element)), stanza_id)
            self._request_in_time()

    def received(self) -> bool:
        """A stanza has come in; whether it is to be handled, or has been before."""
        if not self._is_enabled:
            return True
        self._handled = (self._handled + 1) % MODULUS
        self._log.stanzas_handled(self._handled)
        is_repeated = self._repeated > 0
        self._repeated -= is_repeated
        return not is_repeated

    def handle(self, element: Element) -> bool:
        """Take an element of this protocol; False for any other."""
        if not element.tag.startswith(f"{{{NS}}}"):
            return False
        _log("in", element)
        match element.tag.removeprefix(f"{{{NS}}}"):
            case "enabled":
                self.enabled(element)
            case "resumed":
                self.resumed(element)
            case "failed":
                self.failed(element)
            case "r":
                self.acknowledge()
            case "a" if self._is_counting_ours:
                self._is_mute = False
                self._acknowledge(element.get("h", ""))
        return True

    def acknowledge(self) -> None:
        """Tell the server how far we have come (§4); no further than to what is committed."""
        if self._is_enabled:
            self._log.commit()
            self._put(Element(f"{{{NS}}}a", {"h": str(self._log.handled)}))

    def enabled(self, element: Element) -> None:
        """The server agreed (§3)."""
        self._is_enabled = self._was_enabled = True
        if element.get("resume") in ("true", "1") and element.get("id") and self._jid is not None:
            self._id = element.get("id", "")
            self.location = element.get("location", "")
            session = Session(self._id, self._jid, self.location, 0, 0, tuple(self._unacknowledged))
            self._log.session_began(session)
        else:
            self._log.stanzas_handled(0)
        self._settle(True)

    def resumed(self, element: Element) -> None:
        """The session goes on (§5): what the server has not handled is sent again, in order."""
        if element.get("previd") != self._id:
            self.end()
            raise RemoteError(_("The server resumed a session that is not ours (XEP-0198)."))
        assert self._jid is not None
        self._is_enabled = self._is_counting_ours = self._was_enabled = True
        self.on_resumed(self._jid)
        try:
            self._acknowledge(element.get("h", ""))
        except RemoteError:
            # Going on with it would only lead here again.
            self.end()
            raise
        for xml, __ in self._unacknowledged:
            self._put(element_of(xml))
            self._request_in_time()
        self._is_mute = True
        self._settle(True)

    def failed(self, element: Element) -> None:
        """There is no session, or no such session any more; `h` tells how far it came (§5)."""
        handled = element.get("h")
        if handled is not None and self._id:
            with contextlib.suppress(RemoteError):
                self._acknowledge(handled)
        self.give_up()
        self._settle(False)

    def prove(self) -> asyncio.Future[None]:
        """Done when the server has taken all that has been sent until this call.

        ConnectionFailed if there is no stream to ask on.
        """
        proven: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if not self._unacknowledged:
            proven.set_result(None)
            return proven
        self._request()
        self._waiting.append((len(self._unacknowledged) + self._acknowledged, proven))
        return proven

    def _request_in_time(self) -> None:
        self._unasked += 1
        if self._is_enabled and self._unasked >= REQUEST_AFTER:
            self._request()

    def _request(self) -> None:
        self._unasked = 0
        self._put(Element(f"{{{NS}}}r"))

    def _restore(self, session: Session) -> None:
        self._id, self._jid, self.location = session.id, session.jid, session.location
        self._handled, self._acknowledged = session.handled, session.acknowledged
        self._was_enabled = True
        self._unacknowledged.extend(session.unacknowledged)

    def _put(self, element: Element) -> None:
        if self._write is None:
            raise ConnectionFailed(_("The connection is closed."))
        _log("out", element)
        self._write(element)

    def _acknowledge(self, text: str) -> None:
        if not (text.isascii() and text.isdecimal()) or int(text) >= MODULUS:
            raise RemoteError(_("The server acknowledges without a number (XEP-0198)."))
        count = (int(text) - self._acknowledged) % MODULUS
        if count > len(self._unacknowledged):
            raise RemoteError(_("The server acknowledges more than was sent (XEP-0198)."))
        self._acknowledged += count
        taken = [self._unacknowledged.popleft()[1] for __ in range(count)]
        if taken:
            if self._id:
                self._log.stanzas_acknowledged(count, self._acknowledged % MODULUS)
            self._on_acknowledged(taken)
        self._tell_proven()

    async def _answer(self) -> bool:
        assert self._answered is not None
        return await self._answered

    def _settle(self, is_agreed: bool) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(is_agreed)

    def _tell_proven(self) -> None:
        """Tell those who wait for what is proven now."""
        still = []
        for target, proven in self._waiting:
            if target > self._acknowledged:
                still.append((target, proven))
            elif not proven.done():
                proven.set_result(None)
        self._waiting = still


def _log(way: str, element: Element) -> None:
    if logger.isEnabledFor(logging.DEBUG):
        logger.debug("%-3s %s", way, as_text(shown(element)))
