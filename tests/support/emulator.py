"""A terminal's screen, as pyte keeps it, but for what pyte drops.

It ends a run of text at the first character that takes no column and combines with nothing by
its class, as joiners and many vowel signs are; terminals put these into the cell before.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pyte
from wcwidth import iter_graphemes, wcwidth

__all__ = ["Emulator", "Joining"]

_BEYOND_ASCII = re.compile("([^\x00-\u02ff])")


class Emulator(pyte.Screen):  # type: ignore[misc]  # pyte has no types
    """A screen of `columns` by `rows`."""

    def erase_in_display(self, how: int = 0, *args: Any, **more: Any) -> None:
        """Erase with the colours that are set, also where nothing was ever written."""
        super().erase_in_display(how, *args, **more)
        first = self.cursor.y + 1 if how == 0 else 0
        last = self.cursor.y if how == 1 else self.lines
        for row in range(first, last):
            for column in range(self.columns):
                self.buffer[row][column] = self.cursor.attrs

    @property
    def display(self) -> list[str]:
        """The rows as text; what is left of a wide character whose other half is gone is blank."""
        for row in range(self.lines):
            line: Any = self.buffer[row]
            before = ""
            for column in range(self.columns):
                data = line[column].data
                if not data and not (before and wcwidth(before[0]) == 2):
                    line[column] = line[column]._replace(data=" ")
                before = data
        shown: list[str] = super().display
        return shown

    def draw(self, data: str) -> None:
        """Write `data` where the cursor is."""
        for part in _BEYOND_ASCII.split(data):
            if len(part) == 1 and not unicodedata.combining(part) and wcwidth(part) == 0:
                self._join(part)
            elif part:
                super().draw(part)

    def _join(self, char: str) -> None:
        """Put `char` into the cell before the cursor."""
        line: Any = self.buffer[self.cursor.y]
        place = self.cursor.x - 1
        # Behind a wide character lies a cell with nothing in it.
        if place > 0 and not line[place].data:
            place -= 1
        if place >= 0:
            line[place] = line[place]._replace(data=line[place].data + char)


class Joining(Emulator):
    """A terminal that draws an emoji of several as one, two columns wide: as its first."""

    def draw(self, data: str) -> None:
        """Write `data` where the cursor is."""
        for cluster in iter_graphemes(data):
            is_wide = sum(max(0, wcwidth(char)) for char in cluster) > 2
            super().draw(cluster[0] if is_wide else cluster)
