"""httpcore over sockets of our own: names are asked for, and addresses raced, as for XMPP.

It is imported only where something is to be fetched or brought: httpcore takes a while to load.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore

from termxmpp.errors import ConnectionFailed, UserError
from termxmpp.proxies import Proxy
from termxmpp.words import _
from termxmpp.xmpp.dialer import dial
from termxmpp.xmpp.resolver import Resolver

__all__ = ["Wire"]

# No more is read ahead of whoever takes it.
AHEAD = 65536

# RFC 6761 §6.3, RFC 6762 §3, and what ICANN keeps for networks of one's own.
LOCAL = ("localhost", "local", "internal", "localdomain", "lan")


class Wire(httpcore.AsyncNetworkBackend):
    """Dials by `resolver`; to addresses of this network and machine only if `is_local_allowed`.

    With a `proxy` that dials, and resolves: here only what a name itself says is known of it.
    """

    def __init__(
        self, resolver: Resolver, proxy: Proxy | None = None, *, is_local_allowed: bool
    ) -> None:
        self._resolver = resolver
        self._proxy = proxy
        self._is_local_allowed = is_local_allowed

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to `host`; ConnectionFailed, UserError where it is not to be dialled."""
        try:
            async with asyncio.timeout(timeout):
                if self._proxy is not None:
                    if not self._is_local_allowed:
                        refuse_local_name(host)
                    # Few have a proxy.
                    from termxmpp.xmpp.tunnel import dial_through

                    sock = await dial_through(self._proxy, self._resolver, host, port)
                    return _Stream(sock)
                addresses = await self._resolver.addresses(host)
                if not self._is_local_allowed:
                    refuse_local(host, addresses)
                return _Stream(await dial(addresses, port))
        except TimeoutError:
            raise ConnectionFailed(
                _("{host} has not answered for {seconds:g} s.").format(host=host, seconds=timeout)
            ) from None


def refuse_local_name(host: str) -> None:
    """UserError if `host` is an address, or a name, that only a network of one's own has."""
    name = host.strip("[]").removesuffix(".").lower()
    try:
        ipaddress.ip_address(name)
    except ValueError:
        last = name.rpartition(".")[2]
        # What ends in a number is an address in another form (inet_aton(3)), which the proxy reads.
        is_number = last.isdecimal() or last.startswith("0x")
        if "." not in name or is_number or last in LOCAL or name.endswith(".home.arpa"):
            raise _local(host, host) from None
    else:
        refuse_local(host, [name])


def refuse_local(host: str, addresses: Iterable[str]) -> None:
    """UserError if one of the `addresses` of `host` is not of the Internet."""
    for address in addresses:
        found = ipaddress.ip_address(address.partition("%")[0])
        mapped = getattr(found, "ipv4_mapped", None) or found
        if not mapped.is_global or mapped.is_multicast:
            raise _local(host, address)


def _local(host: str, address: str) -> UserError:
    return UserError(
        _(
            "{host} is in your own network ({address}), where a link of somebody else's "
            "has no business: /set network.local_files on allows it."
        ).format(host=host, address=address)
    )


class _Stream(httpcore.AsyncNetworkStream):
    """The bytes over `sock`; in the clear, or by TLS from the first byte on."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket: socket.socket | None = sock
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Begin with TLS; ssl.SSLError as it is, since only that says what is wrong."""
        async with asyncio.timeout(timeout):
            await self._open(ssl_context, server_hostname)
        return self

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        reader, _writer = await self._streams()
        try:
            async with asyncio.timeout(timeout):
                return await reader.read(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        _reader, writer = await self._streams()
        try:
            writer.write(buffer)
            async with asyncio.timeout(timeout):
                await writer.drain()
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    async def aclose(self) -> None:
        """Drop the connection: whoever has got its answer need not be told more."""
        if self._writer is not None:
            transport = self._writer.transport
            transport.abort()
        elif self._socket is not None:
            self._socket.close()
        self._socket = self._writer = self._reader = None

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            # Asked of a connection that might be used again; none is.
            return True
        return self._writer.get_extra_info(info) if self._writer is not None else None

    async def _streams(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._reader is None or self._writer is None:
            return await self._open(None, None)
        return self._reader, self._writer

    async def _open(
        self, context: ssl.SSLContext | None, name: str | None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        sock, self._socket = self._socket, None
        if sock is None:
            raise httpcore.ReadError("the connection is closed")
        try:
            streams = await asyncio.open_connection(
                sock=sock, ssl=context, server_hostname=name, limit=AHEAD
            )
        except BaseException:
            sock.close()
            raise
        self._reader, self._writer = streams
        return streams
