"""Bob: sends messages to alice, or to a room, at a rate or as fast as the server takes them."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from termxmpp.core.jid import Jid
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.xmpp import stanzas
from tests.support.account import online

__all__ = ["LAST"]

# No letter of it stands in the others: a screen that is told only what changes is told all of it.
LAST = "XXXXXXXX"

ENTER = "<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x>"


@dataclass(frozen=True)
class Server:
    """Where the server is."""

    port: int
    ca_file: Path
    host: str = "127.0.0.1"


def main() -> None:
    port, ca_file, to, rate, count = sys.argv[1:]
    place = Server(int(port), Path(ca_file))

    async def send(mainloop: EpollMainLoop) -> None:
        async with online(mainloop, place, "bob@localhost/bench", "build") as bob:
            kind = "groupchat" if "@conference." in to else "chat"
            if kind == "groupchat":
                bob.send_xml(f"<presence to='{to}/bob'>{ENTER}</presence>")
                await bob.prove(60)
            print("ready", flush=True)
            os.read(0, 1)
            began = time.monotonic()
            for number in range(int(count)):
                text = f"message {number}, about as long as people's messages are"
                if number == int(count) - 1:
                    text = LAST
                id = f"flood-{number}"
                bob.send(stanzas.message(Jid.parse(to), text, id=id, type=kind))
                if float(rate):
                    due = began + (number + 1) / float(rate)
                    await asyncio.sleep(max(0.0, due - time.monotonic()))
            await bob.prove(60)
            print(f"{time.monotonic() - began:.3f}", flush=True)
            await asyncio.Event().wait()

    run(send)


if __name__ == "__main__":
    main()
