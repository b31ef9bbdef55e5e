"""The connection of a script: log in, try again for as long as it may, and go on with the session.

Nothing of it is kept when the script ends but what `Instance` keeps. What happens is told to the
script's `Listener`, in the turn in which it comes.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar
from xml.etree.ElementTree import Element

from termxmpp.core.jid import Jid
from termxmpp.core.session import Session
from termxmpp.errors import ConnectionFailed, TermxmppError
from termxmpp.words import _
from termxmpp.xmpp.connection import Connection
from termxmpp.xmpp.hooks import StanzaHandler
from termxmpp.xmpp.processor import Processor
from termxmpp.xmpp.resolver import Resolver
from termxmpp.xmpp.sasl import Credentials
from termxmpp.xmpp.sasl2 import Instance
from termxmpp.xmpp.stanzas import IncomingIq, Outgoing
from termxmpp.xmpp.stream_management import StreamManagement
from termxmpp.xmpp.terms import ConnectionSettings, Opened, Timeouts, longest_text

__all__ = ["Link", "Listener"]

# Between two tries it waits 1, 2, 4 … seconds, at most this long.
LONGEST_DELAY = 30.0


Result = TypeVar("Result")


class Listener(Protocol):
    """Who is told what happens on the link."""

    def taken(self, ids: Sequence[str]) -> None:
        """The server has taken responsibility for these stanzas."""
        ...

    def changed(self) -> None:
        """The link is another than before: open, or lost."""
        ...

    def forgotten(self) -> None:
        """The session is over: what has not been taken will not be."""
        ...


class _Log:
    """What a session needs kept, for as long as the script runs (`SessionLog`)."""

    handled = 0

    def session(self) -> Session | None:
        return None

    def session_began(self, session: Session) -> None:
        self.handled = session.handled

    def session_ended(self) -> None:
        """Nothing was kept of it."""

    def stanza_sent(self, stanza: str, stanza_id: str) -> None:
        """The session itself remembers it."""

    def stanzas_acknowledged(self, count: int, total: int) -> None:
        """The session itself forgets them."""

    def stanzas_handled(self, total: int) -> None:
        self.handled = total

    def commit(self) -> None:
        """There is nothing to wait for."""


class Link:
    """The link of an account to its server, by `settings`; stanzas go to `handlers`.

    `timeout` bounds any one answer, in seconds. For `patience` seconds a server that can't be
    reached is tried again, and a link that broke is made anew; with 0 neither is. `complain` is
    told of each try that failed. `longest_text` is how many bytes the text of a message may have.
    """

    def __init__(
        self,
        mainloop: Any,
        settings: ConnectionSettings,
        credentials: Credentials,
        instance: Instance,
        *,
        timeout: float,
        patience: float = 0.0,
        complain: Callable[[str], None] = lambda text: None,
        resolver: Resolver | None = None,
    ) -> None:
        self._mainloop = mainloop
        self._resolver = resolver or Resolver()
        steps = Timeouts(
            resolve=timeout, connect=timeout, proxy=timeout, tls=timeout, login=timeout
        )
        self._settings = replace(settings, timeouts=steps)
        self._credentials = credentials
        self._instance = instance
        self._timeout = timeout
        self._patience = patience
        self._complain = complain
        self._listener: Listener | None = None
        self._processor = Processor()
        self._management = StreamManagement(
            _Log(), self._taken, lambda left: None, resumes=patience > 0
        )
        self._connection: Connection | None = None
        self._lost: asyncio.Future[None] | None = None
        self.account = settings.jid
        self.jid = settings.jid
        self.failure: TermxmppError | None = None
        self.is_resumed = False
        self.longest_text = longest_text()

    def attend(self, listener: Listener, handlers: Sequence[StanzaHandler]) -> None:
        """Let `listener` be told, and `handlers` get the stanzas."""
        self._listener = listener
        self._processor.handlers = list(handlers)
        if self.is_open:
            self._bind()

    @property
    def settings(self) -> ConnectionSettings:
        """The way to the server, which is that of files as well."""
        return self._settings

    @property
    def is_open(self) -> bool:
        """Whether stanzas can be sent now."""
        return self._lost is not None and not self._lost.done()

    async def open(self) -> None:
        """Log in; raises the TermxmppError of the step that failed, when patience is at its end."""
        loop = asyncio.get_running_loop()
        until, delay = loop.time() + self._patience, 1.0
        while True:
            try:
                await self._open()
            except ConnectionFailed as error:
                left = until - loop.time()
                if left <= 0:
                    self.failure = error
                    raise
                self._complain(_("{problem} Trying again.").format(problem=error))
                await asyncio.sleep(min(delay * random.uniform(0.8, 1.2), left))
                delay = min(delay * 2, LONGEST_DELAY)
            else:
                return

    async def reopen(self) -> bool:
        """Whether there is a link again after it broke, as `patience` allows."""
        if not self._patience:
            return False
        try:
            await self.open()
        except TermxmppError as error:
            self.failure = error
            return False
        return True

    async def until_lost(self, work: Awaitable[Result]) -> Result | None:
        """The result of `work`, or None if the link is lost before."""
        task = asyncio.ensure_future(work)
        assert self._lost is not None
        either: list[asyncio.Future[Any]] = [task, self._lost]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            task.cancel()

    def send(self, stanza: Outgoing) -> None:
        """Send `stanza`; ConnectionFailed if there is no link."""
        if self._connection is None:
            raise ConnectionFailed(_("The connection is closed."))
        self._connection.send(stanza)

    async def request(self, stanza: Outgoing, timeout: float | None = None) -> IncomingIq:
        """Send an iq; its result, or RemoteError, or ConnectionFailed (`Processor.request`)."""
        if not self.is_open:
            raise ConnectionFailed(_("The connection is closed."))
        return await self._processor.request(stanza, timeout or self._timeout)

    async def prove(self, timeout: float | None = None) -> None:
        """Wait until the server has confirmed all that was sent (`Connection.prove`)."""
        if self._connection is None:
            raise ConnectionFailed(_("The connection is closed."))
        await self._connection.prove(timeout or self._timeout)

    async def close(self) -> None:
        """Leave in good order; what comes until the server's end of the stream still counts."""
        if self._connection is not None:
            await self._connection.close()

    def abort(self) -> None:
        """Drop the connection at once."""
        if self._connection is not None:
            self._connection.abort()

    # What the connection tells (`xmpp.connection.ConnectionObserver`).

    def step(self, text: str) -> None:
        """Nobody looks."""

    def bound(self, opened: Opened) -> None:
        self.jid = opened.jid
        self.is_resumed = opened.is_resumed
        self._bind()
        self._lost = asyncio.get_running_loop().create_future()
        if not opened.is_resumed and self._listener is not None:
            self._listener.forgotten()

    def at_bind(self) -> Sequence[Element]:
        return ()

    def lost(self, error: TermxmppError | None) -> None:
        self.failure = error or ConnectionFailed(_("The server closed the stream."))
        self._processor.unbound(error)
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(None)
        if self._listener is not None:
            self._listener.changed()

    def before_write(self) -> None:
        """Nothing is kept that would have to be first."""

    def traffic(self, element: Element, is_ours: bool) -> None:
        """Nobody looks."""

    def _bind(self) -> None:
        self._processor.bound(self.jid, Jid("", self.jid.domain))

    async def _open(self) -> None:
        connection = self._connection = Connection(
            self._mainloop,
            self._resolver,
            self._settings,
            self._credentials,
            self._processor,
            self._management,
            self,
            self._instance,
        )
        try:
            opened = await connection.open()
        except TermxmppError as error:
            self._processor.unbound(error)
            self._connection = None
            raise
        self.longest_text = longest_text(opened.max_bytes)
        self.failure = None
        if self._listener is not None:
            self._listener.changed()

    def _taken(self, ids: list[str]) -> None:
        if self._listener is not None:
            self._listener.taken(ids)
