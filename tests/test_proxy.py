"""The fault proxy does what it says: a proof is worth no more than its faults."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.support.leaks import nothing_left
from tests.support.proxy import FaultProxy, ProxyProcess

Dialogue = Callable[[FaultProxy], Awaitable[None]]


def with_echo(dialogue: Dialogue) -> None:
    """Run `dialogue` with a proxy before a server that sends back what it gets."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def main() -> None:
        async with nothing_left():
            server = await asyncio.start_server(echo, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            async with server, FaultProxy("127.0.0.1", port) as proxy:
                await dialogue(proxy)
            await asyncio.sleep(0.05)

    asyncio.run(main())


async def dial(proxy: FaultProxy) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", proxy.port)


async def stays_silent(reader: asyncio.StreamReader) -> bool:
    try:
        async with asyncio.timeout(0.2):
            await reader.read(1)
    except TimeoutError:
        return True
    return False


async def shut(writer: asyncio.StreamWriter) -> None:
    writer.close()
    await asyncio.gather(writer.wait_closed(), return_exceptions=True)


def test_everything_passes_as_it_is() -> None:
    async def dialogue(proxy: FaultProxy) -> None:
        data = os.urandom(3_000_000)
        reader, writer = await dial(proxy)

        async def write() -> None:
            writer.write(data)
            await writer.drain()
            writer.write_eof()

        _, back = await asyncio.gather(write(), reader.read(-1))
        assert back == data
        assert (proxy.up_bytes, proxy.down_bytes, proxy.accepted) == (len(data), len(data), 1)
        await shut(writer)

    with_echo(dialogue)


@pytest.mark.parametrize("by", ["rst", "fin"])
def test_a_cut_is_seen_as_what_it_is(by: str) -> None:
    async def dialogue(proxy: FaultProxy) -> None:
        reader, writer = await dial(proxy)
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello"
        proxy.cut(by=by)
        if by == "rst":
            with pytest.raises(ConnectionResetError):
                await reader.read(1)
        else:
            assert await reader.read(1) == b""
        await shut(writer)
        again, writer = await dial(proxy)
        writer.write(b"again")
        assert await again.readexactly(5) == b"again"
        assert proxy.accepted == 2
        await shut(writer)

    with_echo(dialogue)


def test_who_is_refused_is_refused_until_accepted_again() -> None:
    async def dialogue(proxy: FaultProxy) -> None:
        proxy.refuse()
        with pytest.raises(ConnectionRefusedError):
            await dial(proxy)
        proxy.accept()
        _, writer = await dial(proxy)
        await shut(writer)

    with_echo(dialogue)


def test_what_is_frozen_comes_after_the_thaw() -> None:
    async def dialogue(proxy: FaultProxy) -> None:
        reader, writer = await dial(proxy)
        proxy.freeze()
        writer.write(b"late")
        assert await stays_silent(reader)
        proxy.thaw()
        assert await reader.readexactly(4) == b"late"
        await shut(writer)

    with_echo(dialogue)


@pytest.mark.parametrize("way", ["up", "down"])
def test_what_was_swallowed_never_comes_and_ends_the_connection(way: str) -> None:
    async def dialogue(proxy: FaultProxy) -> None:
        reader, writer = await dial(proxy)
        proxy.swallow(way)
        writer.write(b"gone")
        assert await stays_silent(reader)
        proxy.pass_all()
        with pytest.raises(ConnectionResetError):
            await reader.read(1)
        await shut(writer)

    with_echo(dialogue)


def test_what_is_delayed_comes_later_and_in_order() -> None:
    async def dialogue(proxy: FaultProxy) -> None:
        proxy.lag = 0.1
        reader, writer = await dial(proxy)
        began = time.monotonic()
        writer.write(b"one ")
        await asyncio.sleep(0.02)
        writer.write(b"two")
        assert await reader.readexactly(7) == b"one two"
        assert time.monotonic() - began >= 0.2
        await shut(writer)

    with_echo(dialogue)


def test_what_is_throttled_takes_its_time() -> None:
    async def dialogue(proxy: FaultProxy) -> None:
        proxy.rate = 20_000
        reader, writer = await dial(proxy)
        began = time.monotonic()
        writer.write(b"x" * 8000)
        await reader.readexactly(8000)
        assert time.monotonic() - began >= 0.3
        await shut(writer)

    with_echo(dialogue)


class Listener:
    """A server that says what it has heard on each connection, and which have ended."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.ended: list[int] = []

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = len(self.heard)
        self.heard.append(b"")
        try:
            while data := await reader.read(65536):
                self.heard[number] += data
                writer.write(data)
        except ConnectionError:
            pass
        finally:
            self.ended.append(number)
            writer.close()


def with_listener(dialogue: Callable[[FaultProxy, Listener], Awaitable[None]]) -> None:
    """Run `dialogue` with a proxy before a listener."""

    async def main() -> None:
        async with nothing_left():
            listener = Listener()
            server = await asyncio.start_server(listener.meet, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            async with server, FaultProxy("127.0.0.1", port) as proxy:
                await dialogue(proxy, listener)
            await asyncio.sleep(0.05)

    asyncio.run(main())


def test_an_orphan_ends_for_the_client_only() -> None:
    async def dialogue(proxy: FaultProxy, listener: Listener) -> None:
        reader, writer = await dial(proxy)
        writer.write(b"hello")
        await reader.readexactly(5)
        proxy.orphan()
        with pytest.raises(ConnectionResetError):
            await reader.read(1)
        await asyncio.sleep(0.1)
        assert listener.ended == []
        await shut(writer)

    with_listener(dialogue)


def test_a_doubled_connection_says_everything_twice_and_hears_it_once() -> None:
    async def dialogue(proxy: FaultProxy, listener: Listener) -> None:
        proxy.is_doubling = True
        reader, writer = await dial(proxy)
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello"
        assert await stays_silent(reader)
        assert listener.heard == [b"hello", b"hello"]
        await shut(writer)

    with_listener(dialogue)


def test_round_trips_are_counted() -> None:
    async def dialogue(proxy: FaultProxy) -> None:
        reader, writer = await dial(proxy)
        for _ in range(4):
            writer.write(b"ping")
            await reader.readexactly(4)
        assert proxy.round_trips == 3
        proxy.mark()
        assert proxy.round_trips == 0
        await shut(writer)

    with_echo(dialogue)


def test_the_process_does_what_it_is_told() -> None:
    async def main() -> None:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(await reader.read(100))
            writer.close()

        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        async with server:
            proxy = ProxyProcess("127.0.0.1", server.sockets[0].getsockname()[1])
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
                writer.write(b"hello")
                assert await reader.read(100) == b"hello"
                assert proxy.command("freeze") == proxy.command("thaw") == "ok"
                assert '"accepted": 1' in proxy.command("stats")
                assert proxy.command("dance") == "what is 'dance'?"
                await shut(writer)
            finally:
                proxy.close()

    answer: Any = asyncio.run(main())
    assert answer is None
