"""Lines to a terminal that nobody reads wait, up to a bound; what is beyond is counted."""

from __future__ import annotations

import asyncio
import os
import pty
import tty
from collections.abc import Iterator

import pytest

from termxmpp.plain.terminal import MOST_WAITING, LineTerminal

LINE = "x" * 1023

# Too little for a line, enough for the last one.
ROOM = 100


@pytest.fixture
def pair() -> Iterator[tuple[int, int]]:
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize("beyond", [0, 1, 7])
def test_what_waits_is_told_in_order_and_what_is_beyond_is_counted(
    pair: tuple[int, int], beyond: int
) -> None:
    ours, theirs = pair

    async def flood() -> list[str]:
        loop = asyncio.get_running_loop()
        room = 0 if beyond else ROOM
        terminal = LineTerminal(theirs, theirs, lambda line: None, lambda: None)
        while terminal.waiting + len(LINE) + 1 <= MOST_WAITING - room:
            terminal.write(LINE)
        for _ in range(beyond):
            terminal.write(LINE)
        if not beyond:
            terminal.write("the end")
        last = "was not read.\n" if beyond else "the end\n"
        output, is_told = bytearray(), loop.create_future()

        def read() -> None:
            output.extend(os.read(ours, 65536))
            if output.endswith(last.encode()):
                is_told.set_result(None)

        loop.add_reader(ours, read)
        await asyncio.wait_for(is_told, 8)
        loop.remove_reader(ours)
        terminal.close()
        return output.decode().splitlines()

    *lines, last = asyncio.run(flood())
    assert set(lines) == {LINE}
    assert len(lines) * (len(LINE) + 1) >= MOST_WAITING - ROOM - len(LINE) - 1
    assert last.startswith(f"{beyond} line") if beyond else last == "the end"
