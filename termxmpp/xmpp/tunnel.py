"""Through a proxy to a server: SOCKS5 (RFC 1928, RFC 1929) and HTTP CONNECT (RFC 9110 §9.3.6).

The name of the server goes to the proxy as it is, so nobody here asks the DNS for it. What a proxy
says is never shown: its codes have words of ours.
"""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import re
import socket

from termxmpp.core.jid import ascii_domain
from termxmpp.errors import ConnectionFailed
from termxmpp.proxies import Proxy, ProxyKind
from termxmpp.words import _
from termxmpp.xmpp.dialer import dial
from termxmpp.xmpp.resolver import Resolver

__all__ = ["Unreached", "dial_through", "tunnel"]

# RFC 1928 §3 to §6.
_VERSION, _CONNECT, _RESERVED = 5, 1, 0
_ANYBODY, _BY_PASSWORD, _NOBODY = 0, 2, 0xFF
_IPV4, _NAME, _IPV6 = 1, 3, 4
_ADDRESS_BYTES = {_IPV4: 4, _IPV6: 16}

# What says that a host is not there, or nobody on it.
_SOCKS_UNREACHED, _HTTP_UNREACHED = frozenset({1, 3, 4, 5, 6}), frozenset({404, 502, 503, 504})

# No proxy has more to say before it lets us through (bytes); and so often it may put it off.
LARGEST_HEAD, MOST_INTERIM = 8192, 8

# What may stand in a request; the name may be what a server has told (XEP-0198 §3).
_HOST = re.compile(r"[A-Za-z0-9._-]{1,255}")
_STATUS = re.compile(rb"HTTP/1\.[0-9] ([1-5][0-9]{2})(?: |\r?$)")


class Unreached(ConnectionFailed):
    """The proxy does what it should, and does not find or reach the host."""


async def dial_through(proxy: Proxy, resolver: Resolver, host: str, port: int) -> socket.socket:
    """A connection to `host` by way of `proxy`; ConnectionFailed if there is none."""
    sock = await dial(await resolver.addresses(proxy.host), proxy.port)
    await tunnel(sock, proxy, host, port)
    return sock


async def tunnel(sock: socket.socket, proxy: Proxy, host: str, port: int) -> None:
    """Let `sock`, a connection to `proxy`, lead on to `port` of `host`, a name or an address.

    Not a byte of what comes behind is taken. Raises ConnectionFailed, with `sock` closed.
    """
    way = _Way(sock, proxy, host.strip("[]"), port)
    try:
        way.check()
        if proxy.kind is ProxyKind.SOCKS5:
            await way.by_socks()
        else:
            await way.by_http()
    except BaseException as error:
        sock.close()
        if isinstance(error, OSError):
            raise way.failure(_("it closed the connection")) from None
        raise


