"""One account: its state, its features, its link to the server, and the policy of reconnecting.

Only this module decides when to connect, and when a message of ours leaves. `emit` is
synchronous: state first, then the observers, in the turn in which the stanza came.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import secrets
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from xml.etree.ElementTree import Element

from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.link import Link, Phase
from termxmpp.core.message import Fate, Message, Notice
from termxmpp.core.state import State
from termxmpp.errors import (
    CertificateError,
    ConnectionFailed,
    LoginRefused,
    RemoteError,
    TermxmppError,
)
from termxmpp.feature import Feature
from termxmpp.outbox import Outbox
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.processor import Processor
from termxmpp.xmpp.stanzas import IncomingIq, Outgoing

__all__ = ["Client", "Observer", "Server", "World"]

logger = logging.getLogger(__name__)

# Reconnecting waits 1, 2, 4 … seconds, at most this long: a server that comes back after an
# hour is found within five minutes, and one that is down is not hammered.
LONGEST_DELAY = 300.0

# A stream error after which coming back at once would only fight with the other session
# (RFC 6120 §4.9.3.3) or repeat a refusal (§4.9.3.12).
FINAL_CONDITIONS = frozenset({"conflict", "host-unknown", "not-authorized", "policy-violation"})

Observer = Callable[["Client", events.Event], None]


@dataclass(frozen=True, slots=True)
class World:
    """What a client needs of the world, so that tests can give it another one."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    new_id: Callable[[], str] = lambda: secrets.token_urlsafe(12)
    jitter: Callable[[], float] = field(default=lambda: random.uniform(0.8, 1.2))


class Server(Protocol):
    """A connection to the account's server, used once."""

    async def open(self) -> Jid:
        """Dial, secure, log in and bind; the full address that the server gave."""
        ...

    def send(self, stanza: Outgoing) -> None:
        """Send `stanza`; ConnectionFailed if the stream is closed."""
        ...

    async def prove(self, timeout: float) -> None:
        """Wait until the server has confirmed all that was sent; RemoteError after `timeout`."""
        ...

    async def close(self) -> None:
        """Close the stream as RFC 6120 §4.4 asks, and wait for the peer's end a short time."""
        ...

    def abort(self) -> None:
        """Drop the connection at once."""
        ...


