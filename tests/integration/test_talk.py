"""What is said between us and another kind of client (slixmpp): how far it came, what it carries.

What is done to messages is in `test_acts`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from termxmpp.client import Client
from termxmpp.core.matter import MatterKind, matter_words
from termxmpp.core.message import Fate, Message
from termxmpp.demo.server import MODULES, PrivateProsody
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.store.store import Store
from termxmpp.workspace import Window, Workspace
from tests.support.account import LiveServer, online
from tests.support.ejabberd import PrivateEjabberd
from tests.support.scene import ALICE, BOB, until
from tests.support.servers import befriended_ejabberd, befriended_prosody, each_of, running
from tests.support.stranger import Stranger, stranger


@pytest.fixture(scope="module")
def on_prosody() -> Iterator[PrivateProsody]:
    with running(befriended_prosody(modules=[*MODULES, "offline"])) as server:
        yield server


@pytest.fixture(scope="module")
def on_ejabberd() -> Iterator[PrivateEjabberd]:
    with running(befriended_ejabberd(has_archive=True)) as server:
        yield server


server = each_of("on_prosody", "on_ejabberd")


class Talk:
    """alice, who uses termxmpp and looks elsewhere, and bob, who uses slixmpp."""

    def __init__(self, alice: Client, bob: Stranger) -> None:
        self.alice = alice
        self.bob = bob
        self.workspace = Workspace([alice])

    def looks(self) -> None:
        self.workspace.show(Window(self.alice, BOB))

    def types(self, line: str) -> None:
        self.looks()
        self.workspace.submit(line)

    def messages(self) -> list[Message]:
        entries = self.alice.state.conversation(BOB).entries
        return [each for each in entries if isinstance(each, Message)]

    async def shows(self, text: str) -> Message:
        """The message `text`, as soon as it stands there."""
        await until(lambda: any(each.text == text for each in self.messages()))
        return next(each for each in self.messages() if each.text == text)

    async def becomes(self, text: str, fate: Fate) -> None:
        await until(lambda: any((each.text, each.fate) == (text, fate) for each in self.messages()))


def play(server: LiveServer, folder: Path, scenario: Callable[[Talk], Awaitable[None]]) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        records = Store(folder / "alice.sqlite")
        async with (
            online(mainloop, server, "alice@localhost", "wonder", records) as alice,
            stranger(server, "bob@localhost", "build") as bob,
        ):
            await until(lambda: bool(alice.state.resources_of(BOB)))
            await scenario(Talk(alice, bob))

    run(main)


def test_how_far_a_message_came_is_told_both_ways(server: LiveServer, tmp_path: Path) -> None:
    async def scenario(talk: Talk) -> None:
        await talk.bob.does("ask for a receipt", ALICE, text="knock knock", id="r1")
        await talk.bob.hears(received="r1")
        await talk.bob.does("say", ALICE, text="look here", id="m1", carrying=["markable"])
        await talk.shows("look here")
        assert {"displayed": "m1"} not in talk.bob.heard
        talk.looks()
        await talk.bob.hears(displayed="m1")
        talk.types("who is there?")
        heard = await talk.bob.hears(text="who is there?")
        assert heard["is_markable"]
        assert heard["by_sender"] == heard["id"]
        await talk.becomes("who is there?", Fate.RECEIVED)
        await talk.bob.does("mark", ALICE, target=heard["id"])
        await talk.becomes("who is there?", Fate.READ)

    play(server, tmp_path, scenario)


def test_what_a_message_carries_is_understood_both_ways(server: LiveServer, tmp_path: Path) -> None:
    async def scenario(talk: Talk) -> None:
        await talk.bob.does("say", ALICE, text="he did it", id="s1", carrying=[], hint="the end")
        assert (await talk.shows("he did it")).spoiler == "the end"
        talk.alice.write(BOB, "she did it", spoiler="the other end")
        await talk.bob.hears(hidden="she did it", hint="the other end")
        await talk.bob.does("say", ALICE, text="forget this", id="h1", carrying=["no-store"])
        assert (await talk.shows("forget this")).is_transient
        await talk.bob.does("link", ALICE, url="https://example.org/cake.txt")
        linked = await talk.shows("https://example.org/cake.txt")
        assert [file.url for file in linked.files] == ["https://example.org/cake.txt"]
        talk.types("/me waves")
        await talk.bob.hears(text="/me waves")

    play(server, tmp_path, scenario)


def test_a_call_for_attention_is_heard_both_ways(server: LiveServer, tmp_path: Path) -> None:
    async def scenario(talk: Talk) -> None:
        await talk.bob.does("call for attention", ALICE)
        await until(lambda: any(is_of(each, MatterKind.ATTENTION) for each in talk.messages()))
        talk.types("/notify attention")
        await talk.bob.hears(called_by="alice@localhost")

    play(server, tmp_path, scenario)


def test_what_can_not_be_read_is_told_as_such(server: LiveServer, tmp_path: Path) -> None:
    async def scenario(talk: Talk) -> None:
        await talk.bob.does("say what can't be read", ALICE, namespace="urn:xmpp:otr:0")
        await until(lambda: any(is_of(each, MatterKind.ENCRYPTED) for each in talk.messages()))
        [found] = [each for each in talk.messages() if is_of(each, MatterKind.ENCRYPTED)]
        assert found.matter is not None
        assert "OTR" in matter_words(found.matter)

    play(server, tmp_path, scenario)


def is_of(message: Message, kind: MatterKind) -> bool:
    return message.matter is not None and message.matter.kind is kind
