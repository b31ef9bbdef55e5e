"""Child processes: what one prints; and on Python 3.11 no thread for each of them.

From 3.12 on asyncio does the latter itself.
"""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self, TypeVarTuple

__all__ = ["need_no_thread", "output_of"]

Args = TypeVarTuple("Args")


async def output_of(
    arguments: Sequence[str], *, given: bytes = b"", timeout: float
) -> bytes | None:
    """What a program prints that gets `given` as its standard input.

    None if it fails, or takes longer than `timeout` seconds: then it is ended.
    """
    child = await asyncio.create_subprocess_exec(
        *arguments,
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        # Away from the terminal, which is ours.
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(timeout):
            told, _errors = await child.communicate(given)
    except TimeoutError:
        return None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return told if child.returncode == 0 else None


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
