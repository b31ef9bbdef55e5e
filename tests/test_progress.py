"""The bar that shows how far an upload has come."""

from __future__ import annotations

import pytest

from termxmpp.core.text import width
from termxmpp.core.transfer import Transfer
from termxmpp.script.progress import progress_line


@pytest.mark.parametrize(
    ("name", "done", "size", "columns", "line"),
    [
        ("a.jpg", 0, 2000, 50, "a.jpg  [--------------------]   0 %  2.0 kB"),
        ("a.jpg", 1010, 2000, 50, "a.jpg  [##########----------]  50 %  2.0 kB"),
        ("a.jpg", 2000, 2000, 50, "a.jpg  [####################] 100 %  2.0 kB"),
        ("empty", 0, 0, 50, "empty  [--------------------]   0 %  0 B"),
        ("x\x1b[2J\n", 1, 2, 50, "x␛[2J␤  [##########----------]  50 %  2 B"),
        ("照片" * 20, 1, 2, 50, "照片照片照片照…  [##########----------]  50 %  2 B"),
    ],
)
def test_an_upload_is_told_in_a_line(
    name: str, done: int, size: int, columns: int, line: str
) -> None:
    assert progress_line(Transfer(1, None, name, True, done, size), columns).rstrip() == line


@pytest.mark.parametrize("columns", [0, 1, 10, 30, 49, 200])
def test_it_is_as_wide_as_the_terminal(columns: int) -> None:
    line = progress_line(Transfer(1, None, "très long.jpg", True, 1, 3), columns)
    assert width(line) == columns
