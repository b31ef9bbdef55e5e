"""The frame: what has not changed is not drawn, compared or written again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from tests.support.drawn import Drawn
from tests.support.harness import BOB, Actor

Draw = Callable[[int, int], Drawn]


@pytest.fixture
def draw(alice: Actor) -> Iterator[Draw]:
    with ExitStack() as stack:
        yield lambda columns, rows: stack.enter_context(closing(Drawn(alice, columns, rows)))


def says(alice: Actor, text: str, id: str = "m") -> None:
    alice.receives(f"<message from='{BOB}/x' type='chat' id='{id}'><body>{text}</body></message>")


def test_a_letter_is_all_that_its_frame_writes(alice: Actor, draw: Draw) -> None:
    alice.goes_online()
    says(alice, "hello")
    alice.looks_at(BOB)
    drawn = draw(120, 40)
    drawn.redraws()
    before = len(drawn.written)
    drawn.types("Q")
    drawn.redraws()
    written = drawn.written[before:]
    assert b"Q" in written
    assert b"hello" not in written
    assert len(written) < 200


def test_a_frame_without_news_writes_no_text(alice: Actor, draw: Draw) -> None:
    alice.goes_online()
    drawn = draw(80, 24)
    drawn.redraws()
    before = len(drawn.written)
    shown = drawn.redraws()
    assert len(drawn.written) - before < 200
    assert drawn.redraws(is_anew=True) == shown


@pytest.mark.parametrize("end", ["e\u0301", "☂\ufe0f", "\u27e7\u0334\u0319", "ते", "界\u0301"])
def test_behind_a_mark_without_a_column_nothing_of_the_line_before_stays(
    alice: Actor, draw: Draw, end: str
) -> None:
    alice.goes_online()
    for number in range(30):
        says(alice, f"{'x' * (number % 5 + 3)}{end}", f"m{number}")
    alice.looks_at(BOB)
    drawn = draw(60, 12)
    drawn.redraws()
    for number in range(30, 40):
        says(alice, f"{'x' * (number % 4)}{end}", f"m{number}")
        assert drawn.redraws() == drawn.redraws(is_anew=True)


def test_what_a_menu_covered_is_there_again(alice: Actor, draw: Draw) -> None:
    alice.goes_online()
    alice.looks_at(BOB)
    for number in range(30):
        says(alice, f"line {number}", f"m{number}")
    drawn = draw(80, 24)
    before = drawn.redraws()
    drawn.types("/")
    drawn.types("\t")
    drawn.shows("List the accounts")
    drawn.types("\x15")
    drawn.hides("List the accounts")
    assert drawn.redraws() == before


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (10, 3), (24, 5), (25, 4), (300, 100)])
def test_there_is_a_frame_of_every_size(alice: Actor, draw: Draw, size: tuple[int, int]) -> None:
    alice.goes_online()
    says(alice, "hello 喜んで")
    drawn = draw(80, 24)
    drawn.redraws()
    drawn.resizes(*size)
    assert drawn.redraws() == drawn.redraws(is_anew=True)
    drawn.resizes(80, 24)
    drawn.shows("alice@example.org: online")


def test_of_few_rows_the_input_has_its_share_first(alice: Actor, draw: Draw) -> None:
    drawn = draw(40, 2)
    drawn.types("hello")
    drawn.redraws()
    assert drawn.text.splitlines()[-1] == "> hello"
