"""The link of an account to its server: when to dial, whether it lives, and how to leave.

Only this module decides when to connect. What the account does with a link, that it says to its
`Linked`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar
from xml.etree.ElementTree import Element

from termxmpp.core.link import Link, Phase
from termxmpp.errors import (
    CertificateError,
    ConnectionFailed,
    LoginRefused,
    RemoteError,
    TermxmppError,
)
from termxmpp.words import _
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.connection import Opened
from termxmpp.xmpp.stanzas import Outgoing

__all__ = ["LAST_PROOF", "LONGEST_DELAY", "PATIENCE", "SUSPICION", "Linked", "Server", "Uplink"]

# Reconnecting waits 1, 2, 4 … seconds, at most this long: a server that comes back after an
# hour is found within five minutes, and one that is down is not hammered.
LONGEST_DELAY = 300.0

# A server that is asked whether it is there says so within this, or is not there (seconds):
# after a suspend, and after long silence.
SUSPICION, PATIENCE = 3.0, 20.0

# Leaving in good order waits so long for the last words of the features, and so long for the
# word on what was sent last (seconds).
LAST_PROOF = 2.0

# A stream error after which coming back at once would only fight with the other session
# (RFC 6120 §4.9.3.3) or repeat a refusal (§4.9.3.12).
FINAL_CONDITIONS = frozenset({"conflict", "host-unknown", "not-authorized", "policy-violation"})

Result = TypeVar("Result")


class Server(Protocol):
    """A connection to the account's server, used once."""

    async def open(self) -> Opened:
        """Dial, secure, log in, and go on with the session or bind."""
        ...

    def send(self, stanza: Outgoing) -> None:
        """Send `stanza`; ConnectionFailed if the stream is closed."""
        ...

    def send_element(self, element: Element) -> None:
        """Send `element`, which is no stanza; ConnectionFailed if the stream is closed."""
        ...

    def flush(self) -> None:
        """Let as much leave now as the socket takes."""
        ...

    async def prove(self, timeout: float) -> None:
        """Wait until the server has confirmed all that was sent; RemoteError after `timeout`."""
        ...

    @property
    def heard_at(self) -> float:
        """When the server was last heard, by the monotonic clock."""
        ...

    async def close(self) -> None:
        """Close the stream as RFC 6120 §4.4 asks, and wait for the peer's end a short time."""
        ...

    def abort(self) -> None:
        """Drop the connection at once."""
        ...


class Linked(Protocol):
    """What the link needs of its account."""

    def now(self) -> datetime: ...

    def spawn(self, work: Coroutine[Any, Any, None]) -> None: ...

    def dial(self) -> Server:
        """A connection that has not been opened yet; the account tells `Uplink` how it goes."""
        ...

    def link_is(self, link: Link) -> None:
        """The link stands so now."""
        ...

    def opened(self, opened: Opened) -> None:
        """The stream is open, and all is known of it."""
        ...

    async def synchronise(self) -> None:
        """Fetch what has to be known before the account counts as online."""
        ...

    def went_online(self) -> None:
        """What waits may leave now."""
        ...

    async def say_last_words(self) -> None:
        """Say what has to be said while the session still is there."""
        ...

    @property
    def has_unconfirmed(self) -> bool:
        """Whether the session can go on later, and has something that is not confirmed."""
        ...

    def link_gone(self, error: TermxmppError | None) -> None:
        """There is no link any more."""
        ...


