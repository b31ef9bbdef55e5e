"""Is somebody there? Whoever has touched no key for long is not.

One timer ends the waiting of one absence; it is put off by keys, but not by each of them. While
nobody is there none runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["Attendance"]

# Who has touched no key for so long is away from them (seconds).
ABSENT_AFTER = 300.0

# A timer is put off if so much of it has gone by: absences begin by so much too early (seconds).
TOLERANCE = 5.0


class Attendance:
    """Tells `on_change` for how many seconds nobody has been there; with 0 somebody is again."""

    def __init__(
        self, on_change: Callable[[float], None], absent_after: float = ABSENT_AFTER
    ) -> None:
        self._on_change = on_change
        self.absent_after = absent_after
        self._touched_at = 0.0
        self._set_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._is_absent = False

    def touched(self) -> None:
        """A key was touched; called with every one."""
        loop = asyncio.get_running_loop()
        self._touched_at = loop.time()
        if self._is_absent:
            self._is_absent = False
            self._on_change(0.0)
        if self._timer is None or self._touched_at - self._set_at > TOLERANCE:
            self.close()
            self._set_at = self._touched_at
            self._timer = loop.call_later(self.absent_after, self._nobody_came)

    def close(self) -> None:
        """Wait for nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _nobody_came(self) -> None:
        self._timer = None
        self._is_absent = True
        self._on_change(asyncio.get_running_loop().time() - self._touched_at)
