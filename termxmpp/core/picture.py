"""A picture so small that a terminal can show it: two pixels in each cell, one above the other."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Picture"]


@dataclass(frozen=True, slots=True)
class Picture:
    """`pixels` are RGB, three bytes each, in rows of `columns` from the top; of rows there are
    an even number.
    """

    columns: int
    pixels: bytes

    def __post_init__(self) -> None:
        if self.columns < 1 or not self.pixels or len(self.pixels) % (6 * self.columns):
            raise ValueError("that is no picture of half cells")

    @property
    def rows(self) -> int:
        """How many rows of cells it takes."""
        return len(self.pixels) // (6 * self.columns)

    def cell(self, column: int, row: int) -> tuple[str, str]:
        """The colours (`#rrggbb`) of the upper and the lower half of a cell."""
        return self._pixel(column, 2 * row), self._pixel(column, 2 * row + 1)

    def _pixel(self, column: int, row: int) -> str:
        start = 3 * (row * self.columns + column)
        return f"#{self.pixels[start : start + 3].hex()}"
