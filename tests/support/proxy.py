"""A TCP proxy that does what bad networks do, between a client and a real server.

It runs on the loop of the test, or in a process of its own (`ProxyProcess`), which reads one
command a line. What it holds back is held back from both sides alike: a connection that was
robbed of bytes is never let go on.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import json
import socket
import struct
import subprocess
import sys
from collections import deque
from typing import Self

__all__ = ["FaultProxy", "ProxyProcess"]

CHUNK = 65536

# No more than this is held for one direction, but while it is delayed.
BUFFER = 256 * 1024


class FaultProxy:
    """Passes connections on to `host`:`port`; `port` of its own is where clients dial.

    `accepted` counts the connections that were ever made, `up_bytes` and `down_bytes` what was
    passed to the server and from it. `flights` are the bytes of the newest connection, merged
    while they go one way: ("up" or "down", how many). While it `is_doubling`, whoever dials is
    connected twice: the second connection gets the same bytes, and its answers go nowhere.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._links: set[_Link] = set()
        self._connected = asyncio.Event()
        self.port = 0
        self.accepted = 0
        self.up_bytes = self.down_bytes = 0
        self.flights: list[tuple[str, int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.swallows: set[str] = set()
        self.lag = 0.0
        self.rate: float | None = None
        self.is_doubling = False
        self._drains: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self.accept()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.refuse()
        self.cut()
        for drain in self._drains:
            drain.cancel()
        links = [link.task for link in self._links if link.task is not None]
        await asyncio.gather(*links, *self._drains, return_exceptions=True)

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._links)

    @property
    def round_trips(self) -> int:
        """How often the newest connection's client waited for an answer and spoke again."""
        ways = [way for way, _ in self.flights]
        return sum(pair == ("down", "up") for pair in itertools.pairwise(ways))

    async def connected(self) -> None:
        """Return when the next connection is there."""
        self._connected.clear()
        await self._connected.wait()

    def accept(self) -> None:
        """Take connections."""
        if self._listener is not None:
            return
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setblocking(False)
        listener.bind(("127.0.0.1", self.port))
        listener.listen()
        self.port = int(listener.getsockname()[1])
        self._listener = listener
        self._accepting = asyncio.get_running_loop().create_task(self._accept(listener))

    def refuse(self) -> None:
        """Take no connections: whoever dials is refused."""
        if self._accepting is not None:
            self._accepting.cancel()
        if self._listener is not None:
            # The task lets go of it a turn later, when its number may be another's.
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()
        self._listener = self._accepting = None

    def cut(self, *, by: str = "rst") -> None:
        """End all connections, by RST or FIN, on both sides."""
        for link in list(self._links):
            link.end(by)

    def orphan(self) -> None:
        """End all connections for the clients; the server learns nothing of it."""
        for link in list(self._links):
            spare = link.spare()
            link.end("rst")
            if spare is not None:
                self.drain(spare)

    def drain(self, sock: socket.socket) -> None:
        """Take what comes from `sock`, and throw it away, until its other side ends."""
        task = asyncio.get_running_loop().create_task(_drain(sock))
        self._drains.add(task)
        task.add_done_callback(self._drains.discard)

    def freeze(self) -> None:
        """Let nothing pass, and read nothing."""
        self.gate.clear()

    def thaw(self) -> None:
        """Let everything pass that waits."""
        self.gate.set()

    def swallow(self, way: str) -> None:
        """Read what goes `up` or `down`, and throw it away."""
        self.swallows.add(way)

    def pass_all(self) -> None:
        """Swallow nothing any more; connections that have lost something end."""
        self.swallows.clear()
        for link in list(self._links):
            if link.has_lost:
                link.end("rst")

    def mark(self) -> None:
        """Begin to count `flights` anew."""
        self.flights.clear()

    def count(self, way: str, size: int) -> None:
        """Note that so many bytes have passed."""
        if way == "up":
            self.up_bytes += size
        else:
            self.down_bytes += size
        if self.flights and self.flights[-1][0] == way:
            size += self.flights.pop()[1]
        self.flights.append((way, size))

    def _gone(self, link: _Link, task: asyncio.Task[None]) -> None:
        self._links.discard(link)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            client, _ = await loop.sock_accept(listener)
            client.setblocking(False)
            self.accepted += 1
            self.mark()
            link = _Link(self, client)
            self._links.add(link)
            link.task = loop.create_task(link.run(self._target))
            link.task.add_done_callback(functools.partial(self._gone, link))
            self._connected.set()


class _Link:
    """One connection and its continuation to the server."""

    def __init__(self, proxy: FaultProxy, client: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server: socket.socket | None = None
        self._twin: socket.socket | None = None
        self.task: asyncio.Task[None] | None = None
        self.has_lost = False

    async def run(self, target: tuple[str, int]) -> None:
        """Pass everything on until both sides have ended."""
        loop = asyncio.get_running_loop()
        server = self._server = socket.socket()
        server.setblocking(False)
        try:
            await loop.sock_connect(server, target)
            if self._proxy.is_doubling:
                await self._double(target)
            for sock in (self._client, server):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump("up", self._client, server))
                group.create_task(self._pump("down", server, self._client))
        except (OSError, ExceptionGroup):
            self._close("rst")
        finally:
            self._close("fin")

    async def _double(self, target: tuple[str, int]) -> None:
        twin = socket.socket()
        twin.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(twin, target)
        except BaseException:
            twin.close()
            raise
        self._twin = twin
        self._proxy.drain(twin)

    def spare(self) -> socket.socket | None:
        """The connection to the server once more: it lives as long as one of the two."""
        has_one = self._server is not None and self._server.fileno() >= 0
        return self._server.dup() if self._server is not None and has_one else None

    def end(self, by: str) -> None:
        """End both sides now."""
        if self.task is not None:
            self.task.cancel()
        self._close(by)

    def _close(self, by: str) -> None:
        loop = asyncio.get_running_loop()
        for sock in (self._client, self._server):
            if sock is None or sock.fileno() < 0:
                continue
            # The tasks let go of them a turn later, when their numbers may be others'; and as
            # long as there is a spare one, the kernel would go on to tell of it by this number.
            loop.remove_reader(sock)
            loop.remove_writer(sock)
            if by == "rst":
                linger = struct.pack("ii", 1, 0)
                with contextlib.suppress(OSError):
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            sock.close()

    async def _pump(self, way: str, source: socket.socket, sink: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        proxy = self._proxy
        waiting: deque[tuple[float, bytes]] = deque()
        arrived, room = asyncio.Event(), asyncio.Event()

        async def write() -> None:
            while True:
                while not waiting:
                    arrived.clear()
                    await arrived.wait()
                due, data = waiting.popleft()
                room.set()
                await asyncio.sleep(max(0.0, due - loop.time()))
                await proxy.gate.wait()
                if way in proxy.swallows:
                    self.has_lost = True
                    continue
                if not data:
                    with contextlib.suppress(OSError):
                        sink.shutdown(socket.SHUT_WR)
                    return
                await loop.sock_sendall(sink, data)
                if way == "up" and self._twin is not None:
                    with contextlib.suppress(OSError):
                        self._twin.send(data)
                proxy.count(way, len(data))
                if proxy.rate:
                    await asyncio.sleep(len(data) / proxy.rate)

        writing = loop.create_task(write())
        try:
            while True:
                await proxy.gate.wait()
                size = max(1, int(min(CHUNK, (proxy.rate or CHUNK * 20) / 20)))
                data = await loop.sock_recv(source, size)
                waiting.append((loop.time() + proxy.lag, data))
                arrived.set()
                if not data:
                    break
                while not proxy.lag and sum(len(each) for _, each in waiting) > BUFFER:
                    room.clear()
                    await room.wait()
            await writing
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)


async def _drain(sock: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    with sock, contextlib.suppress(OSError):
        while await loop.sock_recv(sock, CHUNK):
            pass


class ProxyProcess:
    """A proxy in a process of its own, for tests that drive a program in a terminal."""

    def __init__(self, host: str, port: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.proxy", host, str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def command(self, text: str) -> str:
        """Do what `text` says (`cut rst`, `freeze`, `swallow up` …); the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{text}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().rstrip("\n")

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


def obey(proxy: FaultProxy, line: str) -> str:
    """Do what one line says; the answer."""
    match line.split():
        case ["cut", ("rst" | "fin") as by]:
            proxy.cut(by=by)
        case ["freeze" | "thaw" | "refuse" | "accept" | "orphan" as verb]:
            getattr(proxy, verb)()
        case ["swallow", ("up" | "down") as way]:
            proxy.swallow(way)
        case ["pass"]:
            proxy.pass_all()
        case ["delay", seconds]:
            proxy.lag = float(seconds)
        case ["throttle", rate]:
            proxy.rate = float(rate) or None
        case ["double", ("on" | "off") as word]:
            proxy.is_doubling = word == "on"
        case ["stats"]:
            return json.dumps(
                {
                    "accepted": proxy.accepted,
                    "connections": proxy.connections,
                    "up": proxy.up_bytes,
                    "down": proxy.down_bytes,
                    "round_trips": proxy.round_trips,
                }
            )
        case _:
            return f"what is {line!r}?"
    return "ok"


async def _serve(host: str, port: int) -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with FaultProxy(host, port) as proxy:
        print(proxy.port, flush=True)
        while line := (await lines.readline()).decode():
            print(obey(proxy, line.strip()), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2])))
