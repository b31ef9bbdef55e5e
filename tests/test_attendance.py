"""Attendance: who touches no key for long is not there, and nothing waits while that lasts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from termxmpp.attendance import TOLERANCE, Attendance
from termxmpp.mainloop import EpollMainLoop, run
from tests.support.drawn import Drawn
from tests.support.harness import NOON, Actor

PATIENCE = 20.0


class Watched:
    """An attendance and what it has told."""

    def __init__(self, absent_after: float) -> None:
        self.told: asyncio.Queue[float] = asyncio.Queue()
        self.attendance = Attendance(self.told.put_nowait, absent_after)

    async def next(self) -> float:
        async with asyncio.timeout(PATIENCE):
            return await self.told.get()


def play(scenario: Callable[[], Awaitable[None]]) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        await scenario()

    run(main)


def test_an_absence_begins_and_ends() -> None:
    async def scenario() -> None:
        watched = Watched(0.02)
        watched.attendance.touched()
        assert await watched.next() >= 0.02
        watched.attendance.touched()
        assert await watched.next() == 0.0
        assert await watched.next() >= 0.02
        assert watched.told.empty()

    play(scenario)


def test_nothing_runs_while_nobody_is_there() -> None:
    async def scenario() -> None:
        watched = Watched(0.01)
        watched.attendance.touched()
        await watched.next()
        assert watched.attendance._timer is None

    play(scenario)


def test_a_burst_of_keys_sets_one_timer() -> None:
    async def scenario() -> None:
        watched = Watched(PATIENCE)
        watched.attendance.touched()
        timer = watched.attendance._timer
        for _ in range(100):
            watched.attendance.touched()
        assert watched.attendance._timer is timer
        watched.attendance._set_at -= 2 * TOLERANCE
        watched.attendance.touched()
        assert watched.attendance._timer is not timer
        watched.attendance.close()
        assert watched.attendance._timer is None

    play(scenario)


@pytest.fixture
def idle(alice: Actor) -> Callable[[float], None]:
    """Lets alice have been away for so many seconds, as her workspace tells."""

    def be(seconds: float) -> None:
        alice.run_now(alice.workspace._attended, seconds)

    return be


def test_every_account_learns_since_when(alice: Actor, idle: Callable[[float], None]) -> None:
    assert alice.client.idle_since is None
    idle(300)
    since = alice.client.idle_since
    assert since is not None
    assert (NOON - since).total_seconds() == 300
    idle(0)
    assert alice.client.idle_since is None


def test_a_key_on_the_screen_is_one(alice: Actor) -> None:
    drawn = Drawn(alice, 80, 24)
    try:
        alice.run_now(alice.workspace._attended, 400.0)
        alice.workspace.attendance._is_absent = True
        drawn.types("x")
        drawn.completes("x")
        assert alice.client.idle_since is None
    finally:
        drawn.close()
