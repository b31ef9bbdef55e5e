"""An independent occupant of a room (slixmpp), in a process of its own.

It obeys lines of JSON on its standard input, after the first, which says where it is to enter:
`{"say": TEXT}` to all, `{"to": NICK, "tell": TEXT}` to one. What it hears and sees it tells on its
standard output, one JSON object a line.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import slixmpp

from tests.support.account import PATIENCE, Place

__all__ = ["Occupant", "occupant"]


class Occupant:
    """The process, as a test meets it; `heard` is what it has told."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.heard: list[dict[str, str]] = []
        self._process = process

    def says(self, text: str) -> None:
        self._order(say=text)

    def tells(self, nick: str, text: str) -> None:
        self._order(to=nick, tell=text)

    async def hears(self, **what: str) -> None:
        """Return when it has heard `what`."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while not any(what.items() <= each.items() for each in self.heard):
                line = await self._process.stdout.readline()
                assert line, "it has ended"
                self.heard.append(json.loads(line))

    def _order(self, **what: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")


@asynccontextmanager
async def occupant(
    server: Place, address: str, password: str, room: str, nick: str
) -> AsyncIterator[Occupant]:
    """`address` in `room`, for as long as the context lasts."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.occupant"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        there = Occupant(process)
        there._order(
            jid=address,
            password=password,
            port=str(server.port),
            ca_file=str(server.ca_file),
            room=room,
            nick=nick,
        )
        await there.hears(entered=nick)
        yield there
    finally:
        process.kill()
        await process.wait()


class _Client(slixmpp.ClientXMPP):  # type: ignore[misc]  # slixmpp is untyped here
    """Enters the room of `order` and tells what happens there."""

    def __init__(self, order: dict[str, str]) -> None:
        super().__init__(order["jid"], order["password"])
        self._order = order
        self.register_plugin("xep_0045")
        context = ssl.create_default_context(cafile=order["ca_file"])
        self.get_ssl_context = lambda: context
        self.add_event_handler("session_start", self._start)
        self.add_event_handler("groupchat_message", self._heard)
        self.add_event_handler("message", self._told)
        self.add_event_handler(f"muc::{order['room']}::got_online", self._seen)

    def obey(self, order: dict[str, str]) -> None:
        room = self._order["room"]
        if "say" in order:
            self.send_message(mto=room, mbody=order["say"], mtype="groupchat")
        else:
            self.send_message(mto=f"{room}/{order['to']}", mbody=order["tell"], mtype="chat")

    async def _start(self, event: Any) -> None:
        self.send_presence()
        room, nick = self._order["room"], self._order["nick"]
        await self["xep_0045"].join_muc_wait(room, nick, timeout=20)
        _print(entered=nick)

    def _heard(self, message: Any) -> None:
        _print(nick=message["from"].resource, text=message["body"], id=message["id"])

    def _told(self, message: Any) -> None:
        if message["type"] == "chat":
            _print(nick=message["from"].resource, private=message["body"])

    def _seen(self, presence: Any) -> None:
        _print(came=presence["from"].resource)


def _print(**what: str) -> None:
    print(json.dumps(what), flush=True)


async def _main() -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    order = json.loads(await lines.readline())
    client = _Client(order)
    client.connect(host="127.0.0.1", port=int(order["port"]))
    while line := await lines.readline():
        client.obey(json.loads(line))


if __name__ == "__main__":
    asyncio.run(_main())
