"""The whole screen over an Actor: keys into a pty, and what a terminal shows of the other end."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import select
import struct
import termios
from collections.abc import Callable, Mapping
from typing import Any

import pyte

from termxmpp.ui.application import Screen
from termxmpp.ui.prompt import Prompt
from tests.support.emulator import Emulator
from tests.support.harness import Actor

__all__ = ["Drawn"]

# A loaded machine may take its time; then something is wrong (seconds).
PATIENCE = 20.0


class Drawn:
    """`actor`'s screen, of `columns` by `rows`; `written` is all that the terminal was sent.

    The terminal is the one that `environment` tells of, and draws as `emulator` does.
    """

    def __init__(
        self,
        actor: Actor,
        columns: int,
        rows: int,
        environment: Mapping[str, str] = {"TERM": "xterm-256color"},  # not changed
        emulator: type[Emulator] = Emulator,
    ) -> None:
        self._environment = environment
        self._actor = actor
        self._emulator: Any = emulator(columns, rows)
        self._stream: Any = pyte.ByteStream(self._emulator)
        self.written = b""
        self._news = asyncio.Event()
        self._fd, slave = pty.openpty()
        os.set_blocking(self._fd, False)
        self._set_size(columns, rows)
        self._terminal = os.fdopen(slave, "rb+", buffering=0)
        self._stdin = os.fdopen(slave, closefd=False)
        self._stdout = os.fdopen(slave, "w", closefd=False)
        actor.loop.add_reader(self._fd, self._read)
        actor.run(self._start)

    @property
    def text(self) -> str:
        """What the terminal shows, without the spaces at the lines' ends."""
        return "\n".join(line.rstrip() for line in self._emulator.display) + "\n"

    def cell(self, column: int, row: int) -> Any:
        """The cell there, as pyte has it: `data`, `fg`, `bg`, `bold` and so on."""
        return self._emulator.buffer[row][column]

    @property
    def cursor(self) -> tuple[int, int]:
        """The column and the row of the terminal's cursor."""
        return self._emulator.cursor.x, self._emulator.cursor.y

    @property
    def prompt(self) -> Prompt:
        """The input, whose text may hold what no terminal shows."""
        return self._screen.prompt

    @property
    def escape_time(self) -> float:
        """How long the program waits whether an escape is the beginning of a sequence (seconds)."""
        return self._screen.app.ttimeoutlen or 0.0

    def types(self, keys: str) -> None:
        """Press `keys`, as bytes that a terminal sends."""
        self._actor.run(lambda: self._write(keys.encode()))

    def inserts(self, text: str, look: Callable[[], object]) -> None:
        """Have `text` in the input, and `look` at what the terminal shows before a frame does."""

        async def insert() -> None:
            self.prompt.buffer.insert_text(text)
            select.select([self._fd], [], [], PATIENCE)
            self._read()
            look()

        self._actor.run(insert)

    def clicks(self, column: int, row: int) -> None:
        """Press and let go the mouse's button there; both are counted from 0."""
        self.types(f"\x1b[<0;{column + 1};{row + 1}M\x1b[<0;{column + 1};{row + 1}m")

    def turns_wheel(self, column: int, row: int, by: int) -> None:
        """Turn the wheel there: up, if `by` is less than zero."""
        button = 64 if by < 0 else 65
        self.types(f"\x1b[<{button};{column + 1};{row + 1}M" * abs(by))

    def row_of(self, text: str) -> int:
        """The first line of the screen that holds `text`, from 0."""
        return next(row for row, line in enumerate(self.text.splitlines()) if text in line)

    def resizes(self, columns: int, rows: int) -> None:
        """Let the terminal be another size; the program is told as by SIGWINCH."""
        self._set_size(columns, rows)
        self._emulator.resize(rows, columns)
        self._actor.run_now(self._screen.app._on_resize)

    def shows(self, text: str) -> None:
        """Return when the terminal shows `text`; AssertionError with what it shows if never."""
        self._actor.run(lambda: self._until(text, True))

    def hides(self, text: str) -> None:
        """Return when the terminal does not show `text`, or no longer."""
        self._actor.run(lambda: self._until(text, False))

    @property
    def is_running(self) -> bool:
        """Whether the program has not been left."""
        return not self._task.done()

    def redraws(self, *, is_anew: bool = False) -> str:
        """Let all keys be done, and one frame be drawn, perhaps of everything; what is shown."""
        # No key has that, so an escape or a prefix before it waits for no other.
        self.types("\x1b[24~")
        return self.settles(is_anew=is_anew)

    def settles(self, *, is_anew: bool = False) -> str:
        """As `redraws`, with no key that would answer a question."""
        self._actor.run(self._take_keys)
        if not self.is_running:
            return self.text
        if is_anew:
            self._actor.run_now(self._screen.repaint)
        self._actor.run(self._frame)
        return self.text

    def completes(self, text: str) -> None:
        """Return when the input holds exactly `text`, also what no terminal shows at its end."""
        self._actor.run(lambda: self._until_so(lambda: self.prompt.buffer.text == text, text))

    def close(self) -> None:
        if self._terminal.closed:
            return
        self._actor.run(self._end)
        self._actor.loop.remove_reader(self._fd)
        for each in (self._stdin, self._stdout, self._terminal):
            each.close()
        os.close(self._fd)

    async def _start(self) -> None:
        self._screen = Screen(
            self._actor.workspace,
            stdin=self._stdin,
            stdout=self._stdout,
            environment=self._environment,
        )
        self._task = asyncio.ensure_future(self._screen.run())

    async def _end(self) -> None:
        self._screen.quit()
        await self._task

    async def _frame(self) -> None:
        app = self._screen.app
        drawn = asyncio.Event()

        def note(app: object) -> None:
            drawn.set()

        app.after_render += note
        app.invalidate()
        async with asyncio.timeout(PATIENCE):
            await drawn.wait()
            app.after_render -= note
            while self._is_under_way():  # noqa: ASYNC110  # bytes on their way through the kernel
                await asyncio.sleep(0)

    async def _take_keys(self) -> None:
        async with asyncio.timeout(PATIENCE):
            keys = self._screen.app.key_processor.input_queue
            while keys or _readable(self._stdin.fileno()):  # noqa: ASYNC110  # not in our hands
                await asyncio.sleep(0)

    def _is_under_way(self) -> bool:
        """Whether something of a frame has not been read."""
        return self._screen.output.is_waiting or _readable(self._fd)

    async def _until(self, text: str, is_shown: bool) -> None:
        wanted = f"{text!r}" if is_shown else f"the end of {text!r}"
        await self._until_so(lambda: (text in self.text) == is_shown, wanted)

    async def _until_so(self, is_so: Callable[[], bool], wanted: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not is_so():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"waited for {wanted}; there is\n{self.text}") from None

    async def _write(self, keys: bytes) -> None:
        # A terminal holds some thousand bytes; then the program has to read.
        while keys:
            with contextlib.suppress(BlockingIOError):
                keys = keys[os.write(self._fd, keys) :]
            if keys:
                await asyncio.sleep(0)

    def _read(self) -> None:
        output = os.read(self._fd, 65536)
        self.written += output
        self._stream.feed(output)
        self._news.set()

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def _readable(fd: int) -> bool:
    return bool(select.select([fd], [], [], 0)[0])
