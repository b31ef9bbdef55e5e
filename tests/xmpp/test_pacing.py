"""Work that many want is done once, soon, and not too often; nothing runs while nobody wants."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.xmpp.pacing import Pacer

PAUSE = 0.05


class Worker:
    """Notes when it worked; `has_work` is what it tells."""

    def __init__(self, *, has_work: bool = True) -> None:
        self.has_work = has_work
        self.times: list[float] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.pacer = Pacer(self._spawn, self._work, PAUSE)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self.tasks.append(asyncio.get_running_loop().create_task(work))

    async def _work(self) -> bool:
        self.times.append(asyncio.get_running_loop().time())
        return self.has_work

    async def rests(self) -> None:
        """Until nothing runs."""
        await asyncio.gather(*self.tasks)


def play(worker: Worker, *counts: int) -> list[float]:
    """Want so much at once, and again when that is over; the times between the works."""

    async def main(mainloop: EpollMainLoop) -> None:
        for count in counts:
            for _ in range(count):
                worker.pacer.want()
            await worker.rests()

    run(main)
    return [later - earlier for earlier, later in zip(worker.times, worker.times[1:], strict=False)]


def test_what_many_want_at_once_is_done_once_and_at_once() -> None:
    worker = Worker()
    assert play(worker, 100) == []
    assert len(worker.times) == 1


def test_what_is_wanted_soon_after_waits_for_the_pause() -> None:
    pauses = play(Worker(), 1, 5, 1)
    assert len(pauses) == 2
    assert min(pauses) >= PAUSE


def test_having_had_nothing_to_do_needs_no_pause() -> None:
    worker = Worker(has_work=False)
    assert max(play(worker, 1, 1, 1)) < PAUSE


def test_what_is_wanted_while_it_is_done_is_done_once_more() -> None:
    worker = Worker()

    async def main(mainloop: EpollMainLoop) -> None:
        worker.pacer.want()
        while not worker.times:  # noqa: ASYNC110  # a turn or two
            await asyncio.sleep(0)
        for _ in range(10):
            worker.pacer.want()
        await worker.rests()

    run(main)
    assert len(worker.times) == 2
    assert worker.times[1] - worker.times[0] >= PAUSE


def test_work_that_failed_is_done_when_it_is_wanted_again() -> None:
    worker = Worker()
    failures = [OSError("no")]

    async def work() -> bool:
        if failures:
            raise failures.pop()
        return await worker._work()

    async def main(mainloop: EpollMainLoop) -> None:
        pacer = Pacer(worker._spawn, work, PAUSE)
        pacer.want()
        await asyncio.gather(*worker.tasks, return_exceptions=True)
        worker.tasks.clear()
        pacer.want()
        await worker.rests()

    run(main)
    assert len(worker.times) == 1
