"""Where the server of an account is, and the way there: the DNS, and a connection by TCP.

Through a proxy there is no DNS, so no SRV record: the domain itself is dialled (RFC 6120 §3.2.2),
or what the user says. The proxy finds the name, as users of Tor need it.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from termxmpp.core.jid import ascii_domain
from termxmpp.errors import ConnectionFailed, ResolveFailed, TermxmppError, UserError
from termxmpp.words import _
from termxmpp.xmpp.dialer import dial
from termxmpp.xmpp.resolver import STARTTLS_PORT, Candidate, Resolver, parse_server
from termxmpp.xmpp.terms import ConnectionSettings

__all__ = ["Places", "merged", "step_of"]


class Places:
    """The places of the server that `settings` are about; `step` is told what begins."""

    def __init__(
        self, resolver: Resolver, settings: ConnectionSettings, step: Callable[[str], None]
    ) -> None:
        self._resolver = resolver
        self._settings = settings
        self._step = step

    async def candidates(self, location: str) -> list[Candidate]:
        """The places to try, in this order; a session wants to go on at `location`, if any."""
        self._step("resolving")
        if self._settings.server is not None:
            return [self._settings.server]
        preferred = _preferred(location)
        if self._settings.proxy is not None:
            return [*preferred, Candidate(self._domain, STARTTLS_PORT)]
        try:
            return preferred + await self._resolved()
        except ResolveFailed:
            if not preferred:
                raise
            return preferred

    async def _resolved(self) -> list[Candidate]:
        domain = self._settings.jid.domain
        words = _("The DNS gives no answer about {domain} in time.").format(domain=domain)
        try:
            async with asyncio.timeout(self._settings.timeouts.resolve):
                return await self._resolver.services(domain)
        except TimeoutError:
            raise ResolveFailed(words) from None

    async def dial(self, candidate: Candidate) -> socket.socket:
        """A connection to `candidate`; ConnectionFailed or ResolveFailed if there is none."""
        sock = await self.connect(candidate, await self.addresses(candidate))
        await self.pass_proxy(sock, candidate)
        return sock

    async def addresses(self, candidate: Candidate) -> list[str]:
        """The addresses of `candidate`, or of the proxy, as the DNS tells them."""
        host, port = self._first(candidate)
        words = _("The DNS gives no answer about {place}.").format(place=f"{host}:{port}")
        async with step_of(self._settings.timeouts.resolve, words):
            return await self._resolver.addresses(host)

    async def connect(self, candidate: Candidate, addresses: Sequence[str]) -> socket.socket:
        """A connection to one of the `addresses` of `candidate`, or of the proxy."""
        host, port = self._first(candidate)
        place = f"{host}:{port}"
        self._step(f"tcp {place}")
        async with step_of(
            self._settings.timeouts.connect, _("{place} does not answer.").format(place=place)
        ):
            try:
                return await dial(addresses, port)
            except ConnectionFailed as error:
                words = _("{host} can't be reached. {error}").format(host=host, error=error)
                if self._settings.proxy is not None:
                    words = _("The proxy {host} can't be reached. {error}").format(
                        host=host, error=error
                    )
                raise ConnectionFailed(words) from None

    async def pass_proxy(self, sock: socket.socket, candidate: Candidate) -> None:
        """Let `sock` lead through the proxy, if there is one, to `candidate`.

        Raises ConnectionFailed, with `sock` closed.
        """
        proxy = self._settings.proxy
        if proxy is None:
            return
        # Few have a proxy.
        from termxmpp.xmpp.tunnel import Unreached, tunnel

        place = f"{candidate.host}:{candidate.port}"
        self._step(f"tcp {place}")
        words = _("The proxy {proxy} gives no answer about {place}.")
        async with step_of(self._settings.timeouts.proxy, words.format(proxy=proxy, place=place)):
            try:
                await tunnel(sock, proxy, candidate.host, candidate.port)
            except Unreached as error:
                if self._settings.server is not None:
                    raise
                hint = _("{error} If its service is elsewhere, --server HOST:PORT says where.")
                raise ConnectionFailed(hint.format(error=error)) from None

    def _first(self, candidate: Candidate) -> tuple[str, int]:
        """Host and port of what is dialled on the way to `candidate`."""
        proxy = self._settings.proxy
        return (candidate.host, candidate.port) if proxy is None else (proxy.host, proxy.port)

    @property
    def _domain(self) -> str:
        """The account's domain as a proxy takes it, in ASCII."""
        domain = self._settings.jid.domain
        try:
            return ascii_domain(domain)
        except ValueError as error:
            raise ResolveFailed(
                _("{host} is no host name: {error}.").format(host=domain, error=error)
            ) from None


@asynccontextmanager
async def step_of(seconds: float, words: str) -> AsyncIterator[None]:
    """Bound a step: ConnectionFailed with `words` when its time is over."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise ConnectionFailed(words) from None


def merged(failures: Sequence[TermxmppError]) -> TermxmppError:
    """One error for all places that failed: the DNS is to blame only if it was for each."""
    if len(failures) == 1:
        return failures[0]
    words = " ".join(str(failure) for failure in failures)
    if all(isinstance(failure, ResolveFailed) for failure in failures):
        return ResolveFailed(words)
    return ConnectionFailed(words)


def _preferred(location: str) -> list[Candidate]:
    """Where the server wants its session resumed (XEP-0198 §3), by STARTTLS; often nowhere."""
    if not location:
        return []
    try:
        return [parse_server(location, is_direct_tls=False)]
    except UserError:
        return []
