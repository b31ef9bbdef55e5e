"""Two devices of one account: what is read on one is read on the other, over real servers."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from termxmpp.client import Client
from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.link import Phase
from termxmpp.core.message import Fate, Message
from termxmpp.core.roster import Contact
from termxmpp.errors import RemoteError
from termxmpp.features.read_sync import NS
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.store.store import Store
from termxmpp.workspace import Window, Workspace
from termxmpp.xmpp.pubsub import (
    PRIVATE,
    ConfigurePayload,
    CreatePayload,
    Item,
    ItemsPayload,
    PublishPayload,
)
from tests.support.account import PATIENCE, LiveServer, make_client
from tests.support.ejabberd import PrivateEjabberd
from tests.support.servers import USERS, running

ALICE, BOB = Jid.parse("alice@localhost"), Jid.parse("bob@localhost")
NOBODY = Contact(BOB)


@pytest.fixture(scope="module", params=["prosody", "ejabberd"])
def server(request: pytest.FixtureRequest) -> Iterator[LiveServer]:
    """Each of the two, with archives."""
    if request.param == "prosody":
        yield request.getfixturevalue("prosody")
        return
    with running(PrivateEjabberd(USERS, has_archive=True)) as ejabberd:
        yield ejabberd


class Device:
    """A client of ours with records and a screen of its own, which nobody draws."""

    def __init__(
        self, mainloop: EpollMainLoop, server: LiveServer, jid: Jid, password: str, store: Path
    ) -> None:
        self.client = make_client(mainloop, server, str(jid), password, Store(store))
        self.workspace = Workspace([self.client])

    async def comes_online(self) -> None:
        """Until everything that was missed has come."""
        caught_up = asyncio.Event()

        def watch(client: Client, event: events.Event) -> None:
            if isinstance(event, events.CaughtUp):
                caught_up.set()

        self.client.observers.append(watch)
        self.client.connect()
        await caught_up.wait()
        self.client.observers.remove(watch)
        await until(lambda: self.client.state.link.phase is Phase.ONLINE)

    def looks_at(self, peer: Jid) -> None:
        self.workspace.show(Window(self.client, peer))

    def looks_away(self) -> None:
        self.workspace.show(Window(self.client))

    def unread(self, peer: Jid) -> int:
        return self.client.state.conversation(peer).unread

    def texts(self, peer: Jid) -> list[str]:
        return [message.text for message in self._messages(peer)]

    def fate(self, peer: Jid, text: str) -> Fate | None:
        [found] = [each for each in self._messages(peer) if each.text == text]
        return found.fate

    def _messages(self, peer: Jid) -> list[Message]:
        entries = self.client.state.conversation(peer).entries
        return [entry for entry in entries if isinstance(entry, Message)]


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until `is_so()`; it is looked at once a turn of the clock."""
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110  # what is waited for is on two sides
            await asyncio.sleep(0.01)


# What is said in one stays in the servers' archives, and is to be told from what others say.
SCENES = itertools.count(1)


class Scene:
    """alice with two devices, `desk` and `phone`, and bob."""

    def __init__(self, mainloop: EpollMainLoop, server: LiveServer, folder: Path) -> None:
        def device(jid: Jid, name: str, password: str) -> Device:
            return Device(mainloop, server, jid, password, folder / f"{name}.sqlite")

        self.desk = device(ALICE, "desk", "wonder")
        self.phone = device(ALICE, "phone", "wonder")
        self.bob = device(BOB, "bob", "build")
        self.name = f"scene {next(SCENES)}"
        self._said = 0

    async def bob_says(self, count: int = 1) -> str:
        """bob writes, and alice's server has it."""
        texts = []
        for _ in range(count):
            self._said += 1
            texts.append(f"{self.name}: {self._said}")
            self.bob.client.write(ALICE, texts[-1])
        await until(lambda: self.bob.fate(ALICE, texts[-1]) is Fate.ACKNOWLEDGED)
        return texts[-1]

    async def both_have(self, text: str) -> None:
        for device in (self.desk, self.phone):
            await until(lambda device=device: text in device.texts(BOB))  # type: ignore[misc]  # bound now


def play(server: LiveServer, folder: Path, scenario: Callable[[Scene], Awaitable[None]]) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        async with AsyncExitStack() as stack:
            scene = Scene(mainloop, server, folder)
            for device in (scene.bob, scene.desk, scene.phone):
                stack.push_async_callback(device.client.close)
                await device.comes_online()
            for device in (scene.desk, scene.phone):
                # What other tests have left.
                device.looks_at(BOB)
                device.looks_away()
            await scenario(scene)

    run(main)


