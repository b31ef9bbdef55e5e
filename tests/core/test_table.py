"""Tables: straight columns, whatever stands in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core.table import aligned
from termxmpp.core.text import visible, width


def test_columns_stand_below_one_another() -> None:
    assert aligned([("a", "b", "c"), ("long", "漢", "the last one"), ("x",), ("", "y")]) == [
        "a     b   c",
        "long  漢  the last one",
        "x",
        "      y",
    ]


@pytest.mark.parametrize("rows", [[], [()], [("",)]])
def test_nothing_is_a_table_too(rows: list[tuple[str, ...]]) -> None:
    assert [line for line in aligned(rows) if line] == []


def test_what_is_too_wide_is_cut_where_others_stand_behind_it() -> None:
    [first, second] = aligned([("x" * 100, "end"), ("y", "z" * 100)])
    assert width(first) == 40 + 2 + len("end")
    assert second.endswith("z" * 100)


@given(st.lists(st.lists(st.text(), min_size=1, max_size=4), max_size=5))
def test_nobody_writes_outside_of_his_row(rows: list[list[str]]) -> None:
    lines = aligned(rows)
    assert len(lines) == len(rows)
    for line in lines:
        assert "\n" not in line
        assert visible(line) == line
