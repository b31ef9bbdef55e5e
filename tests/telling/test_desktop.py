"""The desktop: a private bus with a notification server on it, and a real program."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.settings import Settings
from termxmpp.telling.bus import NAME, PATH, Bus, BusFailed, bus_address
from termxmpp.telling.desktop import DesktopVoice
from termxmpp.telling.news import News

PATIENCE = 20.0


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where a private bus is."""
    wanted = f"unix:path={tmp_path}/bus"
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1", f"--address={wanted}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


class Shower:
    """A notification server, on a connection of its own."""

    def __init__(self) -> None:
        self.shown: list[list[Any]] = []
        self.hidden: list[int] = []

    async def serve(self, address: str) -> Any:
        from dbus_fast import Message, MessageType
        from dbus_fast.aio import MessageBus

        bus = await MessageBus(address).connect()

        def answer(message: Message) -> Message | None:
            if message.message_type is not MessageType.METHOD_CALL or message.path != PATH:
                return None
            if message.member == "GetCapabilities":
                return Message.new_method_return(message, "as", [["actions", "body-markup"]])
            if message.member == "CloseNotification":
                self.hidden.append(message.body[0])
                return Message.new_method_return(message)
            self.shown.append(message.body)
            return Message.new_method_return(message, "u", [message.body[1] or 7])

        bus.add_message_handler(answer)
        await bus.request_name(NAME)
        return bus


def test_a_notification_is_shown_replaced_clicked_and_hidden(address: str) -> None:
    shower, clicks = Shower(), asyncio.Queue[int]()

    async def work(mainloop: EpollMainLoop) -> None:
        from dbus_fast import Message

        server = await shower.serve(address)
        bus = Bus(address, clicks.put_nowait, lambda number: None)
        number = await bus.show("Bob", "<b>a & b", "Open")
        assert await bus.show("Bob", "again", "Open", number) == number
        await server.send(Message.new_signal(PATH, NAME, "ActionInvoked", "us", [7, "default"]))
        async with asyncio.timeout(PATIENCE):
            assert await clicks.get() == number
        await bus.hide(number)
        bus.close()
        server.disconnect()

    run(work)
    assert [(body[1], body[3], body[4]) for body in shower.shown] == [
        (0, "Bob", "&lt;b&gt;a &amp; b"),
        (7, "Bob", "again"),
    ]
    assert shower.hidden == [7]


def test_a_bus_that_is_not_there_is_said_to_be(tmp_path: Path) -> None:
    async def work(mainloop: EpollMainLoop) -> None:
        bus = Bus(f"unix:path={tmp_path}/none", lambda number: None, lambda number: None)
        with pytest.raises(BusFailed, match="no connection"):
            await bus.show("Bob", "hi", "Open")

    run(work)
    assert bus_address({}) == ""
    assert bus_address({"DBUS_SESSION_BUS_ADDRESS": "tcp:host=example.org"}) == ""


def test_without_a_bus_notify_send_gets_harmless_words(tmp_path: Path) -> None:
    program = tmp_path / "notify-send"
    program.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/part\nmv {tmp_path}/part {tmp_path}/got\n'
    )
    program.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/bin:/usr/bin"}

    async def work(mainloop: EpollMainLoop) -> None:
        voice = DesktopVoice(Settings(), environment, lambda window: None)
        await voice._tell(News("--help", "<b>hi & you"), "auto")
        voice.close()

    run(work)
    assert (tmp_path / "got").read_text().splitlines()[-3:] == [
        "--",
        "--help",
        "&lt;b&gt;hi &amp; you",
    ]
