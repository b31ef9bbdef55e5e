"""Tables in a notice: rows of words whose columns stand one below another, whoever wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from termxmpp.core.text import one_line, width

__all__ = ["aligned"]

# What stands before others takes at most so many columns, and no cell more than these: a wider
# one would push all the others off the screen.
WIDEST, LONGEST = 40, 500

GAP = "  "


def aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of `rows`, each cell made harmless and in one line.

    The last cell of a row is as long as it is; rows may be of several lengths.
    """
    cells = [
        [one_line(cell, LONGEST if is_last else WIDEST) for cell, is_last in _ends(row)]
        for row in rows
    ]
    columns = [0] * max((len(row) for row in cells), default=0)
    for row in cells:
        for place, cell in enumerate(row[:-1]):
            columns[place] = max(columns[place], width(cell))
    return [_line(row, columns) for row in cells]


def _ends(row: Sequence[str]) -> Iterable[tuple[str, bool]]:
    """The cells of `row`, each with whether it is the last one."""
    return ((cell, place == len(row)) for place, cell in enumerate(row, 1))


def _line(row: Sequence[str], columns: Sequence[int]) -> str:
    before = (
        cell + " " * (columns[place] - width(cell)) + GAP for place, cell in enumerate(row[:-1])
    )
    return ("".join(before) + (row[-1] if row else "")).rstrip()