class Uplink:
    """The link of `account`: from `connect` to `disconnect` there is one, or will be again.

    `jitter` spreads the time between two tries, `reconnects` is whether there is more than one.
    After `ping_interval` seconds of silence the server is asked whether it is there, with 0
    never. `server` is the bound connection, None while offline; `failure` is why the last link
    ended or never began.
    """

    def __init__(
        self,
        account: Linked,
        *,
        jitter: Callable[[], float],
        reconnects: bool,
        ping_interval: float,
    ) -> None:
        self.server: Server | None = None
        self.failure: TermxmppError | None = None
        self.ping_interval = ping_interval
        self._account = account
        self._jitter = jitter
        self._reconnects = reconnects
        self._opening: Server | None = None
        self._silence: asyncio.TimerHandle | None = None
        self._lost: asyncio.Future[TermxmppError | None] | None = None
        self._running: asyncio.Task[None] | None = None
        self._skip_delay = asyncio.Event()
        self._has_left = asyncio.Event()
        self._has_left.set()
        self._delay = 1.0

    @property
    def listens_to_silence(self) -> bool:
        """Whether the server will be asked if it is there, should it stay silent."""
        return self._silence is not None

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
            await self._has_left.wait()
            return
        self._has_left.clear()
        server = self.server
        try:
            if server is not None:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LAST_PROOF):
                        await self._account.say_last_words()
                self.server = None
                with contextlib.suppress(TermxmppError):
                    await self._leave(server)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            self._gone(server, None)
            self._account.link_is(Link(Phase.OFFLINE))
            self._has_left.set()

    def bound(self) -> None:
        """What was opening is the server from here on."""
        self.server, self._opening = self._opening, None

    def lost(self, error: TermxmppError | None) -> None:
        """The connection has ended; None if in good order."""
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(error)

    def is_dead(self, words: str) -> None:
        """The server gave no sign of life: another connection, at once."""
        if self.server is not None:
            self.lost(ConnectionFailed(words))
            self._skip_delay.set()

    def world_changed(self) -> None:
        """The machine has slept, or its network is another: prove the link, or replace it."""
        self._delay = 1.0
        if self.server is not None:
            self._account.spawn(self._prove_alive(SUSPICION))
        elif self._opening is not None:
            self.lost(ConnectionFailed(_("The network has changed.")))
            self._opening.abort()
            self._skip_delay.set()
        elif self._running is not None:
            self._skip_delay.set()

    def flush(self) -> None:
        """Let leave now what would leave in the next turn, which may be long in coming."""
        if self.server is not None:
            self.server.flush()

    async def prove(self, timeout: float) -> None:
        """Wait until the server has confirmed all that was sent (`Server.prove`)."""
        if self.server is None:
            raise ConnectionFailed(_("The connection is gone."))
        await self.server.prove(timeout)

    def listen_anew(self, ping_interval: float, *, is_online: bool) -> None:
        """Let `ping_interval` hold from now on."""
        if ping_interval == self.ping_interval:
            return
        self.ping_interval = ping_interval
        self._listen_no_longer()
        if is_online:
            self._listen()

    async def _run(self) -> None:
        await self._has_left.wait()
        self._delay = 1.0
        while True:
            self._skip_delay.clear()
            try:
                error = await self._one_link()
            except TermxmppError as failure:
                error = failure
            else:
                self._delay = 1.0
            if not self._has_left.is_set():
                # The end is that of our own leaving.
                return
            self.failure = error
            if _is_final(error):
                self._account.link_is(Link(Phase.REFUSED, problem=str(error)))
                return
            if not self._reconnects:
                self._account.link_is(Link(Phase.OFFLINE, problem=str(error or "")))
                return
            await self._wait_for_next(str(error or _("The server closed the connection.")))

    async def _wait_for_next(self, problem: str) -> None:
        """Wait until it is time for another try, each time longer."""
        wait = self._delay * self._jitter()
        self._delay = min(self._delay * 2, LONGEST_DELAY)
        retry_at = self._account.now() + timedelta(seconds=wait)
        self._account.link_is(Link(Phase.RECONNECTING, retry_at=retry_at, problem=problem))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._skip_delay.wait()

    async def _one_link(self) -> TermxmppError | None:
        """From dialling to the end of the link; returns why it ended, raises why it never began."""
        self._account.link_is(Link(Phase.CONNECTING, step="resolving"))
        self._lost = asyncio.get_running_loop().create_future()
        server = self._opening = self._account.dial()
        error: TermxmppError | None = None
        try:
            self._account.opened(await self._unless_lost(server.open()))
            self._account.link_is(Link(Phase.CONNECTING, step="sync"))
            await self._unless_lost(self._account.synchronise())
            self._account.link_is(Link(Phase.ONLINE))
            self._listen()
            self._account.went_online()
            error = await self._lost
        except TermxmppError as failure:
            error = failure
            raise
        finally:
            self._gone(server, error)
        return error

    async def _unless_lost(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What `work` gives, unless the link is lost meanwhile: then raises why."""
        assert self._lost is not None
        task = asyncio.ensure_future(work)
        either: list[asyncio.Future[Any]] = [task, self._lost]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if self._lost.done():
                raise self._lost.result() or ConnectionFailed(
                    _("The server closed the connection.")
                )
            return task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _leave(self, server: Server) -> None:
        """Say good-bye; a session in which a message is not confirmed is kept for later.

        Kept as it is, without a good-bye: who goes on with it has not been away.
        """
        if self._account.has_unconfirmed:
            with contextlib.suppress(RemoteError, TimeoutError):
                async with asyncio.timeout(LAST_PROOF):
                    await server.prove(LAST_PROOF)
            if self._account.has_unconfirmed:
                return
        server.send(stanzas.presence(type="unavailable"))
        await server.close()

    def _listen(self) -> None:
        """Ask for a sign of life when there was none for long; one timer, no more."""
        server = self.server
        if server is None or not self.ping_interval:
            return
        loop = asyncio.get_running_loop()
        quiet_at = server.heard_at + self.ping_interval
        if quiet_at <= loop.time():
            self._account.spawn(self._prove_alive(PATIENCE))
            quiet_at = loop.time() + self.ping_interval
        self._silence = loop.call_at(quiet_at, self._listen)

    def _listen_no_longer(self) -> None:
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None

    async def _prove_alive(self, timeout: float) -> None:
        server = self.server
        try:
            await self.prove(timeout)
        except RemoteError:
            if server is self.server:
                self.is_dead(
                    _("The server gave no sign of life for {timeout:g} s.").format(timeout=timeout)
                )
        except ConnectionFailed:
            # The link has found its end by itself.
            pass

    def _gone(self, server: Server | None, error: TermxmppError | None) -> None:
        self.server = self._opening = None
        self._listen_no_longer()
        self._account.link_gone(error)
        if server is not None:
            server.abort()


def _is_final(error: TermxmppError | None) -> bool:
    """Whether there is no use in trying again."""
    if isinstance(error, (LoginRefused, CertificateError)):
        return True
    return isinstance(error, RemoteError) and error.condition in FINAL_CONDITIONS
