"""An independent client (slixmpp) in a process of its own: lines of JSON are what it is asked
and what it tells.

The process is a module of ours whose `__main__` is `serve`, with a client that obeys; the first
line says who it is to be.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar

from tests.support.account import PATIENCE, Place

__all__ = ["Foreign", "Obedient", "foreign", "serve", "tell", "trusts"]


class Foreign:
    """The process, as a test meets it; `heard` is what it has told."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.heard: list[dict[str, Any]] = []
        self._process = process

    async def hears(self, **what: object) -> dict[str, Any]:
        """The first that it has heard of which `what` is so, as soon as there is one."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while True:
                for each in self.heard:
                    if what.items() <= each.items():
                        return each
                line = await self._process.stdout.readline()
                assert line, "it has ended"
                self.heard.append(json.loads(line))

    def order(self, **what: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")


Kind = TypeVar("Kind", bound=Foreign)


@asynccontextmanager
async def foreign(
    kind: Callable[[asyncio.subprocess.Process], Kind],
    module: str,
    server: Place,
    address: str,
    password: str,
    room: str,
    nick: str,
) -> AsyncIterator[Kind]:
    """`module` as a process, there for as long as the context lasts."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        there = kind(process)
        there.order(
            jid=address,
            password=password,
            port=server.port,
            ca_file=str(server.ca_file),
            room=room,
            nick=nick,
        )
        await there.hears(is_there=True)
        yield there
    finally:
        process.kill()
        await process.wait()


# What follows runs in the process.


class Obedient(Protocol):
    """A client that does what it is told."""

    def obey(self, order: dict[str, Any]) -> None: ...

    def connect(self, *, host: str, port: int) -> object: ...


def trusts(order: dict[str, Any]) -> ssl.SSLContext:
    """TLS to the server that `order` tells of."""
    return ssl.create_default_context(cafile=order["ca_file"])


def tell(**what: object) -> None:
    """Let the test hear `what`."""
    print(json.dumps(what), flush=True)


def serve(make: Callable[[dict[str, Any]], Obedient]) -> None:
    """Be the client that `make` makes of the first line, and obey all others."""
    asyncio.run(_serve(make))


async def _serve(make: Callable[[dict[str, Any]], Obedient]) -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    order = json.loads(await lines.readline())
    client = make(order)
    client.connect(host="127.0.0.1", port=order["port"])
    while line := await lines.readline():
        client.obey(json.loads(line))
