"""A program in a real pty, and the screen that a terminal would show of it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import pyte

from tests.support.emulator import Emulator

__all__ = ["Terminal", "environment"]

# A loaded machine may take its time; then something is wrong (seconds).
PATIENCE = 20.0

# What is waited for need not show on the terminal; so often it is looked for then (seconds).
GLANCE = 0.05


class Terminal:
    """`command` in a pty of `columns` by `rows`; use it as a context, at whose end it is gone."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        columns: int = 80,
        rows: int = 24,
    ) -> None:
        self._emulator: Any = Emulator(columns, rows)
        self._stream: Any = pyte.ByteStream(self._emulator)
        self.output = b""
        self._is_over = False
        self.status: int | None = None
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], list(command), dict(environment))
        self.resize(columns, rows)
        self.attributes = termios.tcgetattr(self._fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._fd)

    @property
    def fd(self) -> int:
        """Our end of the pty, for who reads and writes bytes himself."""
        return self._fd

    @property
    def lines(self) -> list[str]:
        """What the screen shows, without the spaces at the lines' ends."""
        return [line.rstrip() for line in self._emulator.display]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def is_restored(self) -> bool:
        """Whether the terminal is as the program found it."""
        return termios.tcgetattr(self._fd) == self.attributes

    def type(self, keys: str) -> None:
        """Press `keys`, as bytes that a terminal sends."""
        os.write(self._fd, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._emulator.resize(rows, columns)

    def wait_for(self, text: str, patience: float = PATIENCE) -> None:
        """Return as soon as the screen shows `text`; AssertionError with the screen if never."""
        self.wait_until(lambda: text in self.text, f"{text!r} to appear", patience)

    def wait_until(self, is_so: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
        """Read the program's output until `is_so()`."""
        end = time.monotonic() + patience
        while not is_so():
            left = end - time.monotonic()
            if left <= 0 or self._is_over:
                raise AssertionError(f"waited for {what}; the screen shows:\n{self.text}")
            self._read(min(left, GLANCE))

    def show(self, data: bytes) -> None:
        """Have on the screen what somebody read from `fd` himself."""
        self.output += data
        self._stream.feed(data)

    def hang_up(self) -> None:
        """Close the terminal under the program."""
        os.close(self._fd)
        self._fd = os.open(os.devnull, os.O_RDWR)

    def wait_for_exit(self) -> int:
        """The program's exit status, negative for a signal."""
        while self._read(PATIENCE):
            pass
        _, status = os.waitpid(self.pid, 0)
        self.status = os.waitstatus_to_exitcode(status)
        return self.status

    def read_for(self, seconds: float) -> None:
        """Show what comes within `seconds`."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._read(left)

    def wake_ups(self) -> int:
        """How often the program has given up the processor to wait, over all its threads."""
        return sum(
            int(line.split()[1])
            for task in Path(f"/proc/{self.pid}/task").iterdir()
            for line in (task / "status").read_text().splitlines()
            if line.startswith("voluntary_ctxt_switches")
        )

    def threads(self) -> int:
        return len(list(Path(f"/proc/{self.pid}/task").iterdir()))

    def _read(self, timeout: float) -> bool:
        """Take what the program has written, if it comes in time; False at its end."""
        if not select.select([self._fd], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self._fd, 65536)
        except OSError:
            data = b""
        self._is_over = not data
        self.show(data)
        return bool(data)


def environment(folder: Path, password: str = "wonder") -> dict[str, str]:
    """An environment for the program whose home is `folder`; with a password for its account."""
    return {
        **os.environ,
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": str(folder),
        "TERM": "xterm-256color",
        "TERMXMPP_PASSWORD": password,
    }
