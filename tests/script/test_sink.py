"""Standard output, whatever it is: all of a line, in order, and never in the loop's way."""

from __future__ import annotations

import asyncio
import os
import pty
import socket
import tty
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.script.sink import Sink

LONG = "x" * 300_000


def written(fd: int, scenario: Callable[[Sink], Awaitable[None]]) -> None:
    async def work(mainloop: EpollMainLoop) -> None:
        sink = Sink(fd)
        try:
            await scenario(sink)
        finally:
            sink.close()

    run(work)


async def read_all(fd: int, count: int) -> bytes:
    """So many bytes of `fd`, while others do something."""
    os.set_blocking(fd, False)
    data = b""
    while len(data) < count:
        try:
            data += os.read(fd, 65536)
        except BlockingIOError:
            await asyncio.sleep(0.001)
    return data


@pytest.mark.parametrize("kind", ["pipe", "socket", "terminal"])
def test_what_is_not_read_is_waited_for_and_the_loop_goes_on(kind: str) -> None:
    if kind == "pipe":
        ours, theirs = os.pipe()
    elif kind == "socket":
        ours, theirs = (each.detach() for each in socket.socketpair())
    else:
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
    flags = os.get_blocking(theirs)

    async def scenario(sink: Sink) -> None:
        turns = 0
        writing = asyncio.ensure_future(sink.write(LONG))
        for _ in range(100):
            await asyncio.sleep(0)
            turns += 1
        assert not writing.done()
        assert not sink.is_at_line_start
        assert turns == 100
        assert await read_all(ours, len(LONG) + 1) == LONG.encode() + b"\n"
        await writing
        assert sink.is_at_line_start

    written(theirs, scenario)
    # Others share it: it is as it was.
    assert os.get_blocking(theirs) == flags
    os.close(ours)
    os.close(theirs)


def test_a_file_is_written_behind_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("before\n")
    with path.open("a") as file:

        async def scenario(sink: Sink) -> None:
            await sink.write("one")
            await sink.write(LONG)

        written(file.fileno(), scenario)
    assert path.read_text() == f"before\none\n{LONG}\n"


def test_a_file_is_written_from_where_one_is(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb", buffering=0) as file:
        file.write(b"before\n")

        async def scenario(sink: Sink) -> None:
            await sink.write("one")

        written(file.fileno(), scenario)
        file.write(b"after\n")
    assert (tmp_path / "out").read_text() == "before\none\nafter\n"


def test_a_full_device_is_told() -> None:
    fd = os.open("/dev/full", os.O_WRONLY)

    async def scenario(sink: Sink) -> None:
        with pytest.raises(OSError, match="No space left"):
            await sink.write("one")

    written(fd, scenario)
    os.close(fd)


def test_nothing_is_everything_to_nobody() -> None:
    fd = os.open(os.devnull, os.O_WRONLY)

    async def scenario(sink: Sink) -> None:
        await sink.write(LONG)
        assert not sink.broken.done()

    written(fd, scenario)
    os.close(fd)


def test_that_nobody_reads_a_pipe_any_more_is_seen_without_writing() -> None:
    ours, theirs = os.pipe()

    async def scenario(sink: Sink) -> None:
        os.close(ours)
        async with asyncio.timeout(5):
            await sink.broken
        with pytest.raises(BrokenPipeError):
            await sink.write("one")

    written(theirs, scenario)
    os.close(theirs)


def test_who_waits_for_a_reader_that_goes_is_told() -> None:
    ours, theirs = os.pipe()

    async def scenario(sink: Sink) -> None:
        writing = asyncio.ensure_future(sink.write(LONG))
        await asyncio.sleep(0)
        os.close(ours)
        with pytest.raises(BrokenPipeError):
            await writing

    written(theirs, scenario)
    os.close(theirs)
