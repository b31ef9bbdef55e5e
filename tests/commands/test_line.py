from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.commands.line import Word, is_command, read_invocation, words


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ("", []),
        ("one  two\tthree\nfour", ["one", "two", "three", "four"]),
        ("'one two' three", ["one two", "three"]),
        ('"one two" three', ["one two", "three"]),
        ("o'n e'x", ["on ex"]),
        ("''", [""]),
        (r"one\ two \' \\", ["one two", "'", "\\"]),
        (r'"a \" b" "a \\ b" "a \n b"', ['a " b', "a \\ b", r"a \n b"]),
        (r"'a \ b'", [r"a \ b"]),
        ("'say \"hi\"'", ['say "hi"']),
        ("end\\", ["end\\"]),
    ],
)
def test_words_are_read_as_by_a_shell(line: str, texts: list[str]) -> None:
    assert [word.text for word in words(line)] == texts


def test_a_word_knows_its_place() -> None:
    assert list(words("/x 'a b' c", 2)) == [Word("a b", 3, 8), Word("c", 9, 10)]


def test_an_open_quote_is_told_with_its_place() -> None:
    assert list(words("it's fine")) == [Word("its fine", 0, 9, open_quote=2)]


def test_words_are_read_only_as_far_as_they_are_asked_for() -> None:
    assert next(words("bob@example.org it's")).text == "bob@example.org"


@given(st.lists(st.text().filter(lambda text: "'" not in text)))
def test_what_stands_in_single_quotes_comes_back_whole(texts: list[str]) -> None:
    assert [word.text for word in words(" ".join(f"'{text}'" for text in texts))] == texts


@given(st.text())
def test_words_cover_all_that_is_no_space(line: str) -> None:
    found = list(words(line))
    covered = "".join(line[word.start : word.end] for word in found)
    assert "".join(covered.split()) == "".join(line.split())


@pytest.mark.parametrize(
    ("line", "is_one"), [("/quit", True), ("//quit", False), ("quit", False), (" /quit", False)]
)
def test_one_slash_makes_a_command(line: str, is_one: bool) -> None:
    assert is_command(line) == is_one


def test_an_invocation_has_the_two_words_that_may_name_it() -> None:
    invocation = read_invocation("/roster  add bob@example.org")
    assert (invocation.word, invocation.subword) == ("roster", "add")
    assert invocation.line[invocation.word_end :] == "  add bob@example.org"
    assert invocation.line[invocation.subword_end :] == " bob@example.org"


def test_a_text_is_no_invocation() -> None:
    with pytest.raises(ValueError, match="no command line"):
        read_invocation("hello")
