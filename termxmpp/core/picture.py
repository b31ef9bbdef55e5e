"""Small pictures: as colours that a terminal can show two of in one cell, and as a file."""

from __future__ import annotations

from termxmpp.values import dataclass

__all__ = ["MOST_COLUMNS", "MOST_ROWS", "Picture", "Portrait"]

# How many cells a picture takes at most.
MOST_COLUMNS, MOST_ROWS = 40, 12


@dataclass(frozen=True, slots=True)
class Picture:
    """`width` pixels in each row, three bytes each (red, green, blue); an even number of rows."""

    width: int
    pixels: bytes

    @property
    def height(self) -> int:
        return len(self.pixels) // (3 * self.width)

    def colour(self, x: int, y: int) -> str:
        """The colour of one pixel, as `#rrggbb`."""
        start = 3 * (y * self.width + x)
        return f"#{self.pixels[start : start + 3].hex()}"


@dataclass(frozen=True, slots=True)
class Portrait:
    """A picture of somebody, as the file that others get: a PNG, `side` pixels wide and high."""

    data: bytes
    side: int
