"""Lines that end with a character without a column of its own."""

from __future__ import annotations

import pytest

from termxmpp.ui.cells import sealed


@pytest.mark.parametrize("text", ["", "plain", "é", "界", "⟧"])
def test_other_lines_stay_as_they_are(text: str) -> None:
    assert sealed([("class:x", text)]) == [("class:x", text)]


@pytest.mark.parametrize("text", ["e\u0301", "\u2602\ufe0f", "\u27e7\u0334\u0319", "नमस्ते"])
def test_they_get_a_cell_that_nothing_is_left_in(text: str) -> None:
    assert sealed([("", "a"), ("class:x", text)]) == [("", "a"), ("class:x", text), ("", " ")]


def test_an_empty_line_stays_empty() -> None:
    assert sealed([]) == []
