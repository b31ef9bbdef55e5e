"""Work that many may want at once, done once, and not too often.

No timer runs while nothing is wanted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

__all__ = ["PAUSE", "Pacer"]

# What the eye does in a second is one thing to tell others (seconds).
PAUSE = 1.0


class Pacer:
    """Does `work` when it is wanted: at once, but not within `pause` seconds of the last time.

    `work` tells whether there was something to do; else it was no such time. `spawn` runs it
    beside.
    """

    def __init__(
        self,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        work: Callable[[], Coroutine[Any, Any, bool]],
        pause: float = PAUSE,
    ) -> None:
        self._spawn = spawn
        self._work = work
        self._pause = pause
        self._next = 0.0
        self._is_wanted = False
        self._is_running = False

    def want(self) -> None:
        """Let the work be done, with all that is known by then."""
        self._is_wanted = True
        if not self._is_running:
            self._is_running = True
            self._spawn(self._run())

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._is_wanted:
                await asyncio.sleep(self._next - loop.time())
                self._is_wanted = False
                began_at = loop.time()
                if await self._work():
                    self._next = began_at + self._pause
        finally:
            self._is_running = False