class Client:
    """The account `jid` with its `features`; `connect_by` makes a `Server` for each try.

    `answer_timeout` is how long any one answer may take, in seconds. `observers` are called
    with every event, in order, after the state has changed. `failure` is why the last link
    ended or never began.
    """

    def __init__(
        self,
        jid: Jid,
        connect_by: Callable[[Processor, Client], Server],
        features: Sequence[Feature],
        *,
        world: World | None = None,
        reconnects: bool = True,
        answer_timeout: float = 30.0,
    ) -> None:
        self.account = jid
        self.state = State(jid)
        self.features = tuple(features)
        self.observers: list[Observer] = []
        self.failure: TermxmppError | None = None
        self._jid = jid
        self._world = world or World()
        self._connect_by = connect_by
        self._reconnects = reconnects
        self._answer_timeout = answer_timeout
        self._handlers = [feature.handler(self) for feature in features if feature.handler]
        self._processor = Processor(self._handlers, on_bug=self._tell_error)
        self._outbox = Outbox(self)
        self._server: Server | None = None
        self._lost: asyncio.Future[TermxmppError | None] | None = None
        self._running: asyncio.Task[None] | None = None
        self._skip_delay = asyncio.Event()
        self._shows_xml = False
        self._tasks: set[asyncio.Task[None]] = set()

    # What features act by (`feature.Context`).

    @property
    def jid(self) -> Jid:
        return self._jid

    @property
    def is_online(self) -> bool:
        return self._server is not None

    @property
    def namespaces(self) -> tuple[str, ...]:
        return tuple(sorted({name for feature in self.features for name in feature.namespaces}))

    def now(self) -> datetime:
        return self._world.now()

    def new_id(self) -> str:
        return self._world.new_id()

    def emit(self, event: events.Event) -> None:
        """Let `event` have happened: state first, then the observers."""
        self.state.apply(event)
        for observer in self.observers:
            observer(self, event)

    def send(self, stanza: Outgoing) -> None:
        if self._server is None:
            raise ConnectionFailed(f"{self.account.bare} is not online: /connect first.")
        self._server.send(stanza)

    def write(self, peer: Jid, text: str, *, subject: str = "") -> str:
        message_id = self.new_id()
        message = Message(
            message_id,
            self._jid,
            text,
            self.now(),
            is_own=True,
            fate=Fate.QUEUED,
            subject=subject,
        )
        self.emit(events.MessageWritten(peer, message))
        self._outbox.add(peer, message)
        return message_id

    async def get(self, to: Jid | None, payload: Payload) -> IncomingIq:
        return await self._request(stanzas.iq_get(to, payload, id=self.new_id()))

    async def set(self, to: Jid | None, payload: Payload) -> IncomingIq:
        return await self._request(stanzas.iq_set(to, payload, id=self.new_id()))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # The life of the link.

    def connect(self) -> None:
        """Be online from now on; while waiting for the next try, try at once."""
        if self._running is None or self._running.done():
            self._running = asyncio.get_running_loop().create_task(self._run())
        else:
            self._skip_delay.set()

    async def disconnect(self) -> None:
        """Be offline from now on, leaving the server in good manners if it answers in time."""
        running, self._running = self._running, None
        if running is None:
            return
        server, self._server = self._server, None
        if server is not None:
            with contextlib.suppress(TermxmppError):
                server.send(stanzas.presence(type="unavailable"))
                await server.close()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        self._gone(server, None)
        self._set_link(Link(Phase.OFFLINE))

    async def close(self) -> None:
        """End everything of this account."""
        await self.disconnect()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # What the connection tells (`xmpp.connection.ConnectionObserver`).

    def step(self, text: str) -> None:
        self._set_link(Link(Phase.CONNECTING, step=text))

    def lost(self, error: TermxmppError | None) -> None:
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(error)

    def acknowledged(self, stanza_ids: Sequence[str]) -> None:
        self._outbox.acknowledged(stanza_ids)

    def traffic(self, element: Element, is_ours: bool) -> None:
        if self._shows_xml:
            way = "out" if is_ours else "in "
            notice = Notice(f"{way} {stanzas.as_text(element)}", self.now())
            self.emit(events.NoticeGiven(notice))

    # What the user can do besides.

    def show_xml(self, is_on: bool) -> None:
        """Show every stanza in the console, or no longer."""
        self._shows_xml = is_on

    def send_xml(self, text: str) -> None:
        """Send the stanza that `text` is; UserError if it is none."""
        self.send(stanzas.from_xml(text, id=self.new_id()))

    async def _run(self) -> None:
        delay = 1.0
        while True:
            try:
                error = await self._one_link()
            except TermxmppError as failure:
                error = failure
            else:
                delay = 1.0
            self.failure = error
            if self._is_final(error):
                self._set_link(Link(Phase.REFUSED, problem=str(error)))
                return
            if not self._reconnects:
                self._set_link(Link(Phase.OFFLINE, problem=str(error or "")))
                return
            wait = delay * self._world.jitter()
            delay = min(delay * 2, LONGEST_DELAY)
            retry_at = self.now() + timedelta(seconds=wait)
            problem = str(error or "The server closed the connection.")
            self._set_link(Link(Phase.RECONNECTING, retry_at=retry_at, problem=problem))
            self._skip_delay.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._skip_delay.wait()

    async def _one_link(self) -> TermxmppError | None:
        """From dialling to the end of the link; returns why it ended, raises why it never began."""
        self._set_link(Link(Phase.CONNECTING, step="resolving"))
        self._lost = asyncio.get_running_loop().create_future()
        server = self._connect_by(self._processor, self)
        error: TermxmppError | None = None
        try:
            self._jid = await server.open()
            self._server = server
            self._processor.bound(self._jid, Jid("", self._jid.domain))
            self._set_link(Link(Phase.CONNECTING, step="sync"))
            await self._synchronise()
            self._set_link(Link(Phase.ONLINE))
            self._outbox.flush()
            error = await self._lost
        except TermxmppError as failure:
            error = failure
            raise
        finally:
            self._gone(server, error)
        return error

    async def _synchronise(self) -> None:
        """Let the features fetch what they need, unless the link breaks meanwhile."""
        assert self._lost is not None
        syncing = asyncio.ensure_future(self._call_online())
        either: list[asyncio.Future[Any]] = [syncing, self._lost]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not syncing.done():
            syncing.cancel()
        await asyncio.gather(syncing, return_exceptions=True)

    async def _call_online(self) -> None:
        for handler in self._handlers:
            await self._guarded(handler.online())

    def _gone(self, server: Server | None, error: TermxmppError | None) -> None:
        self._server = None
        self._processor.unbound(error)
        self._outbox.lost()
        if server is not None:
            server.abort()

    async def prove(self, timeout: float) -> None:
        """Wait until the server has confirmed all that was sent (`Server.prove`)."""
        if self._server is None:
            raise ConnectionFailed("The connection is gone.")
        await self._server.prove(timeout)

    async def _request(self, stanza: Outgoing) -> IncomingIq:
        if self._server is None:
            raise ConnectionFailed(f"{self.account.bare} is not online: /connect first.")
        return await self._processor.request(stanza, self._answer_timeout)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except TermxmppError as error:
            self._tell_error(str(error))
        except Exception:
            logger.exception("a task of %s failed", self.account)
            self._tell_error("Something failed: a bug of termxmpp; the log has the details.")

    def _tell_error(self, text: str) -> None:
        self.emit(events.NoticeGiven(Notice(text, self.now(), is_error=True)))

    def _set_link(self, link: Link) -> None:
        if link != self.state.link:
            self.emit(events.LinkChanged(link))

    @staticmethod
    def _is_final(error: TermxmppError | None) -> bool:
        if isinstance(error, (LoginRefused, CertificateError)):
            return True
        return isinstance(error, RemoteError) and error.condition in FINAL_CONDITIONS
