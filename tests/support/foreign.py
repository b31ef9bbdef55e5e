"""An independent client (slixmpp) in a process of its own: lines of JSON are what it is asked
and what it tells.

The process is a module of ours whose `__main__` is `serve`, with a `ForeignClient` of its own;
the first line says who it is to be, each other is an order, carried out before the next.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import sys
import tempfile
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import IO, Any, TypeVar

import slixmpp
from slixmpp.exceptions import IqError

from tests.support.account import PATIENCE, Place

__all__ = ["Foreign", "ForeignClient", "foreign", "serve", "tell"]


class Foreign:
    """The process, as a test meets it; `heard` is what it has told."""

    def __init__(self, process: asyncio.subprocess.Process, errors: IO[bytes]) -> None:
        self.heard: list[dict[str, Any]] = []
        self._process = process
        self._errors = errors
        self._orders = 0

    async def does(self, what: str, to: object = "", **more: object) -> Any:
        """What came of it: what it gives, or the condition that it was refused with."""
        number = self.order(what, to=to, **more)
        answer = await self.hears(answers=number)
        assert "raised" not in answer, answer["raised"]
        return answer["outcome"]

    def order(self, what: str, **more: object) -> int:
        """Let it do that behind what it was told before; the number of the order."""
        self._orders += 1
        self._write(do=what, order=self._orders, **more)
        return self._orders

    async def hears(self, **what: object) -> dict[str, Any]:
        """The first that it has heard of which `what` is so, as soon as there is one."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    for each in self.heard:
                        if what.items() <= each.items():
                            return each
                    line = await self._process.stdout.readline()
                    assert line, self._last_words()
                    self.heard.append(json.loads(line))
        except TimeoutError:
            raise AssertionError(f"waited for {what}, and heard {self.heard[-20:]}") from None

    def _last_words(self) -> str:
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace") or "it has ended"

    def _write(self, **what: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what, default=str).encode() + b"\n")


Kind = TypeVar("Kind", bound=Foreign)


@asynccontextmanager
async def foreign(
    kind: Callable[[asyncio.subprocess.Process, IO[bytes]], Kind],
    module: str,
    server: Place,
    address: str,
    password: str,
    room: str = "",
    nick: str = "",
) -> AsyncIterator[Kind]:
    """`module` as a process, there for as long as the context lasts; in `room` if there is one."""
    async with AsyncExitStack() as stack:
        errors = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  # the stack is one
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
        stack.push_async_callback(_end, process)
        there = kind(process, errors)
        there._write(
            jid=address,
            password=password,
            port=server.port,
            ca_file=str(server.ca_file),
            room=room,
            nick=nick,
        )
        await there.hears(is_there=True)
        yield there


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()


# What follows runs in the process.


class ForeignClient(slixmpp.ClientXMPP):  # type: ignore[misc]  # slixmpp is untyped here
    """Somebody with the `plugins` of slixmpp, who does what it is told."""

    plugins: tuple[str, ...] = ()

    def __init__(self, who: dict[str, Any]) -> None:
        super().__init__(who["jid"], who["password"])
        self.who = who
        for name in self.plugins:
            self.register_plugin(f"xep_{name}")
        # Besides for the link, which has a context of its own, for what goes over the web.
        os.environ["SSL_CERT_FILE"] = who["ca_file"]
        context = ssl.create_default_context(cafile=who["ca_file"])
        self.get_ssl_context = lambda: context
        self.add_event_handler("session_start", self._start)

    async def obey(self, what: str, order: dict[str, Any]) -> object:
        """Do `what`; what comes of it is told."""
        raise NotImplementedError

    async def carry_out(self, order: dict[str, Any]) -> None:
        """Obey, and tell what came of it."""
        number = order["order"]
        try:
            tell(answers=number, outcome=await self.obey(order["do"], order))
        except IqError as error:
            tell(answers=number, outcome=error.condition)
        except Exception:
            tell(answers=number, raised=traceback.format_exc())

    async def _start(self, event: object) -> None:
        self.send_presence()
        await self.get_roster()
        if self.who["room"]:
            await self["xep_0045"].join_muc_wait(self.who["room"], self.who["nick"], timeout=20)
        tell(is_there=True)


def tell(**what: object) -> None:
    """Let the test hear `what`."""
    print(json.dumps(what), flush=True)


def serve(kind: Callable[[dict[str, Any]], ForeignClient]) -> None:
    """Be a client of that `kind`, as the first line says, and obey all others."""
    asyncio.run(_serve(kind))


async def _serve(kind: Callable[[dict[str, Any]], ForeignClient]) -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    who = json.loads(await lines.readline())
    client = kind(who)
    client.connect(host="127.0.0.1", port=who["port"])
    while line := await lines.readline():
        await client.carry_out(json.loads(line))
