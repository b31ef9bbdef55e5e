"""Finding by a few letters: what fits, what is best, and that it is never slow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.ui.fuzzy import Finder, matched

NAMES = ["Dan Builder", "Bob Dylan", "builders@conference.example.org", "abuild", "b-u-d"]

LETTERS = st.text("abßİ .@B", max_size=8)


def found(names: list[str], query: str) -> list[str]:
    return [names[place] for place in Finder(names).find(query)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", NAMES),
        ("builder", ["builders@conference.example.org", "Dan Builder"]),
        ("BUI", ["builders@conference.example.org", "Dan Builder", "abuild"]),
        ("bud", ["b-u-d", "Dan Builder", "builders@conference.example.org", "abuild"]),
        ("bd", ["Bob Dylan", "b-u-d", "builders@conference.example.org", "Dan Builder", "abuild"]),
        ("example org", ["builders@conference.example.org"]),
        ("example.org", ["builders@conference.example.org"]),
        ("xyz", []),
    ],
)
def test_the_best_comes_first(query: str, expected: list[str]) -> None:
    assert sorted(found(NAMES, query)) == sorted(expected)
    assert found(NAMES, query)[:2] == expected[:2]


def test_among_equals_the_order_is_kept() -> None:
    names = [f"{letter}x bob" for letter in "zyx"]
    assert found(names, "bob") == names


def is_subsequence(query: str, name: str) -> bool:
    letters = iter(name)
    return all(letter in letters for letter in query)


def folded(text: str) -> str:
    small = (char.lower() if len(char.lower()) == 1 else char for char in text)
    return "".join(" " if char in ".@" else char for char in small)


@given(st.lists(LETTERS, max_size=8), LETTERS)
def test_what_has_the_letters_in_their_order_is_found_and_nothing_else(
    names: list[str], query: str
) -> None:
    wanted = " ".join(folded(query).split())
    fitting = [name for name in names if is_subsequence(wanted, f" {folded(name)}")]
    assert sorted(found(names, query)) == sorted(fitting)


@given(st.lists(LETTERS, max_size=8), st.lists(LETTERS, max_size=5))
def test_letter_by_letter_is_as_at_once(names: list[str], queries: list[str]) -> None:
    finder = Finder(names)
    for query in queries:
        for end in range(len(query) + 1):
            assert finder.find(query[:end]) == Finder(names).find(query[:end])


@given(LETTERS, LETTERS)
def test_the_letters_that_are_marked_are_those_of_the_query(name: str, query: str) -> None:
    wanted = " ".join(folded(query).split())
    places = sorted(matched(name, query))
    assert all(0 <= place < len(name) for place in places)
    if wanted and " " not in wanted and Finder([name]).find(query):
        assert "".join(folded(name[place]) for place in places) == wanted


@pytest.mark.parametrize(
    ("name", "query", "marked"),
    [
        ("Bob Dylan", "dyl", "Dyl"),
        ("Bob Dylan", "bd", "BD"),
        ("abba b", "b", "b"),
        ("alice", "ace", "ace"),
        ("alice", "x", ""),
    ],
)
def test_what_is_marked_is_what_one_means(name: str, query: str, marked: str) -> None:
    assert "".join(name[place] for place in sorted(matched(name, query))) == marked
