"""What becomes of what is said in a room when the network or the server fails: once, in order.

Real servers behind a proxy that does the faults. Only the room says that a message is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from termxmpp.client import Client
from termxmpp.core.jid import Jid
from termxmpp.core.link import Phase
from termxmpp.core.message import Fate
from termxmpp.demo.server import MODULES, PrivateProsody
from termxmpp.workspace import Workspace
from tests.support.account import LiveServer
from tests.support.ejabberd import PrivateEjabberd
from tests.support.occupant import occupant
from tests.support.scene import ALICE, Scene, comes_online, play, until
from tests.support.servers import USERS, each_of, running

CLUB = Jid.parse("club@conference.localhost")
HALL = Jid.parse("hall@conference.localhost")

ROOMS = """\
Component "conference.localhost" "muc"
    modules_enabled = {{ {modules} }}
    muc_room_default_persistent = {is_persistent}
"""


@contextmanager
def prosody(
    *room_modules: str, without: str = "", is_persistent: bool = True
) -> Iterator[PrivateProsody]:
    hosts = ROOMS.format(
        modules="".join(f'"{name}";' for name in room_modules),
        is_persistent=str(is_persistent).lower(),
    )
    kept = [name for name in MODULES if name != without]
    with running(PrivateProsody(USERS, modules=kept, hosts=hosts)) as server:
        yield server


@pytest.fixture(scope="module")
def full() -> Iterator[PrivateProsody]:
    with prosody("muc_mam") as server:
        yield server


@pytest.fixture(scope="module")
def ejabberd() -> Iterator[PrivateEjabberd]:
    with running(PrivateEjabberd(USERS, has_rooms=True)) as server:
        yield server


server = each_of("full", "ejabberd")


@pytest.fixture(scope="module")
def without_archive() -> Iterator[PrivateProsody]:
    with prosody() as server:
        yield server


@pytest.fixture(scope="module")
def without_management() -> Iterator[PrivateProsody]:
    with prosody("muc_mam", without="smacks") as server:
        yield server


def is_in(client: Client, jid: Jid = CLUB) -> bool:
    room = client.state.rooms.get(jid)
    return client.is_online and room is not None and room.is_in


async def enters(client: Client, room: Jid = CLUB) -> None:
    workspace = Workspace([client])
    workspace.set_watched(False)
    workspace.submit(f"/join {room}")
    await until(lambda: is_in(client, room))


async def both_enter(scene: Scene, room: Jid = CLUB) -> None:
    """Both are in the room, and know what was said in it before."""
    await enters(scene.bob, room)
    await enters(scene.alice, room)
    await until(lambda: not scene.alice.state.gaps and not scene.bob.state.gaps)


async def is_there_once(scene: Scene, text: str) -> None:
    """The room has shown alice's message, and bob has it once."""
    await until(lambda: scene.fate(text)[0] is Fate.ACKNOWLEDGED)
    await until(lambda: text in scene.bob_has())
    # What was sent once more would be reflected before the answer to this.
    scene.alice.write(CLUB, f"after {text}")
    await until(lambda: f"after {text}" in scene.bob_has())
    await until(lambda: f"after {text}" in scene.texts())
    assert scene.bob_has().count(text) == 1
    assert scene.texts().count(text) == 1
    assert [each for each in scene.texts() if each in scene.bob_has()] == scene.bob_has()


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_resumed_session_is_in_the_room_still(
    server: LiveServer, tmp_path: Path, way: str
) -> None:
    async def scenario(scene: Scene) -> None:
        await both_enter(scene)
        occupants = dict(scene.alice.state.rooms[CLUB].occupants)
        await scene.loses(way, f"lost {way}")
        assert scene.fate(f"lost {way}")[0] is Fate.SENT
        await scene.breaks()
        assert scene.alice.state.rooms[CLUB].occupants == occupants
        await is_there_once(scene, f"lost {way}")

    play(server, tmp_path, scenario, CLUB)


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_killed_client_goes_on_in_the_room(server: LiveServer, tmp_path: Path, way: str) -> None:
    text = f"killed {way}"

    async def scenario(scene: Scene) -> None:
        await both_enter(scene)
        await scene.loses(way, text)
        scene.proxy.cut()
        scene.proxy.pass_all()
        scene.bob.write(CLUB, "while you were dead")
        await scene.alice_restarts()
        assert sorted(scene.alice.state.rooms[CLUB].occupants) == ["alice", "bob"]
        await is_there_once(scene, text)

    play(server, tmp_path, scenario, CLUB)


@pytest.mark.parametrize("way", ["up", "down"])
def test_after_a_crash_of_the_server_the_room_s_archive_tells(
    full: PrivateProsody, tmp_path: Path, way: str
) -> None:
    text = f"crashed {way}"

    async def scenario(scene: Scene) -> None:
        await both_enter(scene)
        await scene.loses(way, text)
        scene.server.restart(kills=True)
        await scene.breaks()
        await until(lambda: scene.bob.state.link.phase is not Phase.CONNECTING)
        if scene.bob.state.link.phase is not Phase.ONLINE:
            await comes_online(scene.bob)
        await until(lambda: is_in(scene.alice) and is_in(scene.bob))
        await is_there_once(scene, text)

    play(full, tmp_path, scenario, CLUB)


