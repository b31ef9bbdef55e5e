"""`--send` into rooms: found out by what they say of themselves, entered, proven, left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from termxmpp.demo.server import PrivateProsody
from tests.support.account import LiveServer
from tests.support.ejabberd import PrivateEjabberd
from tests.support.occupant import Occupant, occupant
from tests.support.sending import sends
from tests.support.servers import USERS, each_of, running

HALL = "hall@conference.localhost"

ROOMS = """\
Component "conference.localhost" "muc"
    muc_room_default_persistent = true
"""


@pytest.fixture(scope="module")
def rooms() -> Iterator[PrivateProsody]:
    with running(PrivateProsody(USERS, hosts=ROOMS)) as server:
        yield server


@pytest.fixture(scope="module")
def ejabberd_rooms() -> Iterator[PrivateEjabberd]:
    with running(PrivateEjabberd(USERS, has_rooms=True)) as server:
        yield server


server = each_of("rooms", "ejabberd_rooms")


@asynccontextmanager
async def hosted(
    server: LiveServer, room: str = HALL, nick: str = "Bob", **values: str
) -> AsyncIterator[Occupant]:
    """Bob in `room`, which he has made and set up so."""
    async with occupant(server, "bob@localhost", "build", room, nick) as bob:
        settings = {f"muc#roomconfig_{name}": value for name, value in values.items()}
        assert await bob.does("set_room_config", room=room, values=settings) == "done"
        yield bob


def test_a_room_is_entered_and_shows_what_was_said_and_is_left(server: LiveServer) -> None:
    async def main() -> None:
        async with hosted(server) as bob:
            sent = await sends(server, "--json", "--send", HALL, "disk full")
            assert (sent.status, sent.err) == (0, "")
            assert sent.fates == [(HALL, "sent")]
            await bob.hears(nick="alice", text="disk full")
            await bob.hears(went="alice")

    asyncio.run(main())


def test_a_nick_is_taken_and_one_that_somebody_has_is_made_longer(server: LiveServer) -> None:
    async def main() -> None:
        async with hosted(server, nick="ops") as bob:
            sent = await sends(server, "--send", HALL, "--nick", "ops", "hello")
            assert (sent.status, sent.err) == (0, "")
            await bob.hears(nick="ops_", text="hello")

    asyncio.run(main())


def test_a_link_to_a_room_has_its_password_and_so_has_a_file(
    server: LiveServer, tmp_path: Path
) -> None:
    room = "vault@conference.localhost"
    secret = tmp_path / "password"
    secret.write_text("sesame\n")
    secret.chmod(0o600)

    async def main() -> None:
        settings = {"passwordprotectedroom": "1", "roomsecret": "sesame"}
        async with hosted(server, room, **settings) as bob:
            refused = await sends(server, "--json", "--send", room, "hello")
            assert refused.status == 67
            assert refused.fates == [(room, "unsent")]
            assert "--room-password-file" in refused.err
            sent = await sends(server, "--send", f"xmpp:{room}?join;password=sesame", "one")
            assert (sent.status, sent.err) == (0, "")
            await bob.hears(text="one")
            given = ("--room-password-file", str(secret))
            sent = await sends(server, "--send", room, *given, "two")
            assert (sent.status, sent.err) == (0, "")
            await bob.hears(text="two")

    asyncio.run(main())


def test_a_room_that_does_not_exist_is_not_made(server: LiveServer) -> None:
    room = "mistyped@conference.localhost"

    async def main() -> None:
        sent = await sends(server, "--json", "--send", f"xmpp:{room}?join", "hello")
        assert sent.status == 67
        assert sent.fates == [(room, "unsent")]
        assert "no such room" in sent.err
        # And a second look finds none either.
        again = await sends(server, "--json", "--type", "groupchat", "--send", room, "hello")
        assert (again.status, again.fates) == (67, [(room, "unsent")])

    asyncio.run(main())


def test_who_may_only_listen_is_told_so(server: LiveServer) -> None:
    room = "lecture@conference.localhost"

    async def main() -> None:
        async with hosted(server, room, moderatedroom="1") as bob:
            if isinstance(server, PrivateEjabberd):
                # There who comes in may speak, unless the room is told otherwise.
                values = {"members_by_default": "0"}
                assert await bob.does("set_room_config", room=room, values=values) == "done"
            sent = await sends(server, "--json", "--send", room, "hello")
            assert sent.status == 67
            assert sent.fates == [(room, "bounced")]
            assert "you may only listen in this room (forbidden)" in sent.err

    asyncio.run(main())


def test_one_in_a_room_gets_it_alone(server: LiveServer) -> None:
    async def main() -> None:
        async with hosted(server) as bob:
            sent = await sends(server, "--send", f"{HALL}/Bob", "psst")
            assert (sent.status, sent.err) == (0, "")
            await bob.hears(nick="alice", private="psst")
            gone = await sends(server, "--json", "--send", f"{HALL}/Nobody", "psst")
            assert (gone.status, gone.fates) == (67, [(f"{HALL}/Nobody", "bounced")])

    asyncio.run(main())


def test_a_contact_and_a_room_get_it_at_once_and_lines_come_in_order(server: LiveServer) -> None:
    async def main() -> None:
        async with hosted(server) as bob:
            to = ("--send", "bob@localhost", "--send", HALL)
            lines = "".join(f"line {number}\n" for number in range(5)).encode()
            sent = await sends(server, "--json", "--lines", *to, stdin=lines)
            assert (sent.status, sent.err) == (0, "")
            assert len(sent.records) == 10
            await bob.hears(text="line 4")
            said = [each["text"] for each in bob.heard if "text" in each]
            assert [each for each in said if each.startswith("line")] == [
                f"line {number}" for number in range(5)
            ]

    asyncio.run(main())
