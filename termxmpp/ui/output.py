"""The way to the terminal: frames in one buffer, written without ever blocking.

A terminal that is not read gets no more frames; when it reads again it gets the whole screen
anew. The terminal is opened a second time, since O_NONBLOCK belongs to an open file that the
shell shares.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
from collections.abc import Callable, Iterator
from typing import TextIO

from prompt_toolkit.data_structures import Size
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.styles import Attrs
from prompt_toolkit.utils import get_cwidth

from termxmpp.core.text import continues, is_joinable
from termxmpp.errors import UserError
from termxmpp.ui.hyperlinks import LinkedAttrs
from termxmpp.words import _

__all__ = ["ScreenOutput", "open_output"]

# How long the very last frame, which restores the terminal, may wait for it (seconds).
LAST_WORD_TIMEOUT = 0.5


def open_output(stdout: TextIO, on_caught_up: Callable[[], None]) -> ScreenOutput:
    """An output to the terminal that `stdout` is.

    `on_caught_up` is called when the terminal has been read again after frames were left out:
    what it shows is out of date. Raises UserError where the terminal can't be opened.
    """
    problem: OSError | None = None
    for find_name in (os.ttyname, _controlling, "/proc/self/fd/{}".format):
        try:
            name = find_name(stdout.fileno())
            fd = os.open(name, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        except OSError as error:
            problem = error
        else:
            return ScreenOutput(fd, stdout, on_caught_up)
    raise UserError(_("The terminal can't be opened: {problem}.").format(problem=problem))


def _controlling(fd: int) -> str:
    """The name by which everybody may open the controlling terminal, if it is the one of `fd`.

    After `su` the terminal belongs to somebody else, in a container its name is another's; this
    one opens then too. OSError if `fd` is another terminal.
    """
    os.tcgetpgrp(fd)
    return "/dev/tty"


class ScreenOutput(Vt100_Output):
    """prompt_toolkit's output on the non-blocking descriptor `fd`, which it closes."""

    def __init__(self, fd: int, stdout: TextIO, on_caught_up: Callable[[], None]) -> None:
        self._fd = fd
        self._on_caught_up = on_caught_up
        self._pending = b""
        self._has_missed = False
        self._base: tuple[Attrs, ColorDepth] | None = None
        self._is_full_screen = False
        self._link = -1
        self._is_lent = False
        # Where the cursor has to be if all is as wide as we count, and what it stands behind.
        self._column = 0
        self._behind = ""
        super().__init__(stdout, self._size, term=os.environ.get("TERM"))

    @property
    def is_waiting(self) -> bool:
        """Whether the terminal has yet to take something of what was written."""
        return bool(self._pending)

    def set_base(self, attrs: Attrs | None, depth: ColorDepth) -> None:
        """Erase with `attrs` on the full screen from now on, with None as the terminal does.

        So the background is there without a cell being drawn for it.
        """
        self._base = (attrs, depth) if attrs is not None else None

    def enter_alternate_screen(self) -> None:
        super().enter_alternate_screen()
        self._is_full_screen = True
        self._stands_at(0)

    def write(self, data: str) -> None:
        """Write `data`; what stands behind an emoji of several is put where it has to be.

        Terminals join these into one, or do not: what is drawn right of them would stand
        elsewhere than what is left there of the frame before.
        """
        if data[:1] == "\r":
            self._stands_at(0)
        else:
            if self._behind and not continues(self._behind, data):
                self._align()
            self._column += get_cwidth(data)
            if not data.isascii() and (self._behind or is_joinable(data)):
                self._behind += data
        super().write(data)

    def cursor_forward(self, amount: int) -> None:
        self._move(amount)

    def cursor_backward(self, amount: int) -> None:
        self._move(-amount)

    def cursor_goto(self, row: int = 0, column: int = 0) -> None:
        self._stands_at(max(0, column - 1))
        super().cursor_goto(row, column)

    def _move(self, amount: int) -> None:
        """Move by `amount` columns: to where that is, not as far as that is from here."""
        if not self._is_full_screen:
            move = super().cursor_forward if amount > 0 else super().cursor_backward
            move(abs(amount))
        elif amount:
            self._stands_at(max(0, self._column + amount))
            self._align()

    def _stands_at(self, column: int) -> None:
        self._column, self._behind = column, ""

    def _align(self) -> None:
        self._behind = ""
        if self._is_full_screen:
            self.write_raw(f"\x1b[{self._column + 1}G")

    def quit_alternate_screen(self) -> None:
        self._is_full_screen = False
        self.reset_attributes()
        super().quit_alternate_screen()

    def set_attributes(self, attrs: Attrs, color_depth: ColorDepth) -> None:
        """Write with `attrs` from now on; those of a link begin it (OSC 8), others end it."""
        super().set_attributes(Attrs(*attrs), color_depth)
        if isinstance(attrs, LinkedAttrs) and attrs.address:
            if attrs.number != self._link:
                self._link = attrs.number
                # By the id its parts in other lines are known to belong to it.
                self.write_raw(f"\x1b]8;id={attrs.number};{attrs.address}\x1b\\")
        else:
            self._end_link()

    def reset_attributes(self) -> None:
        self._end_link()
        if self._base is not None and self._is_full_screen:
            super().set_attributes(*self._base)
        else:
            super().reset_attributes()

    def _end_link(self) -> None:
        if self._link >= 0:
            self._link = -1
            self.write_raw("\x1b]8;;\x1b\\")

    def flush(self) -> None:
        """Write the frame that has been drawn, or leave it out while an older one waits."""
        if self._is_lent:
            self._buffer.clear()
        if not self._buffer:
            return
        frame = "".join(self._buffer).encode("utf-8", "replace")
        self._buffer.clear()
        if self._pending:
            self._has_missed = True
            return
        self._pending = frame
        self._write()
        if self._pending:
            asyncio.get_running_loop().add_writer(self._fd, self._go_on)

    def close(self) -> None:
        """Write what still waits, for a short time, and close the descriptor."""
        self.forget_loop()
        while self._pending and select.select([], [self._fd], [], LAST_WORD_TIMEOUT)[1]:
            self._write()
        os.close(self._fd)

    @contextlib.contextmanager
    def lent(self) -> Iterator[None]:
        """Another program has the terminal: nothing of ours reaches it."""
        self.flush()
        while self._pending and select.select([], [self._fd], [], LAST_WORD_TIMEOUT)[1]:
            self._write()
        self._is_lent = True
        try:
            yield
        finally:
            self._is_lent = False

    def forget_loop(self) -> None:
        """Stop waiting in the loop, which is about to end."""
        with contextlib.suppress(RuntimeError):
            asyncio.get_running_loop().remove_writer(self._fd)

    def _go_on(self) -> None:
        self._write()
        if self._pending:
            return
        asyncio.get_running_loop().remove_writer(self._fd)
        if self._has_missed:
            self._has_missed = False
            self._on_caught_up()

    def _write(self) -> None:
        try:
            written = os.write(self._fd, self._pending)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            # The terminal is gone; SIGHUP tells the program.
            written = len(self._pending)
        self._pending = self._pending[written:]

    def _size(self) -> Size:
        try:
            size = os.get_terminal_size(self._fd)
        except OSError:
            return Size(rows=24, columns=80)
        return Size(rows=size.lines or 24, columns=size.columns or 80)
