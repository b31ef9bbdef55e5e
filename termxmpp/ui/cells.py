"""What prompt_toolkit has to be told of the cells of a line."""

from __future__ import annotations

from wcwidth import wcwidth

from termxmpp.ui.entries import Line

__all__ = ["sealed"]


def sealed(line: Line) -> Line:
    """`line`, with a space behind it if it ends with a character that takes no column.

    prompt_toolkit puts such a one into the cell of its letter, and once more into the next one,
    where only a letter that follows takes its place. There it is written again, the cursor is
    thought to be a column further than it is, and what stood there before stays.
    """
    text = line[-1][1] if line else ""
    return [*line, ("", " ")] if text and wcwidth(text[-1]) == 0 else line
