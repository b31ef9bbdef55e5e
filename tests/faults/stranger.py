"""An independent client (slixmpp) in a process of its own: it writes, and reads archives.

What stands in the archives is the truth that the others are measured by.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from typing import Any

import slixmpp

from tests.faults.servers import PASSWORDS
from tests.support.account import Place

__all__ = ["ask_stranger"]


class Stranger(slixmpp.ClientXMPP):  # type: ignore[misc]  # slixmpp is untyped here
    """Logs in as the account of `order`: `jid`, `password`, `port`, `ca_file`."""

    def __init__(self, order: dict[str, Any]) -> None:
        super().__init__(order["jid"], order["password"])
        self._port = order["port"]
        self.register_plugin("xep_0313")
        self.register_plugin("xep_0199")
        context = ssl.create_default_context(cafile=order["ca_file"])
        self.get_ssl_context = lambda: context
        self.is_ready = asyncio.Event()
        self.add_event_handler("session_start", self._start)

    async def comes(self) -> None:
        """Connect, and return when the session has begun."""
        self.connect(host="127.0.0.1", port=self._port)
        await self.is_ready.wait()

    async def archive(self) -> list[list[str]]:
        """The whole archive: (sender, recipient, text) of each message with a text, in order."""
        found = []
        async for result in self["xep_0313"].iterate(rsm={"max": 50}):
            message = result["mam_result"]["forwarded"]["stanza"]
            if message["body"]:
                sender, to = message["from"].bare, message["to"].bare
                found.append([sender, to, message["body"]])
        return found

    async def _start(self, event: Any) -> None:
        self.send_presence()
        self.is_ready.set()


async def ask_stranger(server: Place, name: str, what: dict[str, Any], patience: float) -> Any:
    """Let it log in as `name` and do `what`: `write` `messages`, or read the `archive`.

    TimeoutError if that takes more than `patience` seconds, ValueError if it ends without an
    answer.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.stranger"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    account = {"jid": f"{name}@localhost", "password": PASSWORDS[name]}
    order = {"port": server.port, "ca_file": str(server.ca_file), **account, **what}
    try:
        async with asyncio.timeout(patience):
            answer, _ = await process.communicate(json.dumps(order).encode() + b"\n")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return json.loads(answer)


async def _main() -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    order = json.loads(await lines.readline())
    client = Stranger(order)
    await client.comes()
    answer: Any = None
    if order["do"] == "write":
        for to, text in order["messages"]:
            client.send_message(mto=to, mbody=text, mtype="chat")
        # An answer to a ping comes after all that was sent before it.
        await client["xep_0199"].ping(client.boundjid.domain)
    else:
        answer = await client.archive()
    await client.disconnect()
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(_main())
