from __future__ import annotations

import pytest

from termxmpp.commands.aliases import alias_commands, expand, is_alias_name
from termxmpp.errors import UserError


@pytest.mark.parametrize(
    ("line", "typed", "whole"),
    [
        ("/away back soon", "", "/away back soon"),
        ("/away back", "in an  hour", "/away back in an  hour"),
        ("/msg $1 hello $2", "bob carol", "/msg bob hello carol"),
        ('/msg $1 "$*"', "bob x", '/msg bob "bob x"'),
        ("/msg $2 $1", "'a b' c d", "/msg c 'a b'"),
        ("/me gives $* away", "", "/me gives  away"),
        ("costs $$5", "", "costs $5"),
        ("costs $$5", "each", "costs $5 each"),
        ("costs $$1 for $1", "bob", "costs $1 for bob"),
        ("$0 and $x", "more", "$0 and $x more"),
        # What is put in is not looked at again.
        ("$1 $2", "$2 $1", "$2 $1"),
    ],
)
def test_what_an_alias_becomes(line: str, typed: str, whole: str) -> None:
    assert expand("x", line, typed) == whole


def test_words_that_are_missing_are_told() -> None:
    with pytest.raises(UserError, match="/x needs 2 words behind it: it stands for /msg"):
        expand("x", "/msg $2 $1", "one")
    with pytest.raises(UserError, match="/x needs a word behind it: it stands for /msg"):
        expand("x", "/msg $1", "")


@pytest.mark.parametrize("name", ["brb", "b-2", "好", "x!"])
def test_a_name(name: str) -> None:
    assert is_alias_name(name)


@pytest.mark.parametrize("name", ["", "two words", "/x", "BRB", '"x"', "a/b", "a\tb"])
def test_no_name(name: str) -> None:
    assert not is_alias_name(name)


def test_a_command_keeps_its_name() -> None:
    aliases = {"brb": "/away", "msg": "/quit", "roster": "/quit", "two words": "x"}
    made = alias_commands(aliases, ["msg", "roster add"], lambda ctx, line: None)
    assert [each.name for each in made] == ["brb"]
    assert made[0].usage == "/brb [TEXT]"
    assert made[0].summary == "An alias of yours: /away"
