"""A form asked line by line."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from termxmpp.filling import Filled, Question, Way
from termxmpp.line_forms import Asking, ask_form
from termxmpp.xmpp.forms import Field, Form, Option

AB = (Option("a", "Alpha"), Option("b", "Beta"))


def asks(
    question: Question, *typed: str | None
) -> tuple[Filled | None, list[str], list[tuple[str, bool]]]:
    """What comes of it if `typed` is answered; all that was said, and what was asked."""
    said: list[str] = []
    asked: list[tuple[str, bool]] = []
    lines = iter(typed)

    async def ask(words: str, is_secret: bool) -> str | None:
        asked.append((words, is_secret))
        return next(lines)

    def say(words: Sequence[str]) -> None:
        said.extend(words)

    answer = asyncio.run(ask_form(Asking(say, ask), question))
    assert next(lines, "all") == "all"
    return answer, said, asked


def form(*fields: Field) -> Question:
    return Question("club: how it is", Form("form", fields, "Title", ("Do it.",)))


def values(answer: Filled | None) -> dict[str, tuple[str, ...]]:
    assert answer is not None
    return {each.name: each.values for each in answer.form.fields}


def test_all_is_said_and_asked_in_order() -> None:
    answer, said, asked = asks(
        form(
            Field("FORM_TYPE", "hidden", ("urn:x",)),
            Field("", "fixed", ("About",)),
            Field("n", values=("old",), label="Name", description="As seen", is_required=True),
            Field("p", "text-private", ("pw",), "Password"),
            Field("b", "boolean", ("1",), "Keep it", media=("https://example.org/c.png",)),
        ),
        *("new", "secret", "n", ""),
    )
    assert values(answer) == {"FORM_TYPE": ("urn:x",), "n": ("new",), "p": ("secret",), "b": ("0",)}
    assert said == [
        "club: how it is",
        "Title",
        "Do it.",
        "Enter keeps what is there, - empties it, Ctrl-C gives up.",
        "About",
        "As seen",
        "https://example.org/c.png",
        "  1  Submit",
        "  2  Cancel",
    ]
    assert asked == [
        ("Name [old]", False),
        ("Password [***]", True),
        ("Keep it [yes]", False),
        ("How to go on? [1]", False),
    ]


@pytest.mark.parametrize(
    ("asked", "typed", "kept"),
    [
        (Field("x", values=("old",)), [""], ("old",)),
        (Field("x", values=("old",)), ["-"], None),
        (Field("x", "boolean"), ["yes"], ("1",)),
        (Field("x", "list-single", options=AB), ["2"], ("b",)),
        (Field("x", "list-single", options=AB), ["a"], ("a",)),
        (Field("x", "list-single", options=AB), ["Beta"], ("b",)),
        (Field("x", "list-multi", ("a",), options=AB), ["1, 2"], ("a", "b")),
        (Field("x", "jid-multi"), ["a@b c@d"], ("a@b", "c@d")),
        (Field("x", "text-multi"), ["one", "two", ""], ("one", "two")),
        (Field("x", "text-multi", ("old",)), [""], ("old",)),
        (Field("x", "text-multi", ("old",)), ["-"], None),
        (Field("x", "text-private"), [" p w "], (" p w ",)),
    ],
)
def test_an_answer_means(asked: Field, typed: list[str], kept: tuple[str, ...] | None) -> None:
    answer, _said, _asked = asks(form(asked), *typed, "")
    assert values(answer).get("x") == kept


@pytest.mark.parametrize(
    ("asked", "wrong", "words"),
    [
        (Field("x", is_required=True), "", "x must be filled in."),
        (Field("x", "boolean"), "maybe", "x is true or false."),
        (Field("x", "list-single", options=AB), "3", "x is one of these: a, b."),
        (Field("x", "jid-single"), "@", "no XMPP address"),
    ],
)
def test_what_the_form_does_not_allow_is_asked_again(asked: Field, wrong: str, words: str) -> None:
    right = {"boolean": "y", "jid-single": "a@b"}.get(asked.type, "a")
    _answer, said, _asked = asks(form(asked), wrong, right, "")
    assert any(words in line for line in said)


@pytest.mark.parametrize("typed", [[None], ["x", None], ["x", "2"]])
def test_it_can_be_given_up_anywhere(typed: list[str | None]) -> None:
    assert asks(form(Field("x")), *typed)[0] is None


def test_there_may_be_several_ways_on() -> None:
    ways = (Way("next", "Next"), Way("prev", "Back", is_back=True))
    question = Question("t", Form("form", (Field("x"),)), ways, "Once more.")
    answer, said, _asked = asks(question, "x", "9", "2")
    assert answer == Filled("prev")
    assert "Once more." in said
    assert "A number from 1 to 3, please." in said


def test_what_a_peer_wrote_can_do_no_harm() -> None:
    evil = "\x1b[2J\u202eevil"
    fields = (
        Field(evil, values=(evil,), label=evil, description=evil, media=(evil,)),
        Field("l", "list-single", label=evil, options=(Option("v", evil),)),
        Field("", "fixed", (evil,)),
    )
    _answer, said, asked = asks(
        Question(evil, Form("form", fields, evil, (evil,)), (Way("x", evil),)), "", "1", ""
    )
    shown = "".join([*said, *(words for words, _ in asked)])
    assert "\x1b" not in shown
    assert "\u202e" not in shown
