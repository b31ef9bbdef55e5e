"""Forms of a real server: a room set up, commands run, on the screen and line by line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from termxmpp.client import Client
from termxmpp.core.jid import Jid
from termxmpp.core.message import Notice
from termxmpp.demo.server import MODULES, PrivateProsody
from termxmpp.filling import Question
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.workspace import Workspace
from termxmpp.xmpp.disco import DiscoPayload
from tests.integration.test_screen import command
from tests.support.account import PATIENCE, LiveServer, online
from tests.support.ejabberd import PrivateEjabberd
from tests.support.forms import fills_in
from tests.support.servers import USERS, each_of, running
from tests.support.shop import shop
from tests.support.terminal import Terminal, environment

CLUB = Jid.parse("club@conference.localhost")
NAME = "muc#roomconfig_roomname"


@pytest.fixture(scope="module")
def server() -> Iterator[PrivateProsody]:
    """A Prosody with rooms and commands, whose admin is alice."""
    with running(
        PrivateProsody(
            USERS,
            modules=[*MODULES, "uptime", "admin_adhoc"],
            extra='admins = { "alice@localhost" }',
            hosts='Component "conference.localhost" "muc"\n    restrict_room_creation = false\n',
        )
    ) as made:
        yield made


class User:
    """alice in front of a workspace."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.workspace = Workspace([client])

    def told(self) -> list[str]:
        entries = self.workspace.current.conversation.entries
        return [each.text for each in entries if isinstance(each, Notice)]

    async def types(self, line: str, *, until: str) -> str:
        """Enter `line`; the notice that comes and holds `until`."""
        known = len(self.told())
        self.workspace.submit(line)
        async with asyncio.timeout(PATIENCE):
            while not any(until in each for each in self.told()[known:]):
                news = asyncio.Event()
                self.workspace.observers.append(news.set)
                await news.wait()
                self.workspace.observers.remove(news.set)
        return next(each for each in self.told()[known:] if until in each)


@pytest.fixture(scope="module")
def ejabberd() -> Iterator[PrivateEjabberd]:
    with running(PrivateEjabberd(USERS, has_rooms=True)) as made:
        yield made


either = each_of("server", "ejabberd")


def as_user(
    server: LiveServer, scenario: Callable[[User], Awaitable[None]], name: str = "alice"
) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        async with user(mainloop, server, name) as someone:
            await scenario(someone)

    run(main)


@asynccontextmanager
async def user(mainloop: EpollMainLoop, server: LiveServer, name: str) -> AsyncIterator[User]:
    password = USERS[name]
    async with online(mainloop, server, f"{name}@localhost", password) as client:
        yield User(client)


def test_an_owner_sets_up_a_room(either: LiveServer) -> None:
    async def scenario(alice: User) -> None:
        await alice.types(f"/join {CLUB}", until="/configure sets it up")
        questions = fills_in(alice.workspace, "submit", values={NAME: ["The club"]})
        await alice.types("/configure", until="is set up")
        assert {"boolean", "list-single", "hidden"} <= {
            each.type for each in questions[0].form.fields
        }
        about = (await alice.client.get(CLUB, DiscoPayload())).get(DiscoPayload)
        assert about is not None
        assert about.identities[0].name == "The club"
        fills_in(alice.workspace, None, values={})
        await alice.types("/configure", until="stays as it is")

    as_user(either, scenario)


def test_others_may_not(either: LiveServer) -> None:
    async def scenario(mainloop: EpollMainLoop) -> None:
        async with (
            user(mainloop, either, "alice") as alice,
            user(mainloop, either, "bob") as bob,
        ):
            await alice.types("/join hall@conference.localhost", until="/configure")
            await bob.types("/configure hall@conference.localhost", until="Only an owner")

    run(scenario)


