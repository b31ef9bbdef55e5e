"""The index of words: what is found, whatever is asked, and at what price it is kept."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.store.database import in_memory
from termxmpp.store.search import MOST_PAGES, Index, searchable


def index_of(*texts: str) -> Index:
    """An index of the texts, whose keys are 1, 2, 3 …"""
    index = Index(in_memory())
    for key, text in enumerate(texts, 1):
        index.add(key, text)
    return index


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("hello", [3, 1]),
        ("HELLO", [3, 1]),
        ("hello world", [3]),
        ("world hello", [3]),
        ("wor", []),
        ("nowhere", []),
        ("hello nowhere", []),
        ("strasse", []),
        ("straße", [4]),
        ("cafe", [5]),
        ("don't", [6]),
        ("www.example.org/a", [7]),
        ("example", [7]),
    ],
)
def test_all_words_have_to_be_there_in_any_order_the_newest_comes_first(
    words: str, keys: list[int]
) -> None:
    index = index_of(
        *("hello", "world", "Hello, wide world!", "die Straße", "Café"),
        *("I don't know", "see https://www.example.org/a"),
    )
    assert index.find(words, 10) == keys


def test_no_more_are_found_than_asked_for() -> None:
    assert index_of("a", "a", "a").find("a", 2) == [3, 2]


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("日本", [1]),
        ("本語", [1]),
        ("本日", []),
        ("日語", []),
        ("日 語", [1]),
        ("ภาษา", [2]),
        ("語 of", [1]),
    ],
)
def test_where_words_are_not_spaced_any_part_is_found_and_only_as_it_stands(
    words: str, keys: list[int]
) -> None:
    assert index_of("日本語 of today", "ภาษาไทย").find(words, 10) == keys


@pytest.mark.parametrize("words", ["", "  ", "…", '"', "''", "*", "^", "a\0b", "\0", "(", "NEAR("])
def test_what_holds_no_word_finds_nothing_and_is_no_error(words: str) -> None:
    assert index_of("hello").find(words, 10) == []


@pytest.mark.parametrize(
    "words", ['hello"', "hello *", "-hello", "text:hello", "(hello)", "hello …"]
)
def test_no_sign_is_a_command(words: str) -> None:
    assert index_of("text hello").find(words, 10) == [1]


@pytest.mark.parametrize("word", ["AND", "OR", "NOT", "NEAR"])
def test_no_word_is_a_command(word: str) -> None:
    assert index_of("this and that or not near").find(f"this {word} that", 10) == [1]
    assert index_of("this that").find(f"this {word} that", 10) == []


@given(st.text(), st.text())
def test_whatever_is_said_and_asked_there_is_an_answer(text: str, words: str) -> None:
    index = index_of(text)
    assert index.find(words, 10) in ([], [1])


@given(st.text(st.sampled_from("ab 日本\u0301é-."), min_size=1))
def test_whatever_is_said_is_found_by_itself(text: str) -> None:
    index = index_of(text)
    holds_a_word = any(char.isalnum() for char in text)
    assert index.find(text, 10) == ([1] if holds_a_word else [])


def test_only_what_has_no_spaces_is_spaced() -> None:
    assert searchable("in 東京 today") == "in  東  京  today"
    assert searchable("naïve — ok") == "naïve — ok"


def segments(db: sqlite3.Connection) -> int:
    (count,) = db.execute("SELECT count(DISTINCT segid) FROM word_idx").fetchone()
    return int(count)


def test_the_index_is_merged_in_steps_over_any_number_of_runs() -> None:
    """Each run here says one thing only; nothing may pile up until all is merged at once."""
    with closing(in_memory()) as db:
        most = 0
        for key in range(1, 2001):
            says(Index(db), key, f"message number {key}")
            most = max(most, segments(db))
        assert most <= 40
        assert Index(db).find("number 777", 10) == [777]


@pytest.mark.parametrize("at_once", [1, 100])
def test_no_commit_writes_much_however_large_the_index_is(at_once: int) -> None:
    with closing(in_memory()) as db:
        index = Index(db)
        written = []
        for first in range(1, 6001, at_once):
            db.execute("BEGIN")
            for key in range(first, first + at_once):
                index.add(key, " ".join(f"w{key * step % 5003}" for step in range(1, 60)))
            before = db.total_changes
            index.merge()
            written.append(db.total_changes - before)
            db.execute("COMMIT")
        # Each page is written with what leads to it, and some are taken away.
        assert max(written) < 8 * MOST_PAGES
        assert segments(db) <= 40


def says(index: Index, key: int, text: str) -> None:
    index.add(key, text)
    index.merge()
