"""Standard input may be anything: a pipe, a file, /dev/null; it never spins or crashes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from termxmpp.errors import DataError, InputError
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.mainloop.stdin import read_all, read_lines


def reading(fd: int) -> tuple[str, int]:
    """All that `fd` holds, and how often the blocking call returned meanwhile."""

    async def main(mainloop: EpollMainLoop) -> tuple[str, int]:
        before = mainloop.waits
        return await read_all(fd), mainloop.waits - before

    return run(main)


def lines_of(fd: int) -> list[str]:
    async def main(mainloop: EpollMainLoop) -> list[str]:
        return [line async for line in read_lines(fd)]

    return run(main)


def piped(*pieces: bytes) -> int:
    """The reading end of a pipe that holds `pieces` and is closed."""
    reading_end, writing_end = os.pipe()
    for piece in pieces:
        os.write(writing_end, piece)
    os.close(writing_end)
    return reading_end


@pytest.mark.parametrize("open_it", [lambda path: piped(b"one\ntwo"), lambda path: path])
def test_a_pipe_and_a_file_are_read_to_their_end(
    tmp_path: Path, open_it: Callable[[Path], Any]
) -> None:
    path = tmp_path / "input"
    path.write_bytes(b"one\ntwo")
    opened = open_it(path)
    fd = opened if isinstance(opened, int) else os.open(opened, os.O_RDONLY)
    text, waits = reading(fd)
    os.close(fd)
    assert text == "one\ntwo"
    assert waits < 20


def test_the_null_device_is_empty() -> None:
    fd = os.open(os.devnull, os.O_RDONLY)
    assert reading(fd)[0] == ""
    os.close(fd)


def test_a_closed_descriptor_is_empty() -> None:
    fd = os.open(os.devnull, os.O_RDONLY)
    os.close(fd)
    # Numbers far above are not given to what the loop opens itself.
    assert reading(900 + fd)[0] == ""


def test_a_folder_is_told_to_be_unreadable(tmp_path: Path) -> None:
    fd = os.open(tmp_path, os.O_RDONLY)
    with pytest.raises(InputError, match="can't be read"):
        reading(fd)
    os.close(fd)


def test_a_sign_in_two_pieces_is_one_and_half_a_sign_is_an_error() -> None:
    snowman = "\N{SNOWMAN}".encode()
    fd = piped(snowman[:1], snowman[1:])
    assert reading(fd)[0] == "\N{SNOWMAN}"
    os.close(fd)
    fd = piped(snowman[:2])
    with pytest.raises(DataError, match="not UTF-8"):
        reading(fd)
    os.close(fd)


def test_lines_come_without_their_ends_and_the_last_needs_none() -> None:
    fd = piped(b"one\r\ntwo\n\nthree")
    assert lines_of(fd) == ["one", "two", "", "three"]
    os.close(fd)
