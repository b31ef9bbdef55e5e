"""A small real proxy on loopback, by SOCKS5 or HTTP: it finds names by a list of its own."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from termxmpp.proxies import Proxy, ProxyKind

__all__ = ["Gateway", "gateway", "serving"]


@dataclass
class Gateway:
    """Leads to the ports of 127.0.0.1 that `places` has for `host:port`, as it is asked for.

    Where it wants a log-in, `known` is name and password. `says` is said at once in place of all
    that, and then `is_open` tells whether the connection stays. `asked` are the places so far.
    """

    kind: ProxyKind
    places: Mapping[str, int] = field(default_factory=dict)
    known: tuple[str, str] | None = None
    says: bytes | None = None
    is_open: bool = False
    port: int = 0
    asked: list[str] = field(default_factory=list)
    received: bytearray = field(default_factory=bytearray)
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    def proxy(self, user: str = "", password: str = "") -> Proxy:
        return Proxy(self.kind, "127.0.0.1", self.port, user, password)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        current = asyncio.current_task()
        assert current is not None
        self.serving.add(current)
        current.add_done_callback(self.serving.discard)
        try:
            if self.says is not None:
                await self._misbehave(reader, writer, self.says)
            elif self.kind is ProxyKind.SOCKS5:
                await self._socks(reader, writer)
            else:
                await self._http(reader, writer)
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    async def _misbehave(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, says: bytes
    ) -> None:
        self.received += await reader.read(65536)
        writer.write(says)
        if self.is_open:
            await reader.read()

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        version, count = await reader.readexactly(2)
        assert version == 5
        methods = await reader.readexactly(count)
        method = 2 if self.known is not None else 0
        if method not in methods:
            writer.write(b"\x05\xff")
            return
        writer.write(bytes([5, method]))
        if self.known is not None and not await self._knows(reader, writer):
            return
        version, command, _reserved, kind = await reader.readexactly(4)
        assert (version, command) == (5, 1)
        if kind == 3:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        else:
            host = str(ipaddress.ip_address(await reader.readexactly(4 if kind == 1 else 16)))
        port = int.from_bytes(await reader.readexactly(2), "big")
        found = self._found(f"{host}:{port}")
        if found is None:
            writer.write(b"\x05\x04\x00\x01" + bytes(6))
            return
        # What it is bound to may be told by a name, too.
        writer.write(b"\x05\x00\x00\x03\x05bound\x00\x50")
        await _carry(reader, writer, found)

    async def _knows(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        assert self.known is not None
        assert (await reader.readexactly(1)) == b"\x01"
        user = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        password = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        is_known = (user, password) == self.known
        writer.write(b"\x01\x00" if is_known else b"\x01\x01")
        return is_known

    async def _http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        asked = re.match(r"CONNECT (\S+) HTTP/1\.1\r\nHost: (\S+)\r\n", head)
        assert asked is not None
        assert asked[1] == asked[2]
        if self.known is not None:
            token = base64.b64encode(":".join(self.known).encode()).decode()
            if f"Proxy-Authorization: Basic {token}\r\n" not in head:
                writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
                return
        found = self._found(asked[1])
        if found is None:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\nVia: 1.1 gateway\r\n\r\n")
        await _carry(reader, writer, found)

    def _found(self, place: str) -> int | None:
        self.asked.append(place)
        return self.places.get(place)


@asynccontextmanager
async def gateway(
    kind: ProxyKind,
    places: Mapping[str, int] | None = None,
    *,
    known: tuple[str, str] | None = None,
    says: bytes | None = None,
    is_open: bool = False,
) -> AsyncIterator[Gateway]:
    """A `Gateway` that serves."""
    async with serving(Gateway(kind, places or {}, known, says, is_open)) as made:
        yield made


@asynccontextmanager
async def serving(made: Gateway) -> AsyncIterator[Gateway]:
    """Let `made` serve; at the end all of it is gone."""
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        if made.serving:
            await asyncio.wait(made.serving, timeout=5)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """Let both sides hear each other until one of them is gone."""
    there, here = await asyncio.open_connection("127.0.0.1", port)

    async def pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()

    pairs = ((reader, here), (there, writer))
    ways = [asyncio.ensure_future(pass_on(source, sink)) for source, sink in pairs]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        here.close()