@pytest.mark.parametrize(("reader", "other"), [("desk", "phone"), ("phone", "desk")])
def test_what_is_read_on_one_device_is_read_on_the_other(
    server: LiveServer, tmp_path: Path, reader: str, other: str
) -> None:
    async def scenario(scene: Scene) -> None:
        here, there = getattr(scene, reader), getattr(scene, other)
        await scene.both_have(await scene.bob_says(3))
        assert (here.unread(BOB), there.unread(BOB)) == (3, 3)
        here.looks_at(BOB)
        await until(lambda: there.unread(BOB) == 0)
        here.looks_away()
        await scene.both_have(await scene.bob_says(2))
        assert (here.unread(BOB), there.unread(BOB)) == (2, 2)
        there.looks_at(BOB)
        await until(lambda: here.unread(BOB) == 0)

    play(server, tmp_path, scenario)


def test_what_is_read_while_the_other_is_away_is_read_there_when_it_comes_back(
    server: LiveServer, tmp_path: Path
) -> None:
    async def scenario(scene: Scene) -> None:
        await scene.phone.client.disconnect()
        text = await scene.bob_says(3)
        await until(lambda: text in scene.desk.texts(BOB))
        scene.desk.looks_at(BOB)
        scene.desk.looks_away()
        await scene.desk.client.disconnect()
        left = await scene.bob_says(2)
        await scene.phone.comes_online()
        await until(lambda: left in scene.phone.texts(BOB))
        await until(lambda: scene.phone.unread(BOB) == 2)
        scene.phone.looks_at(BOB)
        await scene.phone.client.disconnect()
        await scene.desk.comes_online()
        await until(lambda: left in scene.desk.texts(BOB))
        await until(lambda: scene.desk.unread(BOB) == 0)

    play(server, tmp_path, scenario)


def test_what_is_read_offline_is_told_with_the_next_session(
    server: LiveServer, tmp_path: Path
) -> None:
    async def scenario(scene: Scene) -> None:
        await scene.both_have(await scene.bob_says(3))
        await scene.desk.client.disconnect()
        scene.desk.looks_at(BOB)
        assert scene.phone.unread(BOB) == 3
        await scene.desk.comes_online()
        await until(lambda: scene.phone.unread(BOB) == 0)

    play(server, tmp_path, scenario)


def test_nobody_else_can_see_what_was_read_and_every_conversation_is_kept(
    server: LiveServer, tmp_path: Path
) -> None:
    """Also if the node was open to all, and would hold one item only."""

    async def scenario(scene: Scene) -> None:
        desk, bob = scene.desk.client, scene.bob.client
        with suppress(RemoteError):
            await desk.set(None, CreatePayload(NS, {}))
        public = {"pubsub#access_model": "open", "pubsub#max_items": "1"}
        await desk.set(None, ConfigurePayload(NS, public))
        await bob.get(ALICE, ItemsPayload(NS))
        for _ in range(2):
            text = await scene.bob_says()
            await until(lambda text=text: text in scene.desk.texts(BOB))  # type: ignore[misc]  # bound now
            scene.desk.looks_at(BOB)
            scene.desk.looks_away()
            await until(lambda: not desk.readings_due())
        with pytest.raises(RemoteError):
            await bob.get(ALICE, ItemsPayload(NS))
        other = Item("carol@localhost", Element(f"{{{NS}}}displayed"))
        await desk.set(None, PublishPayload(NS, other, PRIVATE))
        found = (await desk.get(None, ItemsPayload(NS))).get(ItemsPayload)
        assert found is not None
        assert {item.id for item in found.items} == {"bob@localhost", "carol@localhost"}

    play(server, tmp_path, scenario)


def test_the_peer_sees_what_was_read(server: LiveServer, tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        text = await scene.bob_says(3)
        await until(lambda: text in scene.desk.texts(BOB))
        alice = scene.desk.client.state
        scene.bob.workspace.submit("/subscription request alice@localhost")
        await until(lambda: BOB in alice.requests)
        scene.desk.workspace.submit("/subscription approve bob@localhost")
        await until(lambda: alice.contacts.get(BOB, NOBODY).subscription == "from")
        scene.desk.looks_at(BOB)
        await until(lambda: scene.bob.fate(ALICE, text) is Fate.READ)
        earlier = [each for each in scene.bob.texts(ALICE) if each.startswith(f"{scene.name}: ")]
        assert [scene.bob.fate(ALICE, each) for each in earlier] == [Fate.READ] * 3
        for device, contact in ((scene.desk, BOB), (scene.bob, ALICE)):
            device.workspace.submit(f"/roster remove {contact}")
        await until(lambda: BOB not in alice.contacts)

    play(server, tmp_path, scenario)
