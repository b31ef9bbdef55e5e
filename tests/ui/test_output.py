"""The way to the terminal: it never blocks, and what was left out is drawn anew."""

from __future__ import annotations

import asyncio
import os
import pty
import sys
from collections.abc import Iterator

import pytest

from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.ui.output import ScreenOutput


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """The two ends of a pty: what a terminal reads, and what the program writes to."""
    ours, theirs = pty.openpty()
    os.set_blocking(theirs, False)
    os.set_blocking(ours, False)
    yield ours, theirs
    os.close(ours)


def read_all(fd: int) -> bytes:
    found = b""
    while True:
        try:
            found += os.read(fd, 65536)
        except BlockingIOError:
            return found


def test_frames_that_nobody_reads_are_left_out_and_the_screen_is_drawn_anew(
    terminal: tuple[int, int],
) -> None:
    ours, theirs = terminal
    caught_up: list[bool] = []

    async def main(mainloop: EpollMainLoop) -> bytes:
        output = ScreenOutput(theirs, sys.stdout, lambda: caught_up.append(True))
        for number in range(50):
            output.write_raw(f"frame {number} " + "x" * 5000)
            output.flush()
        waits = mainloop.waits
        await asyncio.sleep(0.1)
        # The kernel may pass some bytes on; a spin would be thousands.
        assert mainloop.waits - waits <= 10
        assert caught_up == []
        shown = b""
        while not caught_up:
            shown += read_all(ours)
            await asyncio.sleep(0)
        output.write_raw("the end")
        output.flush()
        shown += read_all(ours)
        output.close()
        return shown

    shown = run(main)
    assert shown.count(b"frame") < 10
    assert shown.endswith(b"the end")


def test_a_terminal_that_is_gone_harms_nothing(terminal: tuple[int, int]) -> None:
    ours, theirs = terminal

    async def main(mainloop: EpollMainLoop) -> None:
        output = ScreenOutput(theirs, sys.stdout, lambda: None)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, ours)
        os.close(null)
        output.write_raw("hello")
        output.flush()
        assert output.get_size().columns > 0
        output.close()

    run(main)