@pytest.mark.parametrize("way", ["up", "down"])
def test_without_management_the_room_s_archive_tells(
    without_management: PrivateProsody, tmp_path: Path, way: str
) -> None:
    async def scenario(scene: Scene) -> None:
        await both_enter(scene)
        await scene.loses(way, f"unmanaged {way}")
        await scene.breaks()
        await is_there_once(scene, f"unmanaged {way}")

    play(without_management, tmp_path, scenario, CLUB)


def test_without_an_archive_only_the_user_sends_again(
    without_archive: PrivateProsody, tmp_path: Path
) -> None:
    async def scenario(scene: Scene) -> None:
        await both_enter(scene)
        await scene.loses("up", "unknown")
        scene.server.restart(kills=True)
        await scene.breaks()
        await until(lambda: "/resend" in scene.fate("unknown")[1])
        assert scene.fate("unknown")[0] is Fate.SENT
        [unproven] = scene.alice.unproven
        if not is_in(scene.bob):
            await comes_online(scene.bob)
            await until(lambda: is_in(scene.bob))
        scene.alice.resend(unproven)
        await is_there_once(scene, "unknown")

    play(without_archive, tmp_path, scenario, CLUB)


def test_what_was_missed_comes_once_and_in_the_order_of_the_archive(
    server: LiveServer, tmp_path: Path
) -> None:
    """What is said before the archive has answered closes no gap."""

    async def scenario(scene: Scene) -> None:
        await both_enter(scene)
        scene.bob.write(CLUB, "before")
        await until(lambda: "before" in scene.texts())
        await scene.alice.disconnect()
        missed = [f"missed {number}" for number in range(250)]
        for text in missed:
            scene.bob.write(CLUB, text)
        await until(lambda: scene.shown(scene.bob, CLUB)[-1].fate is Fate.ACKNOWLEDGED)
        scene.proxy.lag = 0.05
        scene.alice.connect()
        await until(lambda: is_in(scene.alice))
        scene.bob.write(CLUB, "live")
        await until(lambda: not scene.alice.state.gaps and "live" in scene.texts())
        assert scene.texts()[-252:] == ["before", *missed, "live"]
        assert scene.alice.state.conversation(CLUB).unread >= 251

    play(server, tmp_path, scenario, CLUB)


def test_written_offline_it_is_said_in_order_when_we_are_in_again(
    server: LiveServer, tmp_path: Path
) -> None:
    async def scenario(scene: Scene) -> None:
        await both_enter(scene)
        await scene.alice.disconnect()
        texts = [f"offline {number}" for number in range(20)]
        for text in texts:
            scene.alice.write(CLUB, text)
        await comes_online(scene.alice)
        await until(lambda: texts[-1] in scene.bob_has())
        assert [text for text in scene.bob_has() if text in texts] == texts
        await until(lambda: all(scene.fate(text)[0] is Fate.ACKNOWLEDGED for text in texts))

    play(server, tmp_path, scenario, CLUB)


def test_a_room_that_is_gone_is_made_again(tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        await both_enter(scene)
        scene.server.restart()
        await scene.breaks()
        await until(lambda: is_in(scene.alice))
        await comes_online(scene.bob)
        await until(lambda: is_in(scene.bob))
        scene.alice.write(CLUB, "still there?")
        await until(lambda: "still there?" in scene.bob_has())

    with prosody("muc_mam", is_persistent=False) as server:
        play(server, tmp_path, scenario, CLUB)


def test_what_is_said_in_private_is_no_business_of_the_room(
    server: LiveServer, tmp_path: Path
) -> None:
    async def scenario(scene: Scene) -> None:
        await both_enter(scene, HALL)
        bob_there, alice_there = HALL.with_resource("bob"), HALL.with_resource("alice")
        scene.alice.write(bob_there, "psst")
        await until(lambda: bool(scene.shown(scene.bob, alice_there)))
        [private] = scene.shown(scene.bob, alice_there)
        assert private.text == "psst"
        assert "psst" not in scene.bob_has()
        assert scene.shown(scene.bob, ALICE) == []

    play(server, tmp_path, scenario, HALL)


def test_an_occupant_of_another_kind_is_heard_and_hears(server: LiveServer, tmp_path: Path) -> None:
    """slixmpp: an implementation that is not ours."""

    async def scenario(scene: Scene) -> None:
        await enters(scene.alice, HALL)
        async with occupant(server, "bob@localhost", "build", str(HALL), "Robert") as robert:
            await until(lambda: "Robert" in scene.alice.state.rooms[HALL].occupants)
            robert.says("hello alice")
            await until(lambda: "hello alice" in scene.texts())
            scene.alice.write(HALL, "hello Robert")
            await robert.hears(nick="alice", text="hello Robert")
            await until(lambda: scene.fate("hello Robert")[0] is Fate.ACKNOWLEDGED)
            there = HALL.with_resource("Robert")
            scene.alice.write(there, "psst")
            await robert.hears(nick="alice", private="psst")
            robert.tells("alice", "yes?")
            await until(lambda: len(scene.shown(scene.alice, there)) == 2)
            assert "yes?" not in scene.texts()
        await until(lambda: "Robert" not in scene.alice.state.rooms[HALL].occupants)

    play(server, tmp_path, scenario, HALL)