class _Way:
    """What is said to `proxy` over `sock` so that it leads on to `port` of `host`."""

    def __init__(self, sock: socket.socket, proxy: Proxy, host: str, port: int) -> None:
        self._socket = sock
        self._proxy = proxy
        self._host = host
        self._port = port

    def check(self) -> None:
        """ConnectionFailed if the host is neither a name nor an address."""
        try:
            self._host = ascii_domain(self._host)
        except ValueError:
            raise self.failure(_("that is no host name")) from None
        if not self._is_address and not _HOST.fullmatch(self._host):
            raise self.failure(_("that is no host name"))

    @property
    def _is_address(self) -> bool:
        try:
            ipaddress.ip_address(self._host)
        except ValueError:
            return False
        return True

    def failure(self, reason: str, *, is_unreached: bool = False) -> ConnectionFailed:
        """That the proxy is no way there, for that `reason`."""
        words = _("The proxy {proxy} does not lead to {host}:{port}: {reason}.").format(
            proxy=self._proxy, host=self._host, port=self._port, reason=reason
        )
        return Unreached(words) if is_unreached else ConnectionFailed(words)

    async def by_socks(self) -> None:
        methods = [_ANYBODY, _BY_PASSWORD] if self._proxy.user else [_ANYBODY]
        await self._say(bytes([_VERSION, len(methods), *methods]))
        version, method = await self._hear(2)
        if version != _VERSION:
            raise self.failure(_("it does not speak SOCKS5; maybe http:// is right"))
        if method == _BY_PASSWORD and self._proxy.user:
            await self._log_in()
        elif method == _NOBODY:
            raise self.failure(self._unknown())
        elif method != _ANYBODY:
            raise self.failure(_("it chose what was not offered to it"))
        await self._say(
            bytes([_VERSION, _CONNECT, _RESERVED]) + self._address() + self._port.to_bytes(2, "big")
        )
        version, code, _reserved, kind = await self._hear(4)
        if version != _VERSION:
            raise self.failure(_("it does not speak SOCKS5 as it should"))
        if code:
            raise self.failure(_socks_words(code), is_unreached=code in _SOCKS_UNREACHED)
        if kind == _NAME:
            (length,) = await self._hear(1)
        elif kind in _ADDRESS_BYTES:
            length = _ADDRESS_BYTES[kind]
        else:
            raise self.failure(_("it does not speak SOCKS5 as it should"))
        # From where it connects, which is its own matter.
        await self._hear(length + 2)

    async def _log_in(self) -> None:
        """By RFC 1929."""
        user, password = self._proxy.user.encode(), self._proxy.password.encode()
        await self._say(bytes([1, len(user)]) + user + bytes([len(password)]) + password)
        _version, status = await self._hear(2)
        if status:
            raise self.failure(self._unknown())

    def _address(self) -> bytes:
        """Whom it is to connect to: a name as it is, to be resolved there."""
        if not self._is_address:
            return bytes([_NAME, len(self._host)]) + self._host.encode()
        address = ipaddress.ip_address(self._host)
        return bytes([_IPV4 if address.version == 4 else _IPV6]) + address.packed

    async def by_http(self) -> None:
        host = f"[{self._host}]" if ":" in self._host else self._host
        place = f"{host}:{self._port}"
        head = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
        if self._proxy.user:
            known = f"{self._proxy.user}:{self._proxy.password}".encode()
            head.append(f"Proxy-Authorization: Basic {base64.b64encode(known).decode()}")
        await self._say("\r\n".join([*head, "", ""]).encode())
        for _turn in range(MOST_INTERIM):
            status = await self._status()
            if status >= 200:
                break
        if not 200 <= status < 300:
            words = self._unknown() if status == 407 else _http_words(status)
            raise self.failure(words, is_unreached=status in _HTTP_UNREACHED)

    async def _status(self) -> int:
        """The status of the next answer, of which all is read up to the empty line."""
        found = _STATUS.match(await self._line())
        if found is None:
            raise self.failure(_("it does not speak HTTP; maybe socks5:// is right"))
        size = 0
        while (line := await self._line()).strip(b"\r"):
            size += len(line)
            if size > LARGEST_HEAD:
                raise self.failure(_("it says too much"))
        return int(found[1])

    async def _line(self) -> bytes:
        """What comes up to the end of the line, byte by byte: what is behind is not the proxy's."""
        line = bytearray()
        while (byte := await self._hear(1)) != b"\n":
            line += byte
            if len(line) > LARGEST_HEAD:
                raise self.failure(_("it says too much"))
        return bytes(line)

    def _unknown(self) -> str:
        """That it wants to know who we are, or does not like whom we say."""
        if self._proxy.user:
            return _("it does not accept your name and password there")
        return _("it wants a name and a password, which the configuration can tell")

    async def _say(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self._socket, data)

    async def _hear(self, count: int) -> bytes:
        """The next `count` bytes."""
        data = b""
        while len(data) < count:
            part = await asyncio.get_running_loop().sock_recv(self._socket, count - len(data))
            if not part:
                raise self.failure(_("it closed the connection"))
            data += part
        return data


def _socks_words(code: int) -> str:
    """What the reply `code` means (RFC 1928 §6; from 0xF0 on what Tor says of onion services)."""
    words = {
        1: _("it has failed"),
        2: _("it does not allow that"),
        3: _("it does not reach that network"),
        4: _("it does not find or reach the host"),
        5: _("nobody answers there"),
        6: _("it took too long"),
        7: _("it does not know how to connect"),
        8: _("it does not know such addresses"),
        0xF0: _("there is no such onion service now"),
        0xF4: _("the onion service wants to know who you are"),
        0xF5: _("the onion service does not accept who you are"),
        0xF6: _("that is no address of an onion service"),
    }
    return words.get(code, _("it refuses (code {code})").format(code=code))


def _http_words(status: int) -> str:
    words = {
        403: _("it does not allow that"),
        404: _("it does not find the host"),
        405: _("it lets nobody through (CONNECT)"),
        502: _("it does not find or reach the host"),
        503: _("it does not reach the host now"),
        504: _("it took too long"),
    }
    return words.get(status, _("it refuses (status {status})").format(status=status))
