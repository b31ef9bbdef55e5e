"""Several accounts in one session: added, removed, and each with its own state and records."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from termxmpp.client import Client
from termxmpp.config import AccountConfig
from termxmpp.config_reading import load
from termxmpp.core.jid import Jid
from termxmpp.core.link import Phase
from termxmpp.core.message import Notice
from termxmpp.demo.server import PrivateProsody
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.settings import Settings
from termxmpp.store.slots import take
from termxmpp.store.store import Store
from termxmpp.workspace import Workspace
from tests.support.account import PATIENCE, happened, make_client
from tests.support.leaks import nothing_left
from tests.support.terminal import Terminal, environment

BOB = Jid.parse("bob@localhost")


class Session:
    """alice's, with her records and her configuration in `folder`."""

    def __init__(self, mainloop: EpollMainLoop, server: PrivateProsody, folder: Path) -> None:
        self._mainloop = mainloop
        self._server = server
        self.folder = folder
        self.path = folder / "config.toml"
        self.asked: list[str] = []
        self.password = "build"
        self.workspace = Workspace(
            [self._client(Jid.parse("alice@localhost"), "wonder")], Settings(path=self.path)
        )
        self.workspace.new_client = self._client
        self.workspace.records_of = self.records
        self.workspace.on_secret = self._answer

    @property
    def alice(self) -> Client:
        return self.workspace.clients[0]

    def records(self, jid: Jid) -> Path:
        return self.folder / f"{jid.bare}.sqlite"

    async def begins(self) -> None:
        async with happened(self.alice, lambda event: self.alice.state.link.phase is Phase.ONLINE):
            self.alice.connect()
        # What the beginning has set off is over.
        await self.written(lambda: not self.alice._tasks)

    async def enters(self, line: str, told: str) -> str:
        """Enter `line`, and wait until `told` is told."""
        self.workspace.submit(line)
        async with asyncio.timeout(PATIENCE):
            while not (found := [each for each in self.told() if told in each]):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return found[-1]

    def told(self) -> list[str]:
        entries = self.workspace.current.conversation.entries
        return [entry.text for entry in entries if isinstance(entry, Notice)]

    async def written(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not is_so():  # noqa: ASYNC110  # a child writes
                await asyncio.sleep(0.01)

    def _client(self, jid: Jid, password: str) -> Client:
        store = Store(self.records(jid))
        return make_client(self._mainloop, self._server, str(jid), password, store)

    async def _answer(self, question: str) -> str:
        self.asked.append(question)
        return self.password


def written(terminal: Terminal, path: Path, text: str) -> None:
    """Wait until the program has written `text` into the file."""
    end = time.monotonic() + PATIENCE
    while text not in path.read_text():
        assert time.monotonic() < end
        terminal.read_for(0.05)


def played(prosody: PrivateProsody, folder: Path, scene: Callable[[Session], object]) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        async with nothing_left():
            session = Session(mainloop, prosody, folder)
            await session.begins()
            await scene(session)  # type: ignore[misc]
            await session.workspace.end()

    run(main)


def test_an_account_is_added_and_removed_and_nothing_of_it_is_left_but_its_records(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    async def scene(session: Session) -> None:
        workspace = session.workspace
        async with nothing_left():
            told = await session.enters("/account add bob@localhost", "bob@localhost is online.")
            assert "/set account.bob@localhost.password_command" in told
            assert session.asked == ["Password for bob@localhost:"]
            [alice, bob] = workspace.clients
            assert bob.state.link.phase is Phase.ONLINE
            assert [window.title for window in workspace.windows] == [
                "alice@localhost",
                "bob@localhost",
            ]
            await session.written(session.path.exists)
            await session.written(lambda: not workspace._tasks)
            assert load(session.path, is_required=True).accounts == {
                "bob@localhost": AccountConfig(auto=True)
            }
            await session.enters("/account add bob@localhost", "bob@localhost is open already.")
            await session.enters("/account", "bob@localhost  online")
            # Each has its own state.
            workspace.submit("/disconnect bob@localhost")
            await session.written(lambda: bob.state.link.phase is Phase.OFFLINE)
            assert alice.state.link.phase is Phase.ONLINE
            workspace.submit("/win bob@localhost")
            assert workspace.current.client is bob
            told = await session.enters("/account remove bob@localhost", "is removed.")
            assert f"What was said stays in {session.records(BOB)}." in told
            assert workspace.clients == (alice,)
            assert workspace.current.client is alice
            assert [window.client for window in workspace.windows] == [alice]
            await session.written(lambda: not workspace._tasks)
            assert load(session.path, is_required=True).accounts == {}
        slot = take(session.records(BOB), 0)
        assert slot is not None
        slot.release()
        # And once more, with what it knew.
        await session.enters("/account add bob@localhost", "bob@localhost is online.")

    played(prosody, tmp_path, scene)


def test_an_account_that_is_refused_is_not_added(prosody: PrivateProsody, tmp_path: Path) -> None:
    async def scene(session: Session) -> None:
        session.password = "wrong"
        async with nothing_left():
            told = await session.enters("/account add bob@localhost", "could not be added")
            assert "Log-in refused: wrong user name or password" in told
            assert "DNS" not in told
            assert len(session.workspace.clients) == 1
        assert not session.path.exists()

    played(prosody, tmp_path, scene)


def test_a_password_that_is_configured_is_not_asked_for(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    async def scene(session: Session) -> None:
        line = "/set account.bob@localhost.password_command "
        await session.enters(line + "echo build; cat", "is echo build; cat now.")
        await session.enters("/account add bob@localhost", "bob@localhost is online.")
        assert session.asked == []
        await session.enters("/set account.bob@localhost.password_command false", "is false now.")
        await session.enters("/account remove bob@localhost", "is removed.")
        await session.enters("/set account.bob@localhost.password_command false", "is false now.")
        await session.enters("/account add bob@localhost", "password command 'false' failed")

    played(prosody, tmp_path, scene)


def test_accounts_are_enabled_and_disabled(prosody: PrivateProsody, tmp_path: Path) -> None:
    async def scene(session: Session) -> None:
        await session.enters("/account enable alice@localhost", "opened at each start from now on")
        assert load(session.path, is_required=True).account("alice@localhost").auto
        await session.enters("/account disable alice@localhost", "opened at no start any more")
        assert not load(session.path, is_required=True).account("alice@localhost").auto
        for command in ("enable", "disable", "remove"):
            await session.enters(f"/account {command} carol@localhost", "is no account of yours")
        await session.enters("/set account.carol@localhost.server x", "is x now")
        await session.enters("/account", "carol@localhost  not open; /account add opens it")
        told = await session.enters("/account remove alice@localhost", "is all there is here")
        assert "out of the configuration" in told
        assert len(session.workspace.clients) == 1
        await session.enters("/account remove alice@localhost", "/quit ends it.")

    played(prosody, tmp_path, scene)


def test_the_program_asks_for_the_password_in_stars(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    path.write_text("# mine\n")
    place = f"127.0.0.1:{prosody.port}"
    command = [
        *(sys.executable, "-m", "termxmpp", "alice@localhost", "--config", str(path)),
        *("--server", place, "--ca-file", str(prosody.ca_file)),
    ]
    with Terminal(command, environment(tmp_path), columns=100) as terminal:
        terminal.wait_for("alice@localhost: online")
        terminal.type("/account add bob@localhost\r")
        terminal.wait_for("Password for bob@localhost:")
        terminal.type("build")
        terminal.wait_for("Password for bob@localhost: *****")
        terminal.type("\r")
        terminal.wait_for("alice@localhost: online │ bob@localhost: online")
        written(terminal, path, "bob@localhost")
        assert b"build" not in terminal.output
        path.write_text("# mine\n[ui]\nsidebar = false\n")
        terminal.wait_until(lambda: "│" not in terminal.lines[3], "the sidebar to go")
        terminal.type("\x04")
        assert terminal.wait_for_exit() == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[keys]\n'ctrl-t' = 'sned'\n", "config.toml:2: unknown action 'sned' of the key ctrl-t"),
        ("\n[keys]\n'ctl-t' = 'send'\n", "config.toml:3: 'ctl-t' is no key that a terminal"),
    ],
)
def test_a_wrong_key_ends_the_start_with_78(
    prosody: PrivateProsody, tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    command = [sys.executable, "-m", "termxmpp", "alice@localhost", "--config", str(path)]
    with Terminal(command, environment(tmp_path), columns=140) as terminal:
        assert terminal.wait_for_exit() == 78
        assert told in terminal.text
        assert terminal.is_restored
