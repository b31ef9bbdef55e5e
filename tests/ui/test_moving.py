"""Moving on the whole screen: keys and clicks into a pty, and what the terminal shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace

import pytest

from termxmpp.commands.registry import Registry
from tests.support.drawn import Drawn
from tests.support.harness import BOB, CAROL, Actor
from tests.support.rooms import announces, enters, said
from tests.support.snapshots import SIZES
from tests.ui.test_application import assert_looks_like

Draw = Callable[[int, int], Drawn]

ALT_UP, ALT_DOWN, PAGE_UP = "\x1b[1;3A", "\x1b[1;3B", "\x1b[5~"
ALT_END, ALT_LEFT, CTRL_K, ESCAPE = "\x1b[1;3F", "\x1b[1;3D", "\x0b", "\x1b"


@pytest.fixture
def draw(alice: Actor) -> Iterator[Draw]:
    with ExitStack() as stack:
        yield lambda columns, rows: stack.enter_context(closing(Drawn(alice, columns, rows)))


def says(alice: Actor, *texts: str, peer: str = "bob") -> None:
    alice.receives(
        *(
            f"<message from='{peer}@example.org/x' type='chat' id='{text[:20]}'>"
            f"<body>{text}</body></message>"
            for text in texts
        )
    )


def much_was_said(alice: Actor) -> None:
    """With Bob about tea and other things, a room with something unread, and Carol there."""
    alice.receives("<presence from='carol@example.org/desk'/>")
    announces(alice)
    enters(alice, "bob", "dora", about="what goes with tea")
    alice.looks_at(BOB)
    for number in range(60):
        says(alice, f"Message number {number}.")
        if number % 20 == 5:
            says(alice, f"The tea of day {number} was good, see https://example.org/tea/{number}")
        alice.waits(1800)
    alice.types("I drink tea every day, and I would not be without it.")
    alice.is_confirmed()
    alice.receives(said("dora", "is there tea?", "1"), said("dora", "hello?", "2"))


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_the_switcher(alice: Actor, draw: Draw, columns: int, rows: int) -> None:
    much_was_said(alice)
    # Few commands, so that it does not look otherwise with each new one.
    few = ("account", "away", "clear", "close", "help", "join", "msg", "quit", "roster add")
    registry = alice.workspace.registry
    alice.workspace.registry = Registry([each for each in registry.commands if each.name in few])
    drawn = draw(columns, rows)
    drawn.shows("without it")
    drawn.types(CTRL_K)
    drawn.shows("go to")
    assert_looks_like(drawn, f"switcher-{columns}x{rows}")
    drawn.types("car")
    drawn.shows("▸ ● carol@example.org")
    assert_looks_like(drawn, f"switcher-car-{columns}x{rows}")
    drawn.types("\r")
    drawn.hides("go to")
    assert alice.workspace.current.peer == CAROL


def test_the_switcher_is_moved_in_and_closed_by_keys(alice: Actor, draw: Draw) -> None:
    much_was_said(alice)
    drawn = draw(80, 24)
    drawn.shows("without it")
    drawn.types(CTRL_K)
    drawn.shows("▸ # club")
    drawn.types("\x0e")
    drawn.shows("▸ ● alice@example.org")
    drawn.types("\x1b[B\x1b[B\x10\x1b[A")
    drawn.shows("▸ ● alice@example.org")
    drawn.types(ESCAPE)
    drawn.hides("go to")
    drawn.types("x")
    drawn.shows("> x")
    drawn.types("\x03" + CTRL_K + "xyzzy")
    drawn.shows("nothing is called so")
    drawn.types("\r\x03")
    drawn.hides("go to")
    assert alice.workspace.current.peer == BOB


@pytest.mark.parametrize("text", ["\x07\x9b31m\n" * 30, "好" * 100, "x" + "好" * 100])
def test_what_is_pasted_into_a_list_stays_within_it(alice: Actor, draw: Draw, text: str) -> None:
    """Controls are wider on the screen than they are, and so is what fills the last column."""
    drawn = draw(80, 24)
    drawn.shows("online")
    drawn.types(CTRL_K)
    drawn.shows("go to")
    drawn.types(f"\x1b[200~{text}\x1b[201~")
    drawn.shows("nothing is called so")
    drawn.types("\x01")
    assert drawn.redraws().splitlines()[2].endswith("│")


def test_no_wide_character_is_half_under_a_list(alice: Actor, draw: Draw) -> None:
    """Whichever half: the edges are straight, and stay so when the row below is another."""
    drawn = draw(300, 60)
    drawn.shows("online")
    alice.looks_at(BOB)
    for number in range(60):
        says(alice, "界" * 80 if number % 2 else "x" + "界" * 80)
    drawn.types(CTRL_K)
    drawn.shows("go to")
    for _each in range(2):
        drawn.settles()
        first, last = drawn.row_of("┌─ go to"), drawn.row_of("└─")
        left = next(each for each in range(300) if drawn.cell(each, first).data == "┌")
        right = next(each for each in range(300) if drawn.cell(each, first).data == "┐")
        for row in range(first + 1, last):
            assert (drawn.cell(left, row).data, drawn.cell(right, row).data) == ("│", "│")
        says(alice, "short")


def test_a_command_is_put_into_the_input(alice: Actor, draw: Draw) -> None:
    drawn = draw(80, 24)
    drawn.shows("online")
    drawn.types(CTRL_K + "/subapp\r")
    drawn.shows("> /subscription approve")


def test_what_is_clicked_in_the_switcher_is_gone_to(alice: Actor, draw: Draw) -> None:
    drawn = draw(80, 24)
    drawn.shows("online")
    drawn.types(CTRL_K + "bob")
    drawn.shows("▸ ○ Bob")
    drawn.clicks(10, 3)
    drawn.hides("go to")
    assert alice.workspace.current.peer == BOB


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_a_message_is_selected(alice: Actor, draw: Draw, columns: int, rows: int) -> None:
    much_was_said(alice)
    drawn = draw(columns, rows)
    drawn.shows("without it")
    drawn.types(ALT_UP * 3)
    drawn.shows("▌")
    drawn.shows("reply")
    assert_looks_like(drawn, f"selection-{columns}x{rows}")


def test_looking_back_tells_what_is_below(alice: Actor, draw: Draw) -> None:
    much_was_said(alice)
    drawn = draw(80, 24)
    drawn.shows("without it")
    drawn.types(PAGE_UP * 2)
    drawn.shows("newer messages below")
    assert_looks_like(drawn, "back-80x24")
    drawn.types(ALT_END)
    drawn.hides("newer messages below")
    drawn.shows("without it")


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_a_search(alice: Actor, draw: Draw, columns: int, rows: int) -> None:
    much_was_said(alice)
    drawn = draw(columns, rows)
    drawn.shows("without it")
    drawn.types("/search tea\r")
    drawn.shows("4 found")
    assert_looks_like(drawn, f"search-{columns}x{rows}")
    drawn.types("\x1b[B\x1b[B\x1b[B\r")
    drawn.shows("▌")
    drawn.shows("day 5")
    assert_looks_like(drawn, f"hit-{columns}x{rows}")


def test_hits_are_gone_through_and_left_again(alice: Actor, draw: Draw) -> None:
    much_was_said(alice)
    drawn = draw(80, 24)
    drawn.shows("without it")
    drawn.types("\x1b/tea day\r")
    drawn.shows("▌")
    for key, hit, day in (("n", 2, 45), ("n", 3, 25), ("n", 4, 5), ("N", 3, 25)):
        drawn.types(key)
        drawn.shows(f"hit {hit}/4")
        drawn.shows(f"tea/{day}")
        assert is_marked(drawn, f"tea of day {day}")
        assert f"tea/{day}" in selected(alice)
    drawn.types(ALT_LEFT)
    drawn.shows("without it")
    drawn.hides("▌")
    assert not is_marked(drawn, "tea every day")


def is_marked(drawn: Drawn, text: str) -> bool:
    """Whether the beginning of `text` looks other than its end."""
    row = drawn.row_of(text)
    column = drawn.text.splitlines()[row].index(text)
    first, last = (drawn.cell(each, row) for each in (column, column + len(text) - 1))
    looks = [(each.fg, each.bg, each.bold, each.reverse, each.underscore) for each in (first, last)]
    return looks[0] != looks[1]


def selected(alice: Actor) -> str:
    here = alice.workspace.current
    found = here.shown.message(alice.workspace.selected[here])
    return found.text if found is not None else ""


def test_everywhere_is_one_key_away(alice: Actor, draw: Draw) -> None:
    much_was_said(alice)
    drawn = draw(80, 24)
    drawn.shows("without it")
    drawn.types("\x1b/is there")
    drawn.shows("nothing found")
    drawn.types("\t")
    drawn.shows("1 found")
    drawn.types("\r")
    drawn.shows("▌dora")
    drawn.types(ALT_LEFT)
    drawn.shows("without it")


def test_a_hit_far_back_is_shown_where_it_was_said(alice: Actor, draw: Draw) -> None:
    alice.looks_at(BOB)
    says(alice, "the needle", *(f"hay {number}" for number in range(800)))
    drawn = draw(80, 24)
    drawn.shows("hay 799")
    drawn.types("/search needle\r")
    drawn.shows("1 found")
    drawn.types("\r")
    drawn.shows("the needle")
    drawn.shows("newer messages below")
    says(alice, "while one looks at it")
    drawn.shows("newer messages below, 1 unread")
    drawn.types("\x1b[6~" * 60)
    drawn.shows("while one looks at it")
    drawn.hides("newer messages below")
    assert BOB not in alice.client.state.pasts


def test_single_keys_act_on_what_is_selected(alice: Actor, draw: Draw) -> None:
    much_was_said(alice)
    drawn = draw(80, 24)
    drawn.shows("without it")
    drawn.types(ALT_UP + "e")
    drawn.shows("> /correct I drink tea every day")
    drawn.types("\x03r")
    drawn.shows("> /reply")
    drawn.types(ESCAPE)
    drawn.hides("> /reply")
    drawn.hides("▌")
    drawn.types(ALT_UP + "d")
    drawn.shows("Retract this message? (y/n)")
    drawn.types("n")
    drawn.hides("Retract")
    drawn.types(ALT_UP + "e")
    drawn.shows("Only messages of yours can be corrected.")
    drawn.types("Y")
    drawn.shows("There is no link in this message.")


def test_who_types_selects_nothing_any_more(alice: Actor, draw: Draw) -> None:
    much_was_said(alice)
    drawn = draw(80, 24)
    drawn.shows("without it")
    drawn.types(ALT_UP)
    drawn.shows("▌")
    drawn.types("well")
    drawn.shows("> well")
    drawn.hides("▌")


def test_a_copy_is_the_terminals(alice: Actor, draw: Draw) -> None:
    alice.looks_at(BOB)
    says(alice, "copy me")
    drawn = draw(80, 24)
    drawn.shows("copy me")
    drawn.types(ALT_UP + "y")
    drawn.shows("Copied 7 characters")
    assert b"\x1b]52;c;Y29weSBtZQ==\x07" in drawn.written


def test_a_click_selects_a_message_and_the_wheel_scrolls(alice: Actor, draw: Draw) -> None:
    much_was_said(alice)
    drawn = draw(80, 24)
    drawn.shows("without it")
    drawn.clicks(50, drawn.row_of("Message number 55"))
    drawn.shows("▌")
    assert selected(alice) == "Message number 55."
    drawn.turns_wheel(50, 10, by=-3)
    drawn.shows("newer messages below")


def test_the_mouse_can_be_left_to_the_terminal(alice: Actor, draw: Draw) -> None:
    drawn = draw(80, 24)
    drawn.shows("online")
    assert b"\x1b[?1000h" in drawn.written
    settings = alice.workspace.settings
    without = replace(settings.config, ui=replace(settings.config.ui, mouse=False))
    alice.run_now(settings.replace, without)
    drawn.types("x")
    drawn.shows("> x")
    assert b"\x1b[?1000l" in drawn.written
