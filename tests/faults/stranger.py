"""An independent client (slixmpp): it writes to both others, and reads the server's archives.

What stands in the archives is the truth that the others are measured by.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from typing import Any

import slixmpp


class Stranger(slixmpp.ClientXMPP):  # type: ignore[misc]  # slixmpp is untyped here
    """Logs in as `jid`; `answer_all` reads the archive."""

    def __init__(self, order: dict[str, Any], jid: str, password: str) -> None:
        super().__init__(jid, password)
        self._order = order
        self.register_plugin("xep_0313")
        self.register_plugin("xep_0199")
        context = ssl.create_default_context(cafile=order["ca_file"])
        self.get_ssl_context = lambda: context
        self.is_ready = asyncio.Event()
        self.add_event_handler("session_start", self._start)

    async def comes(self) -> None:
        """Connect, and return when the session has begun."""
        self.connect(host="127.0.0.1", port=self._order["port"])
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


async def _main() -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    order = json.loads(await lines.readline())
    while line := await lines.readline():
        what = json.loads(line)
        client = Stranger(order, what["jid"], what["password"])
        async with asyncio.timeout(120):
            await client.comes()
            answer: Any = None
            if what["do"] == "write":
                for to, text in what["messages"]:
                    client.send_message(mto=to, mbody=text, mtype="chat")
                # An answer to a ping comes after all that was sent before it.
                await client["xep_0199"].ping(client.boundjid.domain)
            else:
                answer = await client.archive()
            await client.disconnect()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(_main())
