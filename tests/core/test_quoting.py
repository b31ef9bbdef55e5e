"""Quoting: what is quoted comes back, and what others say of offsets breaks nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core import quoting

BODY = "> Anna wrote:\n> cake?\nGreat idea!"


@pytest.mark.parametrize(
    ("ranges", "rest", "taken"),
    [
        ([(0, 22)], "Great idea!", "> Anna wrote:\n> cake?\n"),
        ([(0, 21)], "Great idea!", "> Anna wrote:\n> cake?"),
        ([], BODY, ""),
        ([(0, 0)], BODY, ""),
        ([(5, 3)], BODY, ""),
        ([(0, 1000)], BODY, ""),
        ([(900, 1000)], BODY, ""),
        ([(0, len(BODY))], BODY, ""),
        ([(14, 22), (0, 14)], "Great idea!", "> Anna wrote:\n> cake?\n"),
        ([(0, 22), (0, 22)], "Great idea!", "> Anna wrote:\n> cake?\n"),
        ([(0, 22), (10, 30)], "Great idea!", "> Anna wrote:\n> cake?\n"),
    ],
)
def test_ranges_are_taken_out_where_there_are_such(
    ranges: list[tuple[int, int]], rest: str, taken: str
) -> None:
    assert quoting.without(BODY, ranges) == (rest, taken)


def test_offsets_count_code_points() -> None:
    quotation = quoting.quoted("👨‍👩‍👧 喜")
    assert quoting.without(f"{quotation}yes", [(0, len(quotation))]) == ("yes", quotation)


@given(st.text())
def test_what_is_quoted_comes_back(text: str) -> None:
    kept = quoting.excerpt(text)
    assert quoting.unquoted(quoting.quoted(kept)) == kept


@given(st.text(), st.lists(st.tuples(st.integers(), st.integers())))
def test_no_range_is_too_bad(body: str, ranges: list[tuple[int, int]]) -> None:
    rest, taken = quoting.without(body, ranges)
    assert rest.strip() or rest == body
    assert len(rest) + len(taken) <= len(body)


def test_only_the_beginning_is_quoted() -> None:
    assert quoting.excerpt("a\nb\nc\nd\ne") == "a\nb\nc\nd..."
    assert quoting.excerpt("x" * 1000) == "x" * 300 + "..."
    assert quoting.excerpt(" short\n") == "short"
