"""The line mode over an Actor: lines into a pty, and what is written to its other end."""

from __future__ import annotations

import asyncio
import os
import pty
import termios
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from termxmpp.plain.session import Plain
from tests.support.harness import Actor

__all__ = ["Lined"]

# A loaded machine may take its time; then something is wrong (seconds).
PATIENCE = 20.0


class Lined:
    """`actor`'s line mode; `output` is all that was written. Use it as a context.

    The terminal is the one that `environment` tells of, or a dumb one.
    """

    def __init__(self, actor: Actor, environment: Mapping[str, str] = {"TERM": "dumb"}) -> None:
        self.output = ""
        self._actor = actor
        self._news = asyncio.Event()
        self._fd, self._terminal = pty.openpty()
        os.set_blocking(self._fd, False)
        actor.loop.add_reader(self._fd, self._read)

        def begin() -> None:
            self.plain = Plain(actor.workspace, self._terminal, self._terminal, environment)

        actor.run_now(begin)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._actor.run_now(self.plain.close)
        self._actor.loop.remove_reader(self._fd)
        os.close(self._fd)
        os.close(self._terminal)

    @property
    def lines(self) -> list[str]:
        """What was written, and what was typed, as the terminal echoes it."""
        return self.output.splitlines()

    @property
    def is_echoing(self) -> bool:
        """Whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self._terminal)[3] & termios.ECHO)

    def types(self, line: str) -> None:
        """Type `line` and Enter."""
        self._actor.run_now(os.write, self._fd, f"{line}\n".encode())

    def shows(self, text: str) -> None:
        """Return when `text` has been written; AssertionError with what was, if never."""
        self._actor.run(lambda: self._until(lambda: text in self.output, text))

    def forgets(self) -> None:
        """Begin anew with what was written."""
        self._actor.run(lambda: asyncio.sleep(0))
        self.output = ""

    async def _until(self, is_so: Callable[[], bool], wanted: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not is_so():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"waited for {wanted!r}; there is\n{self.output}") from None

    def _read(self) -> None:
        self.output += os.read(self._fd, 65536).decode()
        self._news.set()
