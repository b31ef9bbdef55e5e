"""The terminal as lines in and lines out, neither of which ever blocks the loop.

Its line discipline is left as it is: the kernel edits what is typed and makes a signal of
Ctrl-C. What is written waits in a queue while the terminal is not read.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import select
import termios
from collections import deque
from collections.abc import Callable

from termxmpp.errors import UserError
from termxmpp.words import _, ngettext

__all__ = ["LineTerminal"]

CHUNK = 65536

# So much may wait for a terminal that is not read (bytes); what comes then is counted, and told
# when it reads again. It is not lost: the records have it.
MOST_WAITING = 4 * 1024 * 1024

# How long the last lines may wait for the terminal (seconds).
LAST_WORD_TIMEOUT = 0.5


class LineTerminal:
    """The terminal of the descriptors `stdin` and `stdout`.

    `on_line` gets each line that is typed, without its end, `on_end` is called at the end of
    input. The terminal is opened a second time for writing, since O_NONBLOCK belongs to an open
    file that the shell shares. Raises UserError where it can't be opened.
    """

    def __init__(
        self, stdin: int, stdout: int, on_line: Callable[[str], None], on_end: Callable[[], None]
    ) -> None:
        self._stdin = stdin
        self._on_line = on_line
        self._on_end = on_end
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._typed = ""
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._left_out = 0
        self._out = _opened(stdout)
        self._attributes: list[object] | None = None
        asyncio.get_running_loop().add_reader(stdin, self._read)

    @property
    def waiting(self) -> int:
        """How many bytes wait for the terminal."""
        return self._size

    def write(self, line: str) -> None:
        """Write `line`, now or as soon as the terminal takes it."""
        self._add(f"{line}\n".encode("utf-8", "replace"))

    def ring(self, signs: str) -> None:
        """Write `signs`, which are no line and that a terminal obeys; they are not counted."""
        if self._size < MOST_WAITING:
            self._add(signs.encode())

    def _add(self, data: bytes) -> None:
        if self._size + len(data) > MOST_WAITING:
            self._left_out += 1
            return
        is_first = not self._waiting
        self._waiting.append(data)
        self._size += len(data)
        if is_first:
            self._write()
            if self._waiting:
                asyncio.get_running_loop().add_writer(self._out, self._go_on)

    def hide(self, *, is_hidden: bool) -> None:
        """Whether what is typed is not to be seen."""
        if is_hidden == (self._attributes is not None):
            return
        with contextlib.suppress(termios.error):
            attributes = termios.tcgetattr(self._stdin)
            if is_hidden:
                self._attributes = list(attributes)
                attributes[3] &= ~termios.ECHO
            else:
                assert self._attributes is not None
                attributes[3] = self._attributes[3]
                self._attributes = None
            termios.tcsetattr(self._stdin, termios.TCSANOW, attributes)

    @property
    def size(self) -> os.terminal_size:
        """Its columns and lines."""
        try:
            return os.get_terminal_size(self._out)
        except OSError:
            return os.terminal_size((80, 24))

    @property
    def is_hiding(self) -> bool:
        """Whether what is typed is not to be seen."""
        return self._attributes is not None

    def forget_typed(self) -> None:
        """Drop the beginning of a line, as the terminal has done at Ctrl-C."""
        self._typed = ""

    def close(self) -> None:
        """Write what still waits, for a short time, and leave the terminal as it was."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._stdin)
        loop.remove_writer(self._out)
        self.hide(is_hidden=False)
        while self._waiting and select.select([], [self._out], [], LAST_WORD_TIMEOUT)[1]:
            self._write()
        os.close(self._out)

    def _read(self) -> None:
        try:
            data = os.read(self._stdin, CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""  # the terminal is gone
        if not data:
            asyncio.get_running_loop().remove_reader(self._stdin)
            self._on_end()
            return
        *lines, self._typed = (self._typed + self._decoder.decode(data)).split("\n")
        for line in lines:
            self._on_line(line.removesuffix("\r"))

    def _go_on(self) -> None:
        self._write()
        if self._waiting:
            return
        asyncio.get_running_loop().remove_writer(self._out)
        if self._left_out:
            count, self._left_out = self._left_out, 0
            self.write(
                ngettext(
                    "{count} line was left out: the terminal was not read.",
                    "{count} lines were left out: the terminal was not read.",
                    count,
                ).format(count=count)
            )

    def _write(self) -> None:
        while self._waiting:
            data = self._waiting[0]
            try:
                written = os.write(self._out, data)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                # The terminal is gone; SIGHUP tells the program.
                written = len(data)
            self._size -= written
            if written < len(data):
                self._waiting[0] = data[written:]
            else:
                self._waiting.popleft()


def _opened(stdout: int) -> int:
    problem: OSError | None = None
    for find_name in (os.ttyname, "/proc/self/fd/{}".format):
        try:
            return os.open(find_name(stdout), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        except OSError as error:
            problem = error
    raise UserError(_("The terminal can't be opened: {problem}.").format(problem=problem))
