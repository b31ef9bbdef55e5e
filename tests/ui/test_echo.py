"""The echo of a letter, and that the screen is what a frame alone would make of it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from tests.support.drawn import Drawn
from tests.support.harness import BOB, Actor

LEFT, HOME, SHIFT_TAB, UP, ALT_ENTER = "\x1b[D", "\x01", "\x1b[Z", "\x1b[A", "\x1b\r"
ESC, CTRL_R, BACKSPACE, CTRL_U = "\x1b", "\x12", "\x7f", "\x15"

Draw = Callable[..., Drawn]


@pytest.fixture
def draw(alice: Actor) -> Iterator[Draw]:
    with ExitStack() as stack:

        def make(columns: int = 80, rows: int = 24) -> Drawn:
            alice.looks_at(BOB)
            drawn = stack.enter_context(closing(Drawn(alice, columns, rows)))
            drawn.shows("online")
            drawn.redraws()
            return drawn

        yield make


def test_a_letter_stands_there_before_the_frame(draw: Draw) -> None:
    drawn = draw()
    column, row = drawn.cursor
    seen = []
    for letter in "hi":
        drawn.inserts(
            letter, lambda: seen.append((drawn.cell(drawn.cursor[0] - 1, row).data, drawn.cursor))
        )
    assert seen == [("h", (column + 1, row)), ("i", (column + 2, row))]
    assert drawn.redraws() == drawn.redraws(is_anew=True)
    assert "> hi" in drawn.text


def test_a_letter_that_was_echoed_is_not_written_again(draw: Draw) -> None:
    drawn = draw()
    before = len(drawn.written)
    drawn.inserts("Q", lambda: None)
    drawn.redraws()
    assert drawn.written[before:].count(b"Q") == 1


@pytest.mark.parametrize(
    ("before", "typed"),
    [
        pytest.param("hello", "\t", id="a tab"),
        pytest.param("hello", "\u754c", id="two columns"),
        pytest.param("hello e", "\u0301", id="a mark on the letter before"),
        pytest.param("hello \U0001f469\u200d", "\U0001f680", id="emoji that are joined"),
        pytest.param("hello", "\u202e", id="an override"),
        pytest.param("hello", "\u00a0", id="a hard space"),
        pytest.param("hello" + LEFT, "x", id="in the middle"),
        pytest.param("hello" + HOME, "x", id="at the beginning"),
        pytest.param("x" * 76, "y", id="where the row ends"),
        pytest.param("x" * 77, "y", id="where the next one begins"),
        pytest.param("one" + ALT_ENTER + "two", "x", id="in the second line"),
        pytest.param("/he", "l", id="a command that is completed as it is typed"),
        pytest.param("/" + SHIFT_TAB, "x", id="below the menu"),
        pytest.param("hello\r" + UP, "x", id="after an old line"),
        pytest.param("hello\r" + CTRL_R, "h", id="into the search for one"),
    ],
)
def test_what_is_typed_is_shown_as_a_frame_alone_shows_it(
    draw: Draw, before: str, typed: str
) -> None:
    drawn = draw()
    drawn.types(before)
    drawn.redraws()
    drawn.types(typed)
    shown, cursor = drawn.redraws(), drawn.cursor
    assert (drawn.redraws(is_anew=True), drawn.cursor) == (shown, cursor)
    drawn.types("abc" + BACKSPACE + "d")
    shown = drawn.redraws()
    assert drawn.redraws(is_anew=True) == shown


def test_keys_that_come_at_once_are_shown_in_their_order(draw: Draw) -> None:
    drawn = draw(40, 12)
    text = "the quick brown fox jumps over the lazy dog, and over all that lies there"
    drawn.types(text)
    shown = drawn.redraws()
    assert "".join(text.split()) in "".join(shown.split())
    assert drawn.redraws(is_anew=True) == shown
    drawn.types(CTRL_U + "x")
    assert drawn.redraws() == drawn.redraws(is_anew=True)


def test_nothing_is_not_echoed(draw: Draw) -> None:
    drawn = draw()
    drawn.types("hello" + CTRL_U)
    shown = drawn.redraws()
    drawn.prompt.insert("")
    assert drawn.redraws() == shown


def test_nothing_is_echoed_after_the_screen_was_made_anew(draw: Draw) -> None:
    drawn = draw()
    drawn.types("hello")
    drawn.redraws()
    drawn.resizes(60, 20)
    drawn.types("x")
    shown = drawn.redraws()
    assert "> hellox" in shown
    assert drawn.redraws(is_anew=True) == shown
