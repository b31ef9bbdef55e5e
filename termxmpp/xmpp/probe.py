"""A connection that is made to be looked at: each step by itself, and what it has shown.

It goes the way of every connection, so what it finds holds for those. It stops before the log-in,
which it may try, but binds no resource: no session ever notices it.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from termxmpp.errors import LoginRefused, TermxmppError, TlsFailed
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.xmpp.connection import Connection, ConnectionSettings, Opened
from termxmpp.xmpp.places import step_of
from termxmpp.xmpp.resolver import Candidate, Resolver
from termxmpp.xmpp.sasl import (
    LoginHandler,
    PausingHandler,
    SaslHandler,
    by_password,
    listed_bindings,
    offered_mechanisms,
)
from termxmpp.xmpp.sasl2 import Inline, Offer, Sasl2Handler
from termxmpp.xmpp.transport import Transport

__all__ = ["LoginOffer", "Probe", "Reached", "Secured", "Unobserved"]


@dataclass(frozen=True, slots=True)
class Reached:
    """The address that has answered, after so many `seconds`."""

    address: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Secured:
    """TLS with a server that has proved itself: its version, cipher and `certificate` (DER)."""

    version: str
    cipher: str
    certificate: bytes


@dataclass(frozen=True, slots=True)
class LoginOffer:
    """The log-ins on offer, and the one that would be used, or why there is none (`problem`).

    `is_extensible`: by XEP-0388. `bindings` are what the server says it can bind log-ins to,
    None where it says nothing (XEP-0440).
    """

    mechanisms: tuple[str, ...]
    bindings: tuple[str, ...] | None = None
    is_extensible: bool = False
    mechanism: str = ""
    problem: str = ""


class Unobserved:
    """Who is told how a connection goes that nobody follows."""

    def step(self, text: str) -> None:
        """Seen by who goes the steps."""

    def bound(self, opened: Opened) -> None:
        """Never."""

    def at_bind(self) -> Sequence[Element]:
        return ()

    def lost(self, error: TermxmppError | None) -> None:
        """Told by the step that it ends."""

    def before_write(self) -> None:
        """Nothing is kept."""

    def traffic(self, element: Element, is_ours: bool) -> None:
        """Nothing is shown."""


class _Alone(Inline):
    """Asks for nothing along with the log-in: neither a session, nor a resource, nor a token."""

    def requests(self, offer: Offer, *, can_bind: bool) -> list[Element]:
        return [self._user_agent()]


class Probe(Connection):
    """A connection whose steps are gone one by one: connect, secure, offer, log_in; used once.

    Each raises the TermxmppError of what failed; whatever came of them, `abort` ends it.
    """

    _reached: socket.socket | None = None

    @property
    def settings(self) -> ConnectionSettings:
        """Where and how the account connects."""
        return self._settings

    @property
    def resolver(self) -> Resolver:
        """Who knows where servers are."""
        return self._resolver

    async def candidates(self) -> list[Candidate]:
        """The places that would be tried, in this order."""
        return await self._candidates()

    async def addresses(self, candidate: Candidate) -> list[str]:
        """The addresses of that place."""
        return await self._places.addresses(candidate)

    async def connect(self, candidate: Candidate, addresses: Sequence[str]) -> Reached:
        """Dial one of the `addresses` of `candidate`, or of the proxy."""
        began = time.monotonic()
        self._reached = await self._places.connect(candidate, addresses)
        return Reached(str(self._reached.getpeername()[0]), time.monotonic() - began)

    async def pass_proxy(self, candidate: Candidate) -> float:
        """Go on through the proxy to `candidate`; after how many seconds."""
        began = time.monotonic()
        sock, self._reached = self._reached, None
        assert sock is not None
        await self._places.pass_proxy(sock, candidate)
        self._reached = sock
        return time.monotonic() - began

    async def secure(self, candidate: Candidate) -> Secured:
        """TLS, as the account wants it verified; CertificateError where it is not to be trusted."""
        sock, self._reached = self._reached, None
        assert sock is not None
        self._begin(sock, candidate, self._settings.tls)
        words = _("The server does not go on with TLS.")
        async with step_of(self._settings.timeouts.tls, words):
            await self._course.step()
        tls = self._transport.tls if self._transport is not None else None
        certificate = tls.getpeercert(binary_form=True) if tls is not None else None
        if tls is None or certificate is None:
            raise TlsFailed(_("The server showed no certificate."))
        cipher = tls.cipher()
        return Secured(tls.version() or "", cipher[0] if cipher else "", certificate)

    async def shown(self, candidate: Candidate) -> bytes | None:
        """The certificate that is shown there, in DER, which may be nobody's to trust."""
        return await self._look(candidate)

    async def offer(self) -> LoginOffer:
        """The log-ins that are offered behind TLS."""
        words = _("The server says nothing behind TLS.")
        async with step_of(self._settings.timeouts.login, words):
            await self._course.step()
        assert self._stream is not None
        features = self._stream.features
        extensible = Offer.from_features(features)
        mechanisms = extensible.mechanisms if extensible else offered_mechanisms(features)
        bindings = listed_bindings(features)
        mechanism = problem = ""
        try:
            mechanism = by_password(
                mechanisms,
                features,
                self._stream,
                self._credentials,
                is_pinned=bool(self._settings.tls.pin),
            ).mechanism
        except LoginRefused as error:
            problem = str(error)
        return LoginOffer(
            tuple(sorted(mechanisms)),
            None if bindings is None else tuple(sorted(bindings)),
            extensible is not None,
            mechanism,
            problem,
        )

    async def log_in(self) -> None:
        """Log in, and leave before there is any session."""
        stream = self._stream
        assert stream is not None
        words = _("The server does not go on with the log-in.")
        try:
            async with step_of(self._settings.timeouts.login, words):
                for login in self._logins[1:]:
                    if login.handle_stream_features(stream, stream.features) is not None:
                        break
                await self._course.step()
        except TermxmppError as error:
            error.args = (self.cleared(error),)
            raise
        await self.close()

    def cleared(self, error: TermxmppError) -> str:
        """The words of `error`; a password that a server has sent back is in them no more."""
        if not error.said:
            return str(error)
        # Only there: our own words may have it by chance, and would tell it by lacking it.
        before, said, behind = str(error).rpartition(error.said)
        password = self._credentials.password
        # What is told of it has single spaces.
        for secret in filter(None, (password, " ".join(password.split()))):
            said = said.replace(secret, "…")
        return f"{before}{said}{behind}"

    def abort(self) -> None:
        if self._reached is not None:
            self._reached.close()
            self._reached = None
        super().abort()

    def _login_handlers(self, transport: Transport, *, is_pinned: bool) -> tuple[LoginHandler, ...]:
        self._inline = _Alone(self._management, self._instance, (), binds=False, by_password=True)
        extensible = Sasl2Handler(
            self._credentials,
            self._inline,
            self._let_in,
            lambda jid: None,
            transport.fail,
            is_pinned=is_pinned,
        )
        classic = SaslHandler(
            self._credentials, self._authenticated, transport.fail, is_pinned=is_pinned
        )
        # What is asked first stops the way, until `log_in` asks the others.
        return PausingHandler(self._course.advance), extensible, classic