def test_commands_of_the_server_are_listed_and_run(server: PrivateProsody) -> None:
    async def scenario(bob: User) -> None:
        listed = await bob.types("/adhoc localhost", until="NUMBER runs one")
        assert "uptime" in listed
        await bob.types("/adhoc localhost uptime", until="running")

    as_user(server, scenario, "bob")


def test_a_command_of_several_fields_is_answered_and_given_up(server: PrivateProsody) -> None:
    async def scenario(alice: User) -> None:
        node = "http://jabber.org/protocol/admin#add-user"
        fills_in(alice.workspace, None, values={})
        await alice.types(f"/adhoc localhost {node}", until="given up")
        values = {
            "accountjid": ["carol@localhost"],
            "password": ["sings"],
            "password-verify": ["sings"],
        }
        [question] = [fills_in(alice.workspace, "complete", values=values)]
        await alice.types(f"/adhoc localhost {node}", until="Account successfully created")
        assert question[0].form.form_type == "http://jabber.org/protocol/admin"

    as_user(server, scenario)


def test_a_room_is_set_up_on_the_screen(server: PrivateProsody, tmp_path: Path) -> None:
    with Terminal(command(server), environment(tmp_path), columns=100, rows=40) as terminal:
        terminal.wait_for("alice@localhost: online")
        terminal.type("/join parlour@conference.localhost\r")
        terminal.wait_for("/configure sets it up")
        terminal.type("/configure\r")
        terminal.wait_for("parlour@conference.localhost: how it is set up")
        terminal.wait_for("esc: give up")
        terminal.type("\x15The parlour\x13")
        terminal.wait_for("parlour@conference.localhost is set up.")


def test_a_room_is_set_up_line_by_line(server: PrivateProsody, tmp_path: Path) -> None:
    with Terminal(
        [*command(server), "--plain"], environment(tmp_path), columns=100, rows=200
    ) as terminal:
        terminal.wait_for("alice@localhost: online")
        terminal.type("/join attic@conference.localhost\n")
        terminal.wait_for("/configure sets it up")
        terminal.type("/configure\n")
        terminal.wait_for("Enter keeps what is there")
        # All answers at once: none of them is a message to the room.
        terminal.type("The attic\n" + "\n" * 60)
        terminal.wait_for("attic@conference.localhost is set up.")
        assert "you: The attic" not in terminal.text
        terminal.type("/configure\n")
        terminal.wait_until(lambda: "[The attic]:" in terminal.text, "the new name")
        terminal.type("\x03")
        terminal.wait_for("attic@conference.localhost stays as it is.")


def test_an_independent_client_takes_orders(server: PrivateProsody) -> None:
    """Stages forth and back, what it asks of values, its table and its note (slixmpp)."""

    async def scenario(mainloop: EpollMainLoop) -> None:
        async with (
            user(mainloop, server, "alice") as alice,
            shop(server, "bob@localhost/shop", "build") as bob,
        ):
            listed = await alice.types("/adhoc bob@localhost/shop", until="NUMBER runs one")
            assert "Order fruit" in listed
            counts = iter(["10", "2", "3"])

            def answers(question: Question) -> dict[str, list[str]]:
                if question.form.get("count") is None:
                    return {"packed": ["1"]}
                return {"fruit": ["pear"], "count": [next(counts)]}

            asked = fills_in(alice.workspace, "next", values=answers)
            await alice.types("/adhoc bob@localhost/shop 1", until="How many is at most 9.")
            assert await bob.says() == "cancelled"
            asked = fills_in(alice.workspace, "next", "prev", "next", "complete", values=answers)
            told = await alice.types("/adhoc bob@localhost/shop order", until="Come again")
            assert await bob.says() == "3 pear 1"
            assert told.splitlines() == ["Come again", "Sold", "Fruit", "pear"]
            assert [each.form.title for each in asked] == ["Fruit", "Packing", "Fruit", "Packing"]
            fills_in(alice.workspace, None, values={})
            await alice.types("/adhoc bob@localhost/shop order", until="given up")
            assert await bob.says() == "cancelled"

    run(scenario)
