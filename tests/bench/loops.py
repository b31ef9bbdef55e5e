"""Loops: returns of the blocking call and processor per minute, pyxmpp2's loops and ours.

Each loop runs a plain pyxmpp2 client in a process of its own, logged in at a private Prosody
through a relay; the relay then resets the connection (RST). All three have the port's mended
transport and TLS: what differs is the loop alone. Where an exception leaves the loop, it is
begun again, as a bot's supervisor does. The table in the README comes from here.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import platform
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pyxmpp2.client import Client
from pyxmpp2.interfaces import EventHandler, XMPPFeatureHandler, event_handler
from pyxmpp2.jid import JID
from pyxmpp2.mainloop.poll import PollMainLoop
from pyxmpp2.mainloop.select import SelectMainLoop
from pyxmpp2.settings import XMPPSettings
from pyxmpp2.streamevents import AuthorizedEvent

from termxmpp.demo.server import PrivateProsody
from termxmpp.mainloop import EpollMainLoop

__all__ = ["main"]

SECONDS = 10
LOOPS = ("select", "poll", "epoll")
NAMES = {
    "select": "pyxmpp2 `SelectMainLoop`",
    "poll": "pyxmpp2 `PollMainLoop`",
    "epoll": "`EpollMainLoop`",
}


def main() -> None:
    server = PrivateProsody({"alice": "wonder"})
    try:
        server.start()
        rows = [asyncio.run(measured(name, server)) for name in LOOPS]
    finally:
        server.close()
    today = datetime.now(UTC).date()
    print(f"<!-- {today}, Python {platform.python_version()}, {SECONDS} s each, per minute -->")
    print("| main loop | idle: waits | idle: CPU | after a RST: waits | after a RST: CPU |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, cells in zip(LOOPS, rows, strict=True):
        print(f"| {NAMES[name]} | {' | '.join(cells)} |")


async def measured(name: str, server: PrivateProsody) -> list[str]:
    """The cells of one loop's row."""
    async with Relay(server.port) as relay:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.bench.loops", name, str(relay.port)),
            str(server.ca_file),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            assert child.stdout is not None
            async with asyncio.timeout(SECONDS):
                assert await child.stdout.readline() == b"online\n"
            await asyncio.sleep(1)
            idle = await _used(child)
            relay.reset()
            return [*idle, *await _used(child)]
        finally:
            child.kill()
            await child.wait()


async def _used(child: asyncio.subprocess.Process) -> list[str]:
    waits, cpu = await _books(child)
    began = time.monotonic()
    await asyncio.sleep(SECONDS)
    minutes = (time.monotonic() - began) / 60
    waits_then, cpu_then = await _books(child)
    return [f"{(waits_then - waits) / minutes:,.0f}", f"{(cpu_then - cpu) / minutes:,.0f} ms"]


async def _books(child: asyncio.subprocess.Process) -> tuple[int, float]:
    """Returns of the blocking call so far, and ms of processor."""
    assert child.stdout is not None
    child.send_signal(signal.SIGUSR1)
    waits, cpu = (await child.stdout.readline()).split()
    return int(waits), float(cpu)


class Relay:
    """Passes bytes on between whoever connects to `port` and the server at `to`."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def __aenter__(self) -> Relay:
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *error: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()

    def reset(self) -> None:
        """Break all connections off with RST, and take no more."""
        self._server.close()
        for writer in self._writers:
            sock: socket.socket = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to)
        self._writers += [writer, far_writer]
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(_pass_on(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


async def _pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65536):
            sink.write(data)
    except ConnectionError:
        pass


# The measured process.


class Bot(XMPPFeatureHandler, EventHandler):  # type: ignore[misc]  # pyxmpp2 is untyped
    """Tells when it is in."""

    @event_handler(AuthorizedEvent)  # type: ignore[untyped-decorator]  # pyxmpp2
    def authorized(self, event: Any) -> None:
        os.write(1, b"online\n")


class CountingPoll:
    """A poll object that counts its returns."""

    def __init__(self, poll: Any) -> None:
        self._poll = poll
        self.waits = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._poll, name)

    def poll(self, timeout: float) -> Any:
        try:
            return self._poll.poll(timeout)
        finally:
            self.waits += 1


class CountingSelect:
    """The select module, whose `select` counts its returns."""

    error = OSError

    def __init__(self) -> None:
        self.waits = 0

    def select(self, *arguments: Any) -> Any:
        try:
            return select.select(*arguments)
        finally:
            self.waits += 1


def make_loop(name: str, settings: Any) -> tuple[Any, Callable[[], int]]:
    """A main loop, and how often its blocking call has returned."""
    if name == "epoll":
        ours = EpollMainLoop(settings)
        return ours, lambda: ours.waits
    if name == "poll":
        polling = PollMainLoop(settings)
        counting = polling.poll = CountingPoll(polling.poll)
        return polling, lambda: counting.waits
    # The package has a name `select` too, which is the standard library's.
    module: Any = importlib.import_module("pyxmpp2.mainloop.select")
    counted = module.select = CountingSelect()
    return SelectMainLoop(settings), lambda: counted.waits


def serve(name: str, port: str, ca_file: str) -> None:
    settings = XMPPSettings(
        {
            "password": "wonder",
            "starttls": True,
            "tls_require": True,
            "tls_cacert_file": ca_file,
            "server": "127.0.0.1",
            "c2s_port": int(port),
        }
    )
    loop, waits = make_loop(name, settings)
    client = Client(JID("alice@localhost/bench"), [Bot()], settings, loop)

    def tell(number: int, frame: object) -> None:
        used = time.process_time() * 1000
        os.write(1, f"{waits()} {used:.1f}\n".encode())

    signal.signal(signal.SIGUSR1, tell)
    client.connect()
    while True:
        try:
            loop.loop_iteration(60)
        except Exception as error:
            print(f"out of the loop: {error!r}", file=sys.stderr)


if __name__ == "__main__":
    serve(*sys.argv[1:])
