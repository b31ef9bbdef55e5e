"""Standard error, which may be as slow as any other."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.script.complaints import LONGEST, MOST, Complaints


def test_each_is_a_line_whatever_is_in_it(tmp_path: Path) -> None:
    with (tmp_path / "err").open("ab") as file:

        async def work(mainloop: EpollMainLoop) -> None:
            complaints = Complaints(file.fileno())
            complaints("one\ntwo\x1b[31m")
            await asyncio.sleep(0)
            complaints("x" * 2 * LONGEST)
            await complaints.close()

        run(work)
    first, second = (tmp_path / "err").read_text().splitlines()
    assert first == "termxmpp: one␤two␛[31m"
    assert len(second) <= len("termxmpp: ") + LONGEST


def test_where_nobody_reads_the_newest_wait_and_the_loop_goes_on() -> None:
    ours, theirs = os.pipe()

    async def work(mainloop: EpollMainLoop) -> None:
        complaints = Complaints(theirs)
        for number in range(20_000):
            complaints(f"complaint {number}")
            await asyncio.sleep(0)
        await complaints.close()

    run(work)
    os.close(theirs)
    with os.fdopen(ours) as read:
        lines = read.read().splitlines()
    assert lines[0] == "termxmpp: complaint 0"
    assert MOST < len(lines) < 10_000


def test_where_nobody_can_read_any_more_nothing_happens() -> None:
    ours, theirs = os.pipe()
    os.close(ours)

    async def work(mainloop: EpollMainLoop) -> None:
        complaints = Complaints(theirs)
        complaints("one")
        await asyncio.sleep(0)
        complaints("two")
        await complaints.close()

    run(work)
    os.close(theirs)
