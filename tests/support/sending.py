"""termxmpp as a script runs it: the program in a process of its own, against a real server."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from termxmpp.client import Client
from termxmpp.core.jid import Jid
from termxmpp.mainloop import EpollMainLoop
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.delay import DelayPayload
from termxmpp.xmpp.hooks import StanzaHandler, on_message
from termxmpp.xmpp.receipts import ReceivedPayload
from tests.support.account import PATIENCE, Place, online

__all__ = [
    "Ear",
    "Sent",
    "begin_send",
    "command",
    "environment",
    "listening",
    "records",
    "run_send",
    "sends",
]


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a run."""

    status: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """What it has told in JSON."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def fates(self) -> list[tuple[str, str]]:
        """To whom, and what became of it."""
        return [(each["to"], each["outcome"]) for each in self.records]


def command(server: Place, *arguments: str, place: str | None = None) -> list[str]:
    """termxmpp as alice against `server`, or what answers at `place` instead."""
    where = ["--server", place or f"127.0.0.1:{server.port}", "--ca-file", str(server.ca_file)]
    return [sys.executable, "-m", "termxmpp", "alice@localhost", *where, *arguments]


def environment(password: str = "wonder", **more: str) -> Mapping[str, str]:
    """What the program finds in its environment."""
    return dict(os.environ, TERMXMPP_PASSWORD=password, **more)


def run_send(
    server: Place,
    *arguments: str,
    stdin: bytes | None = None,
    password: str = "wonder",
    place: str | None = None,
    more: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run it to its end, as a shell would."""
    return subprocess.run(
        command(server, *arguments, place=place),
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        timeout=60,
        check=False,
        env=environment(password, **(more or {})),
    )


def records(ran: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    """What it has told in JSON."""
    return [json.loads(line) for line in ran.stdout.splitlines()]


class Ear(StanzaHandler):
    """Notes the messages that come, as they are; where `receipts`, says that they have come."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self.receipts = False
        self.heard: list[stanzas.IncomingMessage] = []
        self._client = client
        self._news = asyncio.Event()

    async def hears(self, count: int = 1) -> None:
        """Return when it has heard so many."""
        async with asyncio.timeout(PATIENCE):
            while len(self.heard) < count:
                self._news.clear()
                await self._news.wait()

    async def hears_text(self, text: str) -> None:
        """Return when it has heard `text`."""
        async with asyncio.timeout(PATIENCE):
            while not any(each.body == text for each in self.heard):
                self._news.clear()
                await self._news.wait()

    @on_message()
    def take(self, message: stanzas.IncomingMessage) -> bool:
        if message.get(DelayPayload) is not None:
            # It was said to somebody who was not there.
            return False
        self.heard.append(message)
        self._news.set()
        if self.receipts and message.sender is not None:
            receipt = ReceivedPayload(message.id)
            self._client.send(stanzas.message(message.sender, id="r", payloads=(receipt,)))
        return False


@asynccontextmanager
async def listening(mainloop: EpollMainLoop, server: Place) -> AsyncIterator[Ear]:
    """Bob is there, and hears."""
    async with online(mainloop, server, "bob@localhost", "build") as bob:
        ear = Ear(bob)
        bob._processor.handlers.insert(0, ear)
        bob._processor.bound(bob.jid, Jid("", "localhost"))
        yield ear


async def begin_send(
    server: Place, *arguments: str, place: str | None = None, **more: str
) -> asyncio.subprocess.Process:
    """Start it; its standard input is open."""
    return await asyncio.create_subprocess_exec(
        *command(server, *arguments, place=place),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(**more),
    )


async def sends(server: Place, *arguments: str, stdin: bytes = b"") -> Sent:
    """The same as `run_send`, while the test goes on."""
    child = await begin_send(server, *arguments)
    async with asyncio.timeout(60):
        out, err = await child.communicate(stdin)
    assert child.returncode is not None
    return Sent(child.returncode, out.decode(), err.decode())
