"""Child processes on Python 3.11, whose asyncio would wait for each in a thread of its own.

From 3.12 on asyncio does this itself.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVarTuple

__all__ = ["need_no_thread"]

Args = TypeVarTuple("Args")


def need_no_thread() -> None:
    """Let asyncio be told of a child's end by a descriptor, in whichever loop it was started."""
    if sys.version_info < (3, 12):
        asyncio.set_child_watcher(_Children())


if sys.version_info < (3, 12):
    # What asyncio tells where nobody can know any more.
    UNKNOWN = 255

    def _exit_code(pid: int) -> int:
        """How the child `pid` has ended; killing one that had ended already takes the answer."""
        try:
            _, status = os.waitpid(pid, 0)
        except ChildProcessError:
            return UNKNOWN
        return os.waitstatus_to_exitcode(status)

    class _Children(asyncio.AbstractChildWatcher):
        """Waits for children by their pidfds (Linux 5.3)."""

        def add_child_handler(
            self, pid: int, callback: Callable[[int, int, *Args], object], *args: *Args
        ) -> None:
            loop = asyncio.get_running_loop()
            pidfd = os.pidfd_open(pid)

            def ended() -> None:
                loop.remove_reader(pidfd)
                os.close(pidfd)
                callback(pid, _exit_code(pid), *args)

            loop.add_reader(pidfd, ended)

        def remove_child_handler(self, pid: int) -> bool:
            return False

        def attach_loop(self, loop: asyncio.AbstractEventLoop | None) -> None:
            """Each child belongs to the loop that started it."""

        def close(self) -> None:
            """There is nothing to close."""

        def is_active(self) -> bool:
            return True

        def __enter__(self) -> Self:
            return self

        def __exit__(
            self,
            kind: type[BaseException] | None,
            error: BaseException | None,
            traceback: TracebackType | None,
        ) -> None:
            """There is nothing to undo."""
