"""The doctor as it is called: whole examinations with real servers, and how one is stopped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from termxmpp.client import Client
from termxmpp.core.link import Phase
from termxmpp.core.message import Notice
from termxmpp.demo.server import MODULES, PrivateProsody, free_port
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.store.store import Store
from termxmpp.workspace import Workspace
from tests.support.account import PATIENCE, LiveServer, Place, happened, make_client
from tests.support.drawn import Drawn
from tests.support.harness import Actor
from tests.support.leaks import nothing_left
from tests.support.marks import told_of
from tests.support.peer import Peer, Served, serve
from tests.support.servers import running


@dataclass(frozen=True)
class Elsewhere:
    """A place where no server of ours is, or one that is to be trusted by other rules."""

    port: int
    ca_file: Path
    host: str = "127.0.0.1"


class Patient:
    """alice, who calls the doctor."""

    def __init__(self, client: Client, folder: Path) -> None:
        self.client = client
        self.workspace = Workspace([client])
        self.workspace.records_of = lambda jid: folder / "alice.sqlite"

    async def goes_online(self) -> None:
        async with happened(
            self.client, lambda event: self.client.state.link.phase is Phase.ONLINE
        ):
            self.client.connect()

    async def is_refused(self) -> None:
        async with happened(
            self.client, lambda event: self.client.state.link.phase is Phase.REFUSED
        ):
            self.client.connect()

    async def calls(self, line: str = "/doctor") -> str:
        """Call the doctor, and wait for the end; all that was told."""
        self.workspace.submit(line)
        await self.is_examined()
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait([self.workspace.examinations[self.client]])
        return self.told()

    async def is_examined(self) -> None:
        while self.client not in self.workspace.examinations:  # noqa: ASYNC110  # some turns
            await asyncio.sleep(0)

    def told(self) -> str:
        entries = self.workspace.current.conversation.entries
        text = "\n".join(told_of(entry) for entry in entries if isinstance(entry, Notice))
        assert "wonder" not in text
        assert "build" not in text
        return text


@asynccontextmanager
async def silence() -> AsyncIterator[Served]:
    """A server that takes connections and says nothing; nothing may be left behind."""

    async def host(peer: Peer) -> None:
        await peer.hears_the_end()

    async with nothing_left(), serve(host) as served:
        yield served


def treated(
    place: Place, folder: Path, scenario: Callable[[Patient], object], password: str = "wonder"
) -> str:
    """Let `scenario` be; what is told. Nothing may be left behind."""

    async def main(mainloop: EpollMainLoop) -> str:
        async with nothing_left():
            store = Store(folder / "alice.sqlite")
            client = make_client(mainloop, place, "alice@localhost", password, store)
            patient = Patient(client, folder)
            try:
                outcome = scenario(patient)
                return str(await outcome) if asyncio.iscoroutine(outcome) else str(outcome)
            finally:
                await patient.workspace.end()

    return run(main)


def test_a_whole_examination(server: LiveServer, tmp_path: Path) -> None:
    async def scenario(patient: Patient) -> str:
        await patient.goes_online()
        return await patient.calls("/doctor bob@localhost")

    text = treated(server, tmp_path, scenario)
    for words in (
        "The doctor examines alice@localhost",
        f"fine: The records are kept in {tmp_path}/alice.sqlite.",
        "note: The server is set to 127.0.0.1:",
        "answers at 127.0.0.1 after",
        "fine: TLSv1.",
        "fine: The certificate is for localhost",
        "fine: It is trusted: an authority in",
        "The server offers",
        "fine: You are logged in, as alice@localhost/",
        "fine: The server answers within",
        "bob@localhost is not in your roster",
        "fine: localhost is reached",
        "Nothing is wrong;",
    ):
        assert words in text
    assert "wrong:" not in text


def test_offline_the_log_in_is_tried_and_nobody_notices(server: LiveServer, tmp_path: Path) -> None:
    text = treated(server, tmp_path, lambda patient: patient.calls())
    assert "fine: The log-in works." in text
    assert "note: The account is offline" in text
    assert "wrong:" not in text


def test_a_refused_log_in(server: LiveServer, tmp_path: Path) -> None:
    async def scenario(patient: Patient) -> str:
        await patient.is_refused()
        return await patient.calls()

    text = treated(server, tmp_path, scenario, password="wonderful dreams")
    assert "wrong: Log-in refused: wrong user name or password" in text
    assert "note: The account does not try again by itself." in text
    assert "1 thing is wrong: Log-in refused: wrong user name or password" in text


def test_nobody_there(tmp_path: Path, prosody: PrivateProsody) -> None:
    port = free_port()
    text = treated(Elsewhere(port, prosody.ca_file), tmp_path, lambda patient: patient.calls())
    assert f"wrong: 127.0.0.1 can't be reached. Nobody answers on port {port}" in text
    assert "1 thing is wrong: 127.0.0.1 can't be reached." in text


def test_a_certificate_of_its_own(
    tmp_path: Path, prosody: PrivateProsody, ejabberd: LiveServer
) -> None:
    place = Elsewhere(prosody.port, ejabberd.ca_file)
    text = treated(place, tmp_path, lambda patient: patient.calls())
    assert "wrong: The server's certificate is not to be trusted: self-signed certificate." in text
    assert "To do: Nobody but itself vouches for it." in text
    assert "The server offers" not in text


@pytest.fixture
def poor() -> Iterator[PrivateProsody]:
    """A server that can do little."""
    lacking = ("smacks", "carbons", "mam", "pep", "csi", "blocklist")
    modules = [each for each in MODULES if each not in lacking]
    with running(PrivateProsody({"alice": "wonder"}, modules=modules)) as server:
        yield server


def test_what_a_server_lacks(poor: PrivateProsody, tmp_path: Path) -> None:
    async def scenario(patient: Patient) -> str:
        await patient.goes_online()
        return await patient.calls()

    text = treated(poor, tmp_path, scenario)
    for xep in ("0198", "0313", "0280", "0352", "0163", "0191", "0363", "0357"):
        assert f"(XEP-{xep})" in text


def test_a_second_one_is_told_of_the_first_which_can_be_stopped(
    tmp_path: Path, prosody: PrivateProsody
) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        async with silence() as served:
            place = Elsewhere(served.port, prosody.ca_file)
            client = make_client(
                mainloop, place, "alice@localhost", "wonder", Store(tmp_path / "alice.sqlite")
            )
            patient = Patient(client, tmp_path)
            began = time.monotonic()
            patient.workspace.submit("/doctor")
            await patient.is_examined()
            patient.workspace.submit("/doctor")
            async with asyncio.timeout(PATIENCE):
                while not served.peers:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            patient.workspace.submit("/doctor stop")
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(
                    *patient.workspace.examinations.values(), return_exceptions=True
                )
            assert patient.workspace.examinations == {}
            assert time.monotonic() - began < 5
            patient.workspace.submit("/doctor stop")
            text = patient.told()
            assert "The doctor is busy with this account; /doctor stop ends that." in text
            assert "The doctor has stopped." in text
            assert "The doctor is not at work here; /doctor calls it." in text
            await patient.workspace.end()

    run(main)


def test_what_is_mended_is_told_with_what_it_was(tmp_path: Path, prosody: PrivateProsody) -> None:
    async def scenario(patient: Patient) -> str:
        await patient.is_refused()
        prosody.add_user("alice", "wonder")
        return await patient.calls()

    prosody.add_user("alice", "another")
    try:
        text = treated(prosody, tmp_path, scenario)
    finally:
        prosody.add_user("alice", "wonder")
    assert "fine: The log-in works." in text
    assert "note: The account does not try again by itself." in text
    assert "note: What went wrong last: Log-in refused" in text


def test_an_account_that_is_removed_is_examined_no_more(
    tmp_path: Path, prosody: PrivateProsody
) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        async with silence() as served:
            place = Elsewhere(served.port, prosody.ca_file)
            clients = [
                make_client(mainloop, place, f"{name}@localhost", "wonder")
                for name in ("alice", "bob")
            ]
            workspace = Workspace(clients)
            workspace.submit("/doctor")
            while not workspace.examinations:  # noqa: ASYNC110  # some turns
                await asyncio.sleep(0)
            task = workspace.examinations[clients[0]]
            await workspace.close_account(clients[0])
            await asyncio.gather(task, return_exceptions=True)
            assert workspace.examinations == {}
            await workspace.end()

    run(main)


def test_the_end_of_the_program_does_not_wait_for_the_doctor(
    tmp_path: Path, prosody: PrivateProsody
) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        async with silence() as served:
            place = Elsewhere(served.port, prosody.ca_file)
            client = make_client(mainloop, place, "alice@localhost", "wonder")
            patient = Patient(client, tmp_path)
            patient.workspace.submit("/doctor")
            await patient.is_examined()
            await patient.workspace.end()

    run(main)


def test_the_screen_tells_of_the_terminal(alice: Actor) -> None:
    screen = Drawn(alice, 100, 40, {"TERM": "xterm-kitty", "TMUX": "x"})
    try:
        screen.types("\x1b[O\x1b[I")
        alice.run(lambda: asyncio.sleep(0.1))
        facts = alice.workspace.terminal_facts()
        assert facts is not None
        assert (facts.term, facts.columns, facts.rows) == ("xterm-kitty", 100, 40)
        assert (facts.depth, facts.within) == (24, ("tmux",))
        assert facts.has_focus_reports
        assert facts.has_links
        assert facts.notifications == "osc99"
    finally:
        screen.close()
