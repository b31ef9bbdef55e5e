"""HTTP for one account: a file brought to where a slot says, or fetched from where a link leads.

Always by TLS, verified. Where a link is led on to (RFC 9110 §15.4) is decided here, each time
anew; nothing is kept of what a server says, and nothing is told but what is asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from termxmpp.core.files import web_link
from termxmpp.core.jid import ascii_domain
from termxmpp.errors import CertificateError, ConnectionFailed, RemoteError, TlsFailed, UserError
from termxmpp.proxies import Proxy
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.xmpp.resolver import Resolver
from termxmpp.xmpp.tls import TlsOptions

if TYPE_CHECKING:
    import httpcore

__all__ = ["Answer", "Header", "Web"]

Header = tuple[str, str]

# What no step may take longer than (seconds), and how often a link may lead on.
# Through Tor a way may have to be found first.
CONNECT, SILENCE, MOST_REDIRECTS = 20.0, 60.0, 5
CONNECT_THROUGH = 60.0

# A server is told what asks and no more.
AGENT = "termxmpp"

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a link has led to: `size` in bytes where it was said, and the content, once."""

    size: int | None
    media_type: str
    chunks: AsyncIterator[bytes]


class Web:
    """Where `resolver` finds it, trusting whom `trust` says, besides the system's authorities.

    What `proxy` says is gone through, if anything.
    """

    def __init__(
        self,
        resolver: Resolver,
        trust: Callable[[], TlsOptions],
        proxy: Callable[[], Proxy | None],
    ) -> None:
        self._resolver = resolver
        self._trust = trust
        self._proxy = proxy

    async def put(
        self, url: str, headers: Sequence[Header], size: int, chunks: AsyncIterator[bytes]
    ) -> None:
        """Bring `size` bytes to `url` (XEP-0363 §4); RemoteError where they are refused."""
        sent = [
            ("User-Agent", AGENT),
            ("Content-Length", str(size)),
            *headers,
        ]
        async with self._request("PUT", url, sent, chunks, is_local_allowed=True) as response:
            if response.status not in (200, 201, 204):
                raise RemoteError(_refusal(url, response))

    @asynccontextmanager
    async def get(self, url: str, *, is_local_allowed: bool) -> AsyncIterator[Answer]:
        """What `url` leads to, unless its server is in our own network and none is allowed."""
        sent = [("User-Agent", AGENT), ("Accept", "*/*"), ("Accept-Encoding", "identity")]
        for _turn in range(MOST_REDIRECTS + 1):
            async with self._request(
                "GET", url, sent, is_local_allowed=is_local_allowed
            ) as response:
                if response.status not in _REDIRECTS:
                    yield _answer(url, response)
                    return
                url = _led_on(url, response)
        raise RemoteError(_("The link leads on and on: it was not followed any more."))

    @asynccontextmanager
    async def _request(
        self,
        method: str,
        url: str,
        headers: Sequence[Header],
        content: AsyncIterator[bytes] | None = None,
        *,
        is_local_allowed: bool,
    ) -> AsyncIterator[httpcore.Response]:
        """One request over a connection of its own; what goes wrong is told in our words."""
        await _load()
        import httpcore

        from termxmpp.transfers.wire import Wire

        address = _encoded(url)
        host = urlsplit(address).hostname or ""
        proxy = self._proxy()
        connect = CONNECT if proxy is None else CONNECT_THROUGH
        timeouts = dict.fromkeys(("connect", "pool"), connect) | dict.fromkeys(
            ("read", "write"), SILENCE
        )
        with _in_our_words(host):
            async with (
                httpcore.AsyncConnectionPool(
                    ssl_context=self._context(),
                    network_backend=Wire(self._resolver, proxy, is_local_allowed=is_local_allowed),
                    max_keepalive_connections=0,
                ) as pool,
                pool.stream(
                    method,
                    address,
                    headers=[(name.encode(), value.encode("latin-1")) for name, value in headers],
                    content=content,
                    extensions={"timeout": timeouts},
                ) as response,
            ):
                yield response

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_default_certs()
        ca_file = self._trust().ca_file
        if ca_file is not None:
            with contextlib.suppress(OSError, ssl.SSLError):
                context.load_verify_locations(ca_file)
        return context


