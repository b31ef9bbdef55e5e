"""termxmpp beside another kind of client (slixmpp) on the same account: both know the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from termxmpp.client import Client
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.core.telling import Rule
from termxmpp.demo.server import MODULES, PrivateProsody
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.store.store import Store
from termxmpp.workspace import Window, Workspace
from tests.support.account import LiveServer, online
from tests.support.ejabberd import PrivateEjabberd
from tests.support.meeting import in_room
from tests.support.phone import Phone, phone
from tests.support.scene import ALICE, BOB, until
from tests.support.servers import (
    ROOMS,
    add_module,
    add_options,
    befriended_ejabberd,
    befriended_prosody,
    each_of,
    running,
)

# What takes reports; Prosody's own module of the list tells them to all devices.
REPORTING = 'module:add_feature("urn:xmpp:reporting:1");\n'


@pytest.fixture(scope="module")
def on_prosody() -> Iterator[PrivateProsody]:
    found = befriended_prosody(modules=[*MODULES, "register", "reporting"], hosts=ROOMS)
    add_module(found, "reporting", REPORTING)
    with running(found) as server:
        yield server


@pytest.fixture(scope="module")
def on_ejabberd() -> Iterator[PrivateEjabberd]:
    found = befriended_ejabberd(has_archive=True, has_rooms=True)
    add_options(found, mod_blocking="{}", mod_privacy="{}")
    with running(found) as server:
        yield server


server = each_of("on_prosody", "on_ejabberd")


class Devices:
    """alice's desk, where she uses termxmpp, her phone, and bob's, where slixmpp is."""

    def __init__(self, desk: Client, phone: Phone, bob: Phone) -> None:
        self.desk = desk
        self.phone = phone
        self.bob = bob
        self.workspace = Workspace([desk])

    def types(self, line: str, peer: Jid | None = None) -> None:
        self.workspace.show(Window(self.desk, peer))
        self.workspace.submit(line)

    async def shows(self, text: str) -> Message:
        """The message `text` of the conversation with bob, as soon as it stands there."""
        await until(lambda: any(each.text == text for each in self._messages()))
        return next(each for each in self._messages() if each.text == text)

    @property
    def unread(self) -> int:
        return self.desk.state.conversation(BOB).unread

    def _messages(self) -> list[Message]:
        entries = self.desk.state.conversation(BOB).entries
        return [each for each in entries if isinstance(each, Message)]


def play(server: LiveServer, folder: Path, scenario: Callable[[Devices], Awaitable[None]]) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        records = Store(folder / "alice.sqlite")
        async with (
            phone(server, "bob@localhost", "build") as bob,
            phone(server, "alice@localhost/phone", "wonder") as alices,
            online(mainloop, server, "alice@localhost/desk", "wonder", records) as desk,
        ):
            await until(lambda: bool(desk.state.resources_of(BOB)))
            await scenario(Devices(desk, alices, bob))

    run(main)


def test_what_is_said_on_one_device_is_known_on_the_other(
    server: LiveServer, tmp_path: Path
) -> None:
    async def scenario(devices: Devices) -> None:
        await devices.phone.does("want carbons")
        # As it happens (XEP-0280).
        await devices.phone.does("say", BOB, text="from the phone")
        assert (await devices.shows("from the phone")).is_own
        devices.types("from the desk", BOB)
        await devices.phone.hears(sent="from the desk", to="bob@localhost", by="desk")
        await devices.bob.does("say", devices.desk.jid, text="to the desk")
        await devices.shows("to the desk")
        await devices.phone.hears(got="to the desk", sender="bob@localhost")
        # And later (XEP-0313, XEP-0359).
        mine = await devices.shows("from the desk")
        found = await devices.phone.does("look up", peer=BOB)
        assert [text for text, _ in found] == ["from the phone", "from the desk", "to the desk"]
        assert found[1] == ["from the desk", mine.id]
        await devices.desk.disconnect()
        await devices.phone.does("say", BOB, text="meanwhile")
        await devices.bob.hears(text="meanwhile")
        devices.desk.connect()
        assert (await devices.shows("meanwhile")).is_own

    play(server, tmp_path, scenario)


def test_what_is_read_on_the_phone_is_read_at_the_desk(
    on_prosody: LiveServer, tmp_path: Path
) -> None:
    """ejabberd 23.01 does not take the options with which slixmpp publishes."""

    async def scenario(devices: Devices) -> None:
        await until(lambda: not devices.desk.state.gaps)
        await devices.bob.does("say", ALICE, text="read me")
        message = await devices.shows("read me")
        assert devices.unread > 0
        read = await devices.phone.does("has read", peer=BOB, id=message.archive_id)
        assert read == "done"
        await until(lambda: devices.unread == 0)

    play(on_prosody, tmp_path, scenario)


def test_what_is_read_at_the_desk_is_read_on_the_phone(server: LiveServer, tmp_path: Path) -> None:
    async def scenario(devices: Devices) -> None:
        await devices.bob.does("say", ALICE, text="and me")
        message = await devices.shows("and me")
        devices.workspace.show(Window(devices.desk, BOB))
        await devices.phone.hears(read=str(BOB), up_to=message.archive_id)
        assert await devices.phone.does("what was read") == {str(BOB): message.archive_id}

    play(server, tmp_path, scenario)


def test_who_is_blocked_on_one_device_is_on_the_other(server: LiveServer, tmp_path: Path) -> None:
    async def scenario(devices: Devices) -> None:
        desk, phone = devices.desk, devices.phone
        await until(lambda: desk.state.blocked == frozenset())
        assert await phone.does("blocked") == []
        devices.types("/block spammer@localhost")
        await phone.hears(blocked="spammer@localhost")
        assert await phone.does("unblock", jid="spammer@localhost") == "done"
        await until(lambda: desk.state.blocked == frozenset())
        assert await phone.does("block", jid="bully@localhost") == "done"
        await until(lambda: desk.state.blocked == frozenset({Jid.parse("bully@localhost")}))
        devices.types("/unblock bully@localhost")
        await phone.hears(unblocked="bully@localhost")

    play(server, tmp_path, scenario)


def test_a_report_is_one_for_the_other_device_too(on_prosody: LiveServer, tmp_path: Path) -> None:
    async def scenario(devices: Devices) -> None:
        desk, phone = devices.desk, devices.phone
        await until(lambda: desk.state.blocked == frozenset())
        assert await phone.does("blocked") == []
        devices.types("/report spammer@localhost spam buy & buy")
        spam = "urn:xmpp:reporting:spam"
        await phone.hears(blocked="spammer@localhost", reason=spam, text="buy & buy")
        assert await phone.does("report", jid="bully@localhost", reason="abuse") == "done"
        await until(lambda: Jid.parse("bully@localhost") in (desk.state.blocked or ()))
        devices.types("/unblock spammer@localhost")
        devices.types("/unblock bully@localhost")
        await until(lambda: desk.state.blocked == frozenset())

    play(on_prosody, tmp_path, scenario)


def test_what_others_have_put_into_a_bookmark_stays(server: LiveServer, tmp_path: Path) -> None:
    """slixmpp knows the first version of XEP-0492 only; both can stand there."""
    room = in_room("loud")

    async def scenario(devices: Devices) -> None:
        desk = devices.desk
        devices.types(f"/join {room}")
        await until(lambda: room in desk.state.bookmarks)
        await until(lambda: not desk.state.bookmarks[room].is_due)
        await devices.phone.does("be told of", room=room, name="Loud", when="never")
        await until(lambda: desk.state.bookmarks[room].name == "Loud")
        devices.types("/notify all", room)
        await until(lambda: desk.state.telling_of(room).rule is Rule.ALL)
        await until(lambda: not desk.state.telling_of(room).is_due)
        devices.types("/bookmark name Very loud", room)
        await until(lambda: not desk.state.bookmarks[room].is_due)
        assert await devices.phone.does("what is told of") == {str(room): ["Very loud", "never"]}

    play(server, tmp_path, scenario)


def test_the_password_that_one_device_sets_is_that_of_the_other(
    server: LiveServer, tmp_path: Path
) -> None:
    async def scenario(devices: Devices) -> None:
        assert await devices.phone.does("change the password", password="wonders") == "done"

    async def main(mainloop: EpollMainLoop) -> None:
        async with online(mainloop, server, "alice@localhost", "wonders") as desk:
            new = iter(["wonder", "wonder"])

            async def ask(question: str) -> str:
                return next(new)

            workspace = Workspace([desk])
            workspace.on_secret = ask
            workspace.submit("/account password")
            told = workspace.current.conversation.entries
            await until(lambda: any("is changed on the server" in each.text for each in told))
        async with phone(server, "alice@localhost", "wonder"):
            pass

    play(server, tmp_path, scenario)
    run(main)
