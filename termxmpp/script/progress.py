"""How far an upload has come, on a line of a terminal that is written over and gone at the end."""

from __future__ import annotations

import os
from typing import TextIO

from termxmpp.core import events
from termxmpp.core.files import size_words
from termxmpp.core.text import one_line, truncate, width
from termxmpp.core.transfer import Transfer

__all__ = ["Progress", "progress_line"]

BAR = 20

# Where nobody says how wide the terminal is.
COLUMNS = 80


class Progress:
    """Shows the transfers of a client on `err`, if that is a terminal; else says nothing."""

    def __init__(self, err: TextIO) -> None:
        self._err = err
        self._is_shown = False
        self._is_terminal = err.isatty()

    def observe(self, event: events.Event) -> None:
        if not self._is_terminal:
            return
        if isinstance(event, events.TransferMoved):
            self._write("\r" + progress_line(event.transfer, self._columns() - 1))
            self._is_shown = True
        elif isinstance(event, events.TransferEnded):
            self.clear()

    def clear(self) -> None:
        """Take the line away, before something else is written."""
        if self._is_shown:
            self._write("\r" + " " * (self._columns() - 1) + "\r")
            self._is_shown = False

    def _write(self, text: str) -> None:
        self._err.write(text)
        self._err.flush()

    def _columns(self) -> int:
        try:
            return os.get_terminal_size(self._err.fileno()).columns or COLUMNS
        except OSError:
            return COLUMNS


def progress_line(transfer: Transfer, columns: int) -> str:
    """`transfer` in exactly so many `columns`: its name, a bar, and how much of it is done."""
    done = transfer.percent or 0
    bar = "#" * (done * BAR // 100)
    far = f"  [{bar:-<{BAR}}] {done:3} %  {size_words(transfer.size or 0)}"
    name = truncate(one_line(transfer.name, 60), max(0, columns - width(far)))
    line = truncate(name + far, columns)
    return line + " " * (columns - width(line))