@contextmanager
def _in_our_words(host: str) -> Iterator[None]:
    """What goes wrong on the way to `host`, as a TermxmppError."""
    import httpcore  # loaded by then

    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise CertificateError(
            _(
                "The certificate of {host} is not one to trust: {error}. Nothing was sent; a "
                "`ca_file` of the account names other authorities."
            ).format(host=host, error=error.verify_message)
        ) from None
    except ssl.SSLError as error:
        raise TlsFailed(
            _("TLS with {host} has failed: {error}.").format(host=host, error=error.reason)
        ) from None
    except (httpcore.TimeoutException, TimeoutError):
        raise ConnectionFailed(
            _("{host} has not answered for {seconds:g} s.").format(host=host, seconds=SILENCE)
        ) from None
    except (httpcore.NetworkError, OSError) as error:
        words = str(error) or _("it has closed the connection")
        raise ConnectionFailed(
            _("The connection to {host} is gone: {error}.").format(host=host, error=words)
        ) from None
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        if _has_broken_off(error):
            raise ConnectionFailed(
                _("The connection to {host} is gone: {error}.").format(
                    host=host, error=_("it has closed the connection")
                )
            ) from None
        raise RemoteError(
            _("{host} does not speak HTTP as it should: {error}.").format(
                host=host, error=str(error).rstrip(".")
            )
        ) from None


def _has_broken_off(error: Exception) -> bool:
    """Whether the server has hung up: httpcore has no other word for that than these."""
    words = str(error)
    return "disconnected without sending" in words or "closed connection without" in words


async def _load() -> None:
    """Load what speaks HTTP: large, rarely needed, and in parts, so that keys come in between."""
    for name in ("h11", "anyio", "httpcore"):
        importlib.import_module(name)
        await asyncio.sleep(0)


def _encoded(url: str) -> str:
    """`url` in ASCII; UserError unless it is one by TLS."""
    link = web_link(url)
    parts = urlsplit(link)
    if parts.scheme != "https" or not parts.hostname:
        raise UserError(
            _(
                "{link} is not encrypted, so nothing is sent to it or fetched from it here; "
                "/open leaves it to your browser."
            ).format(link=url)
        )
    try:
        host = ascii_domain(parts.hostname)
    except ValueError as error:
        raise UserError(
            _("{host} is no host name: {error}.").format(host=parts.hostname, error=error)
        ) from None
    place = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port else ""
    path = quote(parts.path or "/", safe="/%!$&'()*+,;=:@~-._")
    query = f"?{quote(parts.query, safe='/%!$&()*+,;=:@~-._?')}" if parts.query else ""
    return f"https://{place}{port}{path}{query}"


def _answer(url: str, response: httpcore.Response) -> Answer:
    if response.status != 200:
        raise RemoteError(_refusal(url, response))
    if _header(response, b"content-encoding").lower() not in ("", "identity"):
        raise RemoteError(_("What came is packed in a way that was not asked for."))
    length = _header(response, b"content-length")
    size = int(length) if length.isascii() and length.isdecimal() and len(length) < 16 else None
    return Answer(size, _header(response, b"content-type"), response.aiter_stream())


def _led_on(url: str, response: httpcore.Response) -> str:
    """Where the link leads on to; RemoteError if that is nowhere."""
    where = web_link(urljoin(url, _header(response, b"location")))
    if not where:
        raise RemoteError(_("The link leads on to nowhere."))
    return where


def _header(response: httpcore.Response, name: bytes) -> str:
    found = (value for key, value in response.headers if key.lower() == name)
    return next(found, b"").decode("latin-1").strip()


def _refusal(url: str, response: httpcore.Response) -> str:
    """What the server says instead, in words."""
    reasons = {
        401: _("it wants a log-in"),
        403: _("it does not allow that"),
        404: _("there is no such file (any more)"),
        410: _("the file is there no more"),
        413: _("the file is too large for it"),
        429: _("too much was asked of it: try later"),
        507: _("it has no room left"),
    }
    status = response.status
    host = urlsplit(url).hostname
    reason = reasons.get(status) or (
        _("it has a problem: try later") if status >= 500 else _("it refuses")
    )
    return _("{host} says {status}: {reason}.").format(host=host, status=status, reason=reason)
