"""alice behind a bad network, and bob who has a good one: what becomes of what they say."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from termxmpp.client import Client
from termxmpp.core.jid import Jid
from termxmpp.core.link import Phase
from termxmpp.core.message import Fate, Message
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.store.store import Store
from tests.support.account import PATIENCE, LiveServer, happened, make_client
from tests.support.proxy import FaultProxy

__all__ = ["ALICE", "BOB", "Scene", "comes_online", "play", "until"]

ALICE, BOB = Jid.parse("alice@localhost"), Jid.parse("bob@localhost")


class Scene:
    """alice behind a proxy, and bob who has a good network.

    They talk with each other, or where a `room` is named, in that.
    """

    def __init__(
        self,
        mainloop: EpollMainLoop,
        server: LiveServer,
        proxy: FaultProxy,
        folder: Path,
        room: Jid | None = None,
    ) -> None:
        self.server = server
        self.proxy = proxy
        self.records: dict[str, Store] = {}
        self._folder = folder
        self._mainloop = mainloop
        self._to_bob, self._to_alice = room or BOB, room or ALICE
        self.alice = self._client("alice", "wonder", proxy.port)
        self.bob = self._client("bob", "build", server.port)

    def another(self, name: str, password: str, folder: Path) -> Client:
        """Another device of `name`, whose records are in `folder`."""
        place = _Place(self.server.port, self.server.ca_file)
        records = Store(folder / f"{name}.sqlite")
        return make_client(self._mainloop, place, f"{name}@localhost", password, records)

    def _client(self, name: str, password: str, port: int) -> Client:
        records = self.records[name] = Store(self._folder / f"{name}.sqlite")
        place = _Place(port, self.server.ca_file)
        return make_client(self._mainloop, place, f"{name}@localhost", password, records)

    async def begins(self) -> None:
        await comes_online(self.bob)
        await comes_online(self.alice)

    async def ends(self) -> None:
        await self.alice.close()
        await self.bob.close()

    async def alice_restarts(self) -> None:
        """alice's process is killed; another begins with what was committed."""
        self.records["alice"].abandon()
        await self.alice.close()
        self.alice = self._client("alice", "wonder", self.proxy.port)
        await comes_online(self.alice)

    async def breaks(self) -> None:
        """The network is gone and comes back; alice is online again."""
        async with happened(self.alice, lambda event: self.alice.state.link.phase is Phase.ONLINE):
            self.proxy.cut()
            self.proxy.pass_all()
            await until(lambda: self.alice.state.link.phase is Phase.RECONNECTING)
            self.alice.connect()

    async def loses(self, way: str, text: str) -> None:
        """alice writes, and what goes `up` or `down` is lost on the way."""
        self.proxy.swallow(way)
        self.alice.write(self._to_bob, text)
        if way == "down":
            await until(lambda: text in self.bob_has())
        else:
            await until(lambda: self.fate(text)[0] is Fate.SENT)
            await asyncio.sleep(0.1)

    def fate(self, text: str) -> tuple[Fate | None, str]:
        """What alice's screen tells of her message."""
        [found] = [each for each in self.shown(self.alice, self._to_bob) if each.text == text]
        return found.fate, found.reason

    def shown(self, client: Client, peer: Jid) -> list[Message]:
        talk = client.state.conversation(peer)
        return [entry for entry in talk.entries if isinstance(entry, Message)]

    def texts(self) -> list[str]:
        """What stands in alice's window with bob."""
        return [message.text for message in self.shown(self.alice, self._to_bob)]

    def bob_has(self) -> list[str]:
        return [message.text for message in self.shown(self.bob, self._to_alice)]


class _Place:
    def __init__(self, port: int, ca_file: Path) -> None:
        self.host, self.port, self.ca_file = "127.0.0.1", port, ca_file


async def comes_online(client: Client) -> None:
    async with happened(client, lambda event: client.state.link.phase is Phase.ONLINE):
        client.connect()


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until `is_so()`; it is looked at once a turn of the clock."""
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110  # what is waited for is on two sides
            await asyncio.sleep(0.01)


def play(
    server: LiveServer,
    folder: Path,
    scenario: Callable[[Scene], Awaitable[None]],
    room: Jid | None = None,
) -> None:
    """Let `scenario` happen between alice and bob, or in `room`."""

    async def main(mainloop: EpollMainLoop) -> None:
        async with AsyncExitStack() as stack:
            proxy = await stack.enter_async_context(FaultProxy(server.host, server.port))
            scene = Scene(mainloop, server, proxy, folder, room)
            try:
                await scene.begins()
                await scenario(scene)
            finally:
                await scene.ends()

    run(main)
