"""An independent client (slixmpp) that is asked and told about people, in a process of its own.

It obeys lines of JSON on its standard input, after the first, which says who it is: `{"do": WHAT,
…}`, and answers each on its standard output with one JSON value a line.
"""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import slixmpp

from tests.support.account import PATIENCE, Place

__all__ = ["Neighbour", "neighbour"]

PLUGINS = ("0012", "0030", "0054", "0060", "0084", "0092", "0172", "0191", "0202", "0292", "0319")
NICK = "http://jabber.org/protocol/nick"


class Neighbour:
    """The process, as a test meets it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def does(self, what: str, **more: object) -> Any:
        """What came of it."""
        return await self.ask(do=what, **more)

    async def ask(self, **what: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        async with asyncio.timeout(PATIENCE):
            line = await self._process.stdout.readline()
        assert line, "it has ended"
        return json.loads(line)


@asynccontextmanager
async def neighbour(server: Place, address: str, password: str) -> AsyncIterator[Neighbour]:
    """`address` online, for as long as the context lasts."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.neighbour"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        there = Neighbour(process)
        await there.ask(
            jid=address, password=password, port=server.port, ca_file=str(server.ca_file)
        )
        yield there
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _obey(client: Any, order: dict[str, Any]) -> object:
    match order["do"]:
        case "blocked":
            return sorted(str(jid) for jid in await client.plugin["xep_0191"].get_blocked_jids())
        case "unblock":
            await client.plugin["xep_0191"].unblock(order["jid"])
        case "say":
            client.send_message(mto=order["to"], mbody=order["text"], mtype="chat")
        case "idle of":
            found = await client.plugin["xep_0012"].get_last_activity(order["jid"])
            return found["last_activity"]["seconds"]
        case "time at":
            found = await client.plugin["xep_0202"].get_entity_time(order["jid"])
            # As it stands there: slixmpp puts another Z behind it, which it then can't read.
            return found["entity_time"]._get_sub_text("utc")
        case "be idle":
            presence = client.make_presence()
            presence["idle"]["since"] = datetime.fromisoformat(order["since"])
            presence.send()
        case "show a picture":
            data = base64.b64decode(order["data"])
            avatar = client.plugin["xep_0084"]
            info = {"id": avatar.generate_id(data), "type": "image/png", "bytes": len(data)}
            await avatar.publish_avatar(data)
            await avatar.publish_avatar_metadata([info])
        case "call itself":
            await client.plugin["xep_0172"].publish_nick(order["nick"])
        case "nick of":
            found = await client.plugin["xep_0060"].get_items(order["jid"], NICK)
            return [item["payload"].text for item in found["pubsub"]["items"]["substanzas"]]
        case "tell":
            card = client.plugin["xep_0054"].make_vcard()
            card["FN"] = order["name"]
            await client.plugin["xep_0054"].publish_vcard(card)
        case "name of":
            found = await client.plugin["xep_0054"].get_vcard(order["jid"], cached=False)
            return found["vcard_temp"]["FN"]
    return None


async def _main() -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    who = json.loads(await lines.readline())
    client: Any = slixmpp.ClientXMPP(who["jid"], who["password"])
    for name in PLUGINS:
        client.register_plugin(f"xep_{name}")
    context = ssl.create_default_context(cafile=who["ca_file"])
    client.get_ssl_context = lambda: context
    client.plugin["xep_0092"].software_name = "slixmpp"
    client.connect(host="127.0.0.1", port=who["port"])
    await client.wait_until("session_start", 20)
    client.send_presence()
    await client.get_roster()
    print(json.dumps(None), flush=True)
    while line := await lines.readline():
        print(json.dumps(await _obey(client, json.loads(line))), flush=True)


if __name__ == "__main__":
    asyncio.run(_main())
