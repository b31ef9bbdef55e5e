"""The whole way to the server, step by step: resolve, dial, TLS, log-in, bind; and its end.

Every step has a time-out and can be cancelled; what is left of a step that failed is closed
before the next begins. A place that does not answer leads to the next one; a bad certificate
or a refused log-in ends the way.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeVar
from xml.etree.ElementTree import Element

from pyxmpp2.settings import XMPPSettings
from pyxmpp2.streamevents import GotFeaturesEvent

from termxmpp.core.jid import Jid, ascii_domain
from termxmpp.errors import (
    CertificateError,
    ConnectionFailed,
    LoginRefused,
    RemoteError,
    ResolveFailed,
    TermxmppError,
)
from termxmpp.standard import Standard
from termxmpp.words import _
from termxmpp.xmpp.binding import BIND_TAG, bind
from termxmpp.xmpp.course import Course
from termxmpp.xmpp.jids import to_pyxmpp
from termxmpp.xmpp.places import Places, merged, step_of
from termxmpp.xmpp.processor import Processor
from termxmpp.xmpp.proof import prove
from termxmpp.xmpp.resolver import Candidate, Resolver
from termxmpp.xmpp.sasl import Credentials, LoginHandler, SaslHandler
from termxmpp.xmpp.sasl2 import Inline, Instance, Sasl2Handler, Stranger
from termxmpp.xmpp.stanzas import Outgoing
from termxmpp.xmpp.stream import Stream
from termxmpp.xmpp.stream_management import NS as SM_NS
from termxmpp.xmpp.stream_management import StreamManagement
from termxmpp.xmpp.terms import ConnectionObserver, ConnectionSettings, Opened, Timeouts
from termxmpp.xmpp.tls import (
    CertificateShown,
    StartTlsHandler,
    TlsOptions,
    describe,
    fingerprint,
    secure,
)
from termxmpp.xmpp.transport import Transport

__all__ = ["Connection", "ConnectionObserver", "ConnectionSettings", "Opened", "Timeouts"]

CORE = Standard(
    "RFC 6120", "XMPP: Core", note="always TLS; SCRAM with SHA-1, SHA-256 and SHA-512, else PLAIN"
)

Reached = TypeVar("Reached")

# The limits of a stream (XEP-0478); less than 10,000 bytes no server may ask for (RFC 6120 §13.12).
LIMITS_NS = "urn:xmpp:stream-limits:0"
_BYTES = re.compile("[1-9][0-9]{4,8}")


class Connection:
    """One connection of `settings.jid`, used once.

    `mainloop` is the pyxmpp2 main loop that drives the socket; stanzas go to `processor`.
    `management` is that of the account, whose session may go on here. `instance` is what the
    server may know us by.
    """

    def __init__(
        self,
        mainloop: Any,
        resolver: Resolver,
        settings: ConnectionSettings,
        credentials: Credentials,
        processor: Processor,
        management: StreamManagement,
        observer: ConnectionObserver,
        instance: Instance | None = None,
    ) -> None:
        self._mainloop = mainloop
        self._resolver = resolver
        self._settings = settings
        self._places = Places(resolver, settings, observer.step)
        self._credentials = credentials
        self._processor = processor
        self._observer = observer
        self._transport: Transport | None = None
        self._stream: Stream | None = None
        self._logins: tuple[LoginHandler, ...] = ()
        self._instance = instance or Stranger()
        self._inline: Inline | None = None
        self._management = management
        self._course = Course()
        self._opened: Opened | None = None
        self._was_bound = False

    async def open(self) -> Opened:
        """Go the whole way, to the bound or resumed stream.

        Raises the TermxmppError of the step that failed, with everything closed.
        """
        return await self._first(self._try)

    async def _first(self, attempt: Callable[[Candidate], Awaitable[Reached]]) -> Reached:
        """What `attempt` brings at the first place that answers; see `open`."""
        failures: list[TermxmppError] = []
        for candidate in await self._candidates():
            try:
                return await attempt(candidate)
            except CertificateError as error:
                raise await self._explained(error, candidate) from None
            except (LoginRefused, RemoteError):
                raise
            except (ConnectionFailed, ResolveFailed) as error:
                if self._was_bound:
                    raise
                failures.append(error)
        raise merged(failures)

    def send(self, stanza: Outgoing) -> None:
        """Send `stanza`; ConnectionFailed if the stream is closed."""
        if self._stream is None or self._opened is None:
            raise ConnectionFailed(_("The connection is closed."))
        written: Any = stanza
        self._stream.send(written)

    def send_element(self, element: Element) -> None:
        """Send `element`, which is no stanza and does not count; ConnectionFailed if closed."""
        if self._stream is None or self._opened is None:
            raise ConnectionFailed(_("The connection is closed."))
        self._stream.write_element(element)

    def flush(self) -> None:
        """Let as much leave now as the socket takes."""
        if self._transport is not None:
            self._transport.handle_write()

    @property
    def heard_at(self) -> float:
        """When the server was last heard, by the monotonic clock."""
        return self._transport.heard_at if self._transport is not None else 0.0

    async def prove(self, timeout: float) -> None:
        """Wait until the server has confirmed all that was sent so far (XEP-0198, XEP-0199).

        RemoteError when it confirms nothing more for `timeout` seconds, ConnectionFailed when
        the stream ends before.
        """
        domain = self._settings.jid.domain
        await prove(self._course, self._management, self._processor, domain, timeout)

    async def close(self) -> None:
        """End the stream in good order, reading until the peer's end (RFC 6120 §4.4)."""
        if self._transport is None or self._course.is_over:
            return
        # What we have need not be kept for us any more (XEP-0198 §4).
        self._management.acknowledge()
        self._transport.send_stream_tail()
        # Who leaves in good order ends the session (XEP-0198 §7).
        self._management.end()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.timeouts.close):
                await self._course.over()
        self.abort()

    def abort(self) -> None:
        """Close everything at once."""
        if self._transport is not None:
            self._transport.close()

    async def _candidates(self) -> list[Candidate]:
        return await self._places.candidates(self._management.location)

    async def _try(self, candidate: Candidate) -> Opened:
        """A log-in by the token that was kept, if there is one; where that fails, by password."""
        try:
            return await self._attempt(candidate)
        except (LoginRefused, ConnectionFailed) as error:
            if self._inline is None or not self._inline.is_token_at_fault:
                raise
            has_answered = isinstance(error, LoginRefused)
        opened = await self._attempt(candidate, by_password=True)
        if not has_answered:
            # A server that lets the password in and breaks on its tokens gets none of them.
            self._instance.keep_token(None)
        return opened

    async def _attempt(self, candidate: Candidate, *, by_password: bool = False) -> Opened:
        self._inline = None
        sock = await self._places.dial(candidate)
        try:
            self._inline = Inline(
                self._management,
                self._instance,
                self._observer.at_bind(),
                binds=self._settings.jid.is_bare,
                by_password=by_password,
            )
            self._begin(sock, candidate, self._settings.tls)
            await self._negotiate()
            return await self._settle()
        except BaseException:
            self.abort()
            raise

    def _begin(self, sock: socket.socket, candidate: Candidate, tls: TlsOptions) -> None:
        """Set up the stream on `sock`; its features lead through TLS and log-in."""
        self._course = Course()
        transport = self._transport = Transport(sock, self._on_closed, self._observer.before_write)
        domain = self._settings.jid.domain
        # What the certificate must be for is the account's domain, wherever we dial.
        name = ascii_domain(domain)

        def secured() -> None:
            stream.tls_established = True
            # Nothing that came before, in the clear, may speak of sessions.
            self._attach(stream)
            self._course.advance()
            if candidate.is_direct_tls:
                stream.initiate(transport)
            else:
                stream._restart_stream()

        def start_tls() -> None:
            secure(transport, name, tls, is_direct=candidate.is_direct_tls, on_secured=secured)

        self._logins = self._login_handlers(transport, is_pinned=bool(tls.pin))
        handlers = [StartTlsHandler(start_tls), *self._logins]
        self._processor.setup_stanza_handlers([], "pre-auth")
        stream: Stream = Stream(
            to_pyxmpp(self._settings.jid.bare),
            self._processor,
            handlers,
            XMPPSettings(),
            self._event,
        )
        self._stream = stream
        self._processor.uplink = stream
        transport.set_target(stream)
        self._mainloop.add_handler(transport)
        try:
            if candidate.is_direct_tls:
                start_tls()
            else:
                stream.initiate(transport)
        except TermxmppError as error:
            transport.fail(error)

    def _login_handlers(self, transport: Transport, *, is_pinned: bool) -> tuple[LoginHandler, ...]:
        """What logs in, the better profile first."""
        classic = SaslHandler(
            self._credentials, self._authenticated, transport.fail, is_pinned=is_pinned
        )
        if self._inline is None:
            return (classic,)
        extensible = Sasl2Handler(
            self._credentials,
            self._inline,
            self._let_in,
            lambda jid: self._bound(jid, is_resumed=False),
            transport.fail,
            is_pinned=is_pinned,
        )
        return extensible, classic

    def _attach(self, stream: Stream) -> None:
        """Let the account's session management follow `stream`."""
        management = self._management
        management.attach(stream.write_element)
        management.on_resumed = lambda jid: self._bound(jid, is_resumed=True)
        stream.on_element = management.handle
        stream.on_stanza = management.received
        stream.on_sent = management.sent

    async def _negotiate(self) -> None:
        timeouts = self._settings.timeouts
        self._observer.step("tls")
        async with step_of(timeouts.tls, _("The server does not go on with TLS.")):
            await self._course.step()
        self._observer.step("login")
        async with step_of(timeouts.login, _("The server does not go on with the log-in.")):
            await self._course.step()
            await self._course.step()

    async def _settle(self) -> Opened:
        """What the log-in has not brought along: the session (XEP-0198 §5), or a new one."""
        assert self._stream is not None
        management, features = self._management, self._stream.features
        has_management = features.find(f"{{{SM_NS}}}sm") is not None
        self._course.require()
        async with step_of(self._settings.timeouts.login, _("The server does not bind.")):
            if self._opened is None and management.can_resume and has_management:
                await self._course.unless_over(management.resume())
                self._course.require()
            if self._opened is None:
                await self._bind_classically(has_management=has_management)
            elif has_management and not management.is_enabled:
                await self._course.unless_over(management.enable(self._opened.jid))
        self._course.require()
        assert self._opened is not None
        limit = (features.findtext(f"{{{LIMITS_NS}}}limits/{{{LIMITS_NS}}}max-bytes") or "").strip()
        return replace(
            self._opened,
            features=frozenset(each.tag for each in features),
            max_bytes=int(limit) if _BYTES.fullmatch(limit) else None,
        )

    async def _bind_classically(self, *, has_management: bool) -> None:
        """A resource (RFC 6120 §7), and a session (XEP-0198 §3) if the server has them."""
        assert self._stream is not None
        if self._stream.features.find(BIND_TAG) is None:
            raise RemoteError(_("The server lets us in and offers no resource to bind."))
        self._management.give_up()
        enabling: list[asyncio.Future[bool]] = []

        def bound(jid: Jid) -> None:
            # Whatever comes behind the answer belongs to the session already, and whatever
            # leaves from here on counts.
            if has_management:
                enabling.append(self._management.enable(jid))
            self._bound(jid, is_resumed=False)

        await self._course.unless_over(
            bind(self._processor, self._stream.send, self._settings.jid.resource, bound)
        )
        for each in enabling:
            await self._course.unless_over(each)

    def _bound(self, jid: Jid, *, is_resumed: bool) -> None:
        assert self._stream is not None
        enabled = self._inline.enabled if self._inline is not None else frozenset()
        self._opened = Opened(jid, is_resumed, frozenset() if is_resumed else enabled)
        self._was_bound = True
        self._stream.me = to_pyxmpp(jid)
        self._stream.on_traffic = self._observer.traffic
        self._observer.bound(self._opened)

    async def _explained(self, error: CertificateError, candidate: Candidate) -> CertificateError:
        """`error` with what the certificate says."""
        if self._settings.tls.pin:
            return error
        shown = await self._look(candidate)
        if shown is None:
            return error
        words = describe(shown, self._settings.jid.domain)
        return CertificateError(f"{error} {words}", facts=words, pin=f"sha256:{fingerprint(shown)}")

    async def _look(self, candidate: Candidate) -> bytes | None:
        """The certificate that is shown there, in DER, if one is.

        OpenSSL gives no certificate back that it refused. So it is looked at over a connection
        of its own, on which nothing is sent.
        """
        try:
            self._inline = None
            sock = await self._places.dial(candidate)
            try:
                self._begin(sock, candidate, TlsOptions(is_look=True))
                async with asyncio.timeout(self._settings.timeouts.tls):
                    await self._course.step()
            finally:
                self.abort()
        except CertificateShown as shown:
            return shown.certificate
        except (TermxmppError, TimeoutError):
            return None
        return None

    def _let_in(self) -> None:
        """The server has let us in: from here on the stream is the account's."""
        assert self._stream is not None
        self._stream.authenticated = True
        self._course.advance()

    def _authenticated(self) -> None:
        """The classic log-in is done: a new stream begins (RFC 6120 §6.4.6)."""
        assert self._stream is not None
        self._let_in()
        self._stream._restart_stream()

    def _event(self, event: Any) -> None:
        """pyxmpp2 tells that features came: behind the log-in they are the last step."""
        is_last = self._stream is not None and self._stream.authenticated
        if is_last and isinstance(event, GotFeaturesEvent):
            self._course.advance()

    def _on_closed(self, error: TermxmppError | None) -> None:
        self._mainloop.remove_handler(self._transport)
        for login in self._logins:
            login.cancel()
        self._management.detach()
        self._course.end(error)
        if self._opened is not None:
            self._opened = None
            self._observer.lost(error)
