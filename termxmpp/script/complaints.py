"""What goes wrong while one listens, in lines on standard error that never hold up the loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque

from termxmpp.core.text import one_line
from termxmpp.script.sink import Sink

__all__ = ["LONGEST", "MOST", "Complaints"]

# A line takes no more than so many columns, and so many lines wait: the newest.
LONGEST, MOST = 500, 100

# How long the last ones may wait for who reads them (seconds).
LAST_WORDS = 0.5


class Complaints:
    """Lines to the descriptor `fd`, in the running loop; called with the text of each."""

    def __init__(self, fd: int) -> None:
        self._sink = Sink(fd)
        self._lines: deque[str] = deque(maxlen=MOST)
        self._has_some = asyncio.Event()
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._task = asyncio.get_running_loop().create_task(self._write())

    def __call__(self, text: str) -> None:
        self._lines.append(f"termxmpp: {one_line(text, LONGEST)}")
        self._is_idle.clear()
        self._has_some.set()

    async def close(self) -> None:
        """Write what still waits, for a short time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS):
                await self._is_idle.wait()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._sink.close()

    async def _write(self) -> None:
        while True:
            self._has_some.clear()
            while self._lines:
                # Where nobody can read, nobody is told.
                with contextlib.suppress(OSError):
                    await self._sink.write(self._lines.popleft())
            self._is_idle.set()
            await self._has_some.wait()
