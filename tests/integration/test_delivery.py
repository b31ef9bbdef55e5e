"""What becomes of a message when the network or the server fails: once, or told to be unknown.

A real Prosody behind a proxy that does the faults. What a server keeps decides what can be
known; each combination has its rule.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from termxmpp.core import events
from termxmpp.core.link import Phase
from termxmpp.core.message import Fate
from termxmpp.demo.server import MODULES, PrivateProsody
from tests.support.account import happened
from tests.support.scene import ALICE, BOB, Scene, comes_online, play, until
from tests.support.servers import USERS, running


@contextmanager
def prosody_without(*modules: str) -> Iterator[PrivateProsody]:
    kept = [name for name in MODULES if name not in modules]
    with running(PrivateProsody(USERS, modules=kept)) as server:
        yield server


@pytest.fixture(scope="module")
def full() -> Iterator[PrivateProsody]:
    with prosody_without() as server:
        yield server


@pytest.fixture(scope="module")
def without_archive() -> Iterator[PrivateProsody]:
    with prosody_without("mam") as server:
        yield server


@pytest.fixture(scope="module")
def without_management() -> Iterator[PrivateProsody]:
    with prosody_without("smacks") as server:
        yield server


@pytest.fixture(scope="module")
def bare() -> Iterator[PrivateProsody]:
    with prosody_without("mam", "smacks") as server:
        yield server


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_resumed_session_knows_what_arrived(
    full: PrivateProsody, tmp_path: Path, way: str
) -> None:
    async def scenario(scene: Scene) -> None:
        await scene.loses(way, f"lost {way}")
        await scene.breaks()
        await until(lambda: scene.fate(f"lost {way}")[0] is Fate.ACKNOWLEDGED)
        await until(lambda: f"lost {way}" in scene.bob_has())
        assert scene.bob_has().count(f"lost {way}") == 1

    play(full, tmp_path, scenario)


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_killed_client_goes_on_with_its_session(
    full: PrivateProsody, tmp_path: Path, way: str
) -> None:
    text = f"killed {way}"

    async def scenario(scene: Scene) -> None:
        await scene.loses(way, text)
        resource = scene.alice.jid
        scene.proxy.cut()
        scene.proxy.pass_all()
        scene.bob.write(ALICE, "while you were dead")
        await scene.alice_restarts()
        assert scene.alice.jid == resource
        await until(lambda: scene.fate(text)[0] is Fate.ACKNOWLEDGED)
        await until(lambda: text in scene.bob_has())
        assert scene.bob_has().count(text) == 1
        # What never left is sent when alice is back, so it stands behind what was said before.
        both = [text, "while you were dead"]
        await until(lambda: set(both) <= set(scene.texts()))
        if way == "down":
            assert scene.texts()[-2:] == both

    play(full, tmp_path, scenario)


@pytest.mark.parametrize("way", ["up", "down"])
def test_after_a_crash_of_the_server_the_archive_tells(
    full: PrivateProsody, tmp_path: Path, way: str
) -> None:
    """The session died with the server: only what the archive does not have is sent again."""
    text = f"crashed {way}"

    async def scenario(scene: Scene) -> None:
        await scene.loses(way, text)
        scene.server.restart(kills=True)
        await scene.breaks()
        await until(lambda: scene.fate(text)[0] is Fate.ACKNOWLEDGED)
        if scene.bob.state.link.phase is not Phase.ONLINE:
            await comes_online(scene.bob)
        await until(lambda: text in scene.bob_has())
        await asyncio.sleep(0.3)
        assert scene.bob_has().count(text) == 1

    play(full, tmp_path, scenario)


@pytest.mark.parametrize("way", ["up", "down"])
def test_without_management_the_archive_tells(
    without_management: PrivateProsody, tmp_path: Path, way: str
) -> None:
    text = f"unmanaged {way}"

    async def scenario(scene: Scene) -> None:
        await scene.loses(way, text)
        await scene.breaks()
        await until(lambda: scene.fate(text)[0] is Fate.ACKNOWLEDGED)
        await until(lambda: text in scene.bob_has())
        assert scene.bob_has().count(text) == 1

    play(without_management, tmp_path, scenario)


def test_without_an_archive_a_session_that_is_lost_is_sent_again(
    without_archive: PrivateProsody, tmp_path: Path
) -> None:
    """Nobody can tell whether it arrived: it may come twice, but it comes (XEP-0198 §5)."""

    async def scenario(scene: Scene) -> None:
        await scene.loses("up", "unarchived")
        scene.server.restart(kills=True)
        await until(lambda: scene.bob.state.link.phase is not Phase.ONLINE)
        await comes_online(scene.bob)
        await scene.breaks()
        await until(lambda: scene.fate("unarchived")[0] is Fate.ACKNOWLEDGED)
        await until(lambda: "unarchived" in scene.bob_has())
        [message] = [each for each in scene.shown(scene.bob, ALICE) if each.text == "unarchived"]
        assert message.is_delayed

    play(without_archive, tmp_path, scenario)


@pytest.mark.parametrize("is_restarted", [False, True])
def test_with_neither_only_the_user_sends_again(
    bare: PrivateProsody, tmp_path: Path, is_restarted: bool
) -> None:
    async def scenario(scene: Scene) -> None:
        await scene.loses("up", "unknown")
        scene.alice.write(BOB, "typed after it")
        await asyncio.sleep(0.1)
        if is_restarted:
            scene.proxy.cut()
            scene.proxy.pass_all()
            await scene.alice_restarts()
        else:
            await scene.breaks()
        await until(lambda: "/resend" in scene.fate("unknown")[1])
        fate, reason = scene.fate("unknown")
        assert fate is Fate.SENT
        assert "may not have arrived" in reason
        assert "unknown" not in scene.bob_has()
        unproven = scene.alice.unproven
        assert len(unproven) == 2
        scene.alice.resend(unproven[0])
        await until(lambda: scene.fate("unknown")[0] is Fate.ACKNOWLEDGED)
        await until(lambda: "unknown" in scene.bob_has())
        assert scene.alice.unproven == unproven[1:]

    play(bare, tmp_path, scenario)


def test_what_is_written_offline_leaves_in_order_when_the_network_is_back(
    full: PrivateProsody, tmp_path: Path
) -> None:
    async def scenario(scene: Scene) -> None:
        scene.proxy.refuse()
        scene.proxy.cut()
        await until(lambda: scene.alice.state.link.phase is Phase.RECONNECTING)
        texts = [f"offline {number}" for number in range(20)]
        for text in texts[:10]:
            scene.alice.write(BOB, text)
        assert scene.fate("offline 0")[0] is Fate.QUEUED
        scene.proxy.accept()
        await comes_online(scene.alice)
        for text in texts[10:]:
            scene.alice.write(BOB, text)
        await until(lambda: texts[-1] in scene.bob_has())
        assert [text for text in scene.bob_has() if text in texts] == texts
        await until(lambda: all(scene.fate(text)[0] is Fate.ACKNOWLEDGED for text in texts))

    play(full, tmp_path, scenario)


def test_what_was_missed_comes_once_and_in_the_order_of_the_archive(
    full: PrivateProsody, tmp_path: Path
) -> None:
    """A message that comes before the archive has answered closes no gap."""

    async def scenario(scene: Scene) -> None:
        await scene.alice.disconnect()
        missed = [f"missed {number}" for number in range(250)]
        for text in missed:
            scene.bob.write(ALICE, text)
        await until(lambda: scene.shown(scene.bob, ALICE)[-1].fate is Fate.ACKNOWLEDGED)
        scene.proxy.lag = 0.05
        async with happened(
            scene.alice,
            lambda event: isinstance(event, events.SessionStarted),
        ):
            scene.alice.connect()
        scene.bob.write(ALICE, "live")
        await until(lambda: not scene.alice.state.gaps and "live" in scene.texts())
        await until(lambda: len(scene.texts()) >= 251)
        assert scene.texts()[-251:] == [*missed, "live"]
        assert scene.alice.state.conversation(BOB).unread >= 251

    play(full, tmp_path, scenario)
