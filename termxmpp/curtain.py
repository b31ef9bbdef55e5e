"""The first frame, before what draws the others has even been loaded.

It is made of nothing that has to be imported, so it is there a few milliseconds behind the
interpreter. It says what is true at that moment: whose accounts these are, and that they are
offline. What is typed meanwhile waits in the terminal, unseen, for who comes after.
"""

from __future__ import annotations

import os
import sys
import termios
from collections.abc import Sequence

__all__ = ["Curtain"]

UP, DOWN = "\x1b[?1049h\x1b[2J", "\x1b[?1049l"
REVERSE, PLAIN = "\x1b[7m", "\x1b[m"

# As the screen has it: under so many columns there is no sidebar, whose border stands there, and
# from so many on elsewhere.
NARROW, BORDER, WIDE, WIDE_BORDER = 70, 25, 120, 35


class Curtain:
    """Hangs in front of the terminal from `draw` to `lift`, at latest to the end of the context."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses
        self._attributes: list[object] | None = None

    def __enter__(self) -> Curtain:
        return self

    def __exit__(self, *error: object) -> None:
        self.lift()

    def draw(self) -> None:
        """Draw it, if it can be; whoever asks the user something must lift it before."""
        try:
            columns, rows = os.get_terminal_size(sys.stdout.fileno())
            self._attributes = termios.tcgetattr(sys.stdin.fileno())
            self._echo(is_on=False)
        except (OSError, termios.error):
            return
        if columns and rows:
            self._write(_frame(self._addresses, columns, rows))

    def lift(self) -> None:
        """Give the terminal back as it was."""
        if self._attributes is not None:
            self._write(self.lifted())

    def lifted(self) -> str:
        """Give the terminal back as it was, but for what the caller is to write to it at once.

        So nobody sees the screen behind the curtain between that and the next frame.
        """
        if self._attributes is None:
            return ""
        self._echo(is_on=True)
        self._attributes = None
        return DOWN

    def _echo(self, *, is_on: bool) -> None:
        # Behind the terminal's own edit line nothing of what was typed is lost.
        attributes = termios.tcgetattr(sys.stdin.fileno())
        if is_on:
            assert self._attributes is not None
            attributes[3] = self._attributes[3]
        else:
            attributes[3] &= ~termios.ECHO
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, attributes)

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def _frame(addresses: Sequence[str], columns: int, rows: int) -> str:
    status = f" {' │ '.join(f'{address}: offline' for address in addresses)} "
    parts = [UP]
    if columns >= NARROW:
        border = WIDE_BORDER if columns >= WIDE else BORDER
        parts += [f"\x1b[{row};{border}H│" for row in range(1, max(1, rows - 1))]
    parts.append(f"\x1b[{max(1, rows - 1)};1H{REVERSE}{status[:columns]:{columns}}{PLAIN}")
    parts.append(f"\x1b[{rows};1H> ")
    return "".join(parts)
