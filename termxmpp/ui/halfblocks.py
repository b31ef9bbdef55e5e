"""Pictures in half blocks: two pixels in each cell, the upper in front and the lower behind."""

from __future__ import annotations

from termxmpp.core.picture import Picture
from termxmpp.ui.lines import Line

__all__ = ["PICTURE_DEPTH", "half_blocks"]

PICTURE_DEPTH = 8
"""With fewer than 256 colours nobody would know what a picture is (as binary digits of them)."""


def half_blocks(picture: Picture, room: int, half: str) -> list[Line]:
    """`picture`, two pixels in each cell, of which the sign `half` shows the upper one.

    Where there is less room, some of them are left out.
    """
    columns = min(room, picture.width)
    height = max(1, picture.height * columns // (2 * picture.width))
    rows: list[Line] = []
    for place in range(height):
        above, below = ((2 * place + lower) * picture.height // (2 * height) for lower in (0, 1))
        row: Line = []
        for column in range(columns):
            x = column * picture.width // columns
            style = f"fg:{picture.colour(x, above)} bg:{picture.colour(x, below)}"
            if row and row[-1][0] == style:
                row[-1] = (style, row[-1][1] + half)
            else:
                row.append((style, half))
        rows.append(row)
    return rows
