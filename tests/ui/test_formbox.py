"""A form on the screen: filled in by keys and mouse, submitted, given up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from termxmpp.filling import Filled, Question, Way
from termxmpp.xmpp.forms import Field, Form, Option
from termxmpp.xmpp.validation import Validation
from tests.support.drawn import Drawn
from tests.support.harness import BOB, Actor
from tests.ui.test_application import assert_looks_like

WHO = (Option("moderators", "Moderators"), Option("anyone", "Anyone"))
FORM = Form(
    "form",
    (
        Field("FORM_TYPE", "hidden", ("urn:x",)),
        Field("", "fixed", ("About the room",)),
        Field("name", values=("The club",), label="Name", is_required=True),
        Field("about", "text-multi", ("one",), "Description"),
        Field("kept", "boolean", ("1",), "Keep it"),
        Field("who", "list-single", ("moderators",), "Who sees addresses", options=WHO),
        Field("secret", "text-private", ("pw",), "Password"),
        Field("count", values=("20",), label="History", validation=Validation("xs:int", most="99")),
        Field("human", label="What is it?", media=("https://example.org/c.png",)),
    ),
    "Configuration of the club",
    ("Say how it shall be.",),
)
TAB, BACK_TAB, ENTER, DOWN, UP, ESCAPE, CTRL_S = (
    "\t",
    "\x1b[Z",
    "\r",
    "\x1b[B",
    "\x1b[A",
    "\x1b",
    "\x13",
)

Asks = Callable[..., list[Filled | None]]


@pytest.fixture
def screen(alice: Actor) -> Iterator[Callable[..., Drawn]]:
    with ExitStack() as opened:

        def make(columns: int = 80, rows: int = 30) -> Drawn:
            drawn = Drawn(alice, columns, rows)
            opened.callback(drawn.close)
            drawn.shows("online")
            return drawn

        yield make


def asked(
    alice: Actor, drawn: Drawn, form: Form = FORM, ways: tuple[Way, ...] = ()
) -> list[Filled | None]:
    """Ask alice; what she answers comes into the list."""
    answers: list[Filled | None] = []

    async def ask() -> None:
        answers.append(await alice.client.ask(Question("club: how it is", form, ways)))

    alice.run_now(lambda: alice.client.spawn(ask()))
    drawn.shows("club: how")
    return answers


def values(answers: list[Filled | None]) -> dict[str, tuple[str, ...]]:
    [answer] = answers
    assert answer is not None
    return {each.name: each.values for each in answer.form.fields}


def test_it_shows_all_that_is_asked_and_how_to_leave(
    alice: Actor, screen: Callable[..., Drawn]
) -> None:
    drawn = screen()
    asked(alice, drawn)
    drawn.shows("esc: give up")
    for words in ("club: how it is", "Say how it shall be.", "About the room", "Name *"):
        assert words in drawn.text
    for line in ("The club__", "[x]", "(*) Moderators", "( ) Anyone", "a whole number, at most 99"):
        assert line in drawn.text
    assert "**____" in drawn.text
    assert "pw" not in drawn.text
    assert "https://example.org/c.png" in drawn.text
    assert "ctrl-s: Submit" in drawn.text


def test_the_keyboard_goes_through_it_and_fills_it_in(
    alice: Actor, screen: Callable[..., Drawn]
) -> None:
    drawn = screen()
    answers = asked(alice, drawn)
    drawn.types(f" of all{ENTER}")
    drawn.types(f"{ENTER}two{UP}{DOWN}{TAB}")
    drawn.types(f" {DOWN}{DOWN} {TAB}")
    drawn.types(f"\x7f\x7fnew{TAB}\x7f\x7f42{TAB}a tree{TAB}")
    drawn.shows("▸ [ Submit ]")
    assert answers == []
    drawn.types(ENTER)
    drawn.hides("esc: give up")
    assert values(answers) == {
        "FORM_TYPE": ("urn:x",),
        "name": ("The club of all",),
        "about": ("one", "two"),
        "kept": ("0",),
        "who": ("anyone",),
        "secret": ("new",),
        "count": ("42",),
        "human": ("a tree",),
    }


def test_what_is_wrong_is_told_and_led_to(alice: Actor, screen: Callable[..., Drawn]) -> None:
    drawn = screen()
    answers = asked(alice, drawn)
    drawn.types(f"{BACK_TAB}{BACK_TAB}{BACK_TAB}0{CTRL_S}")
    drawn.shows("History is at most 99.")
    drawn.types(f"\x7f{CTRL_S}")
    drawn.hides("esc: give up")
    assert values(answers)["count"] == ("20",)


@pytest.mark.parametrize("keys", [ESCAPE, "\x03", "\x07"])
def test_who_has_filled_in_nothing_gives_up_at_once(
    alice: Actor, screen: Callable[..., Drawn], keys: str
) -> None:
    drawn = screen()
    answers = asked(alice, drawn)
    drawn.types(f"{TAB}{DOWN}{keys}")
    drawn.hides("esc: give up")
    assert answers == [None]
    drawn.types("hello")
    drawn.shows("> hello")


def test_what_would_be_lost_is_told_before(alice: Actor, screen: Callable[..., Drawn]) -> None:
    drawn = screen()
    answers = asked(alice, drawn)
    drawn.types(f"x{ESCAPE}")
    drawn.shows("would be lost: Esc once more")
    drawn.types(f"y{ESCAPE}")
    drawn.shows("would be lost: Esc once more")
    assert answers == []
    drawn.types(ESCAPE)
    drawn.hides("esc: give up")
    assert answers == [None]


def test_the_mouse_goes_where_it_clicks(alice: Actor, screen: Callable[..., Drawn]) -> None:
    drawn = screen()
    answers = asked(alice, drawn)
    drawn.shows("( ) Anyone")
    drawn.clicks(40, drawn.row_of("( ) Anyone"))
    drawn.shows("(*) Anyone")
    drawn.clicks(40, drawn.row_of("Keep it"))
    drawn.shows("[ ]")
    drawn.clicks(5, drawn.row_of("[ Submit ]"))
    drawn.hides("esc: give up")
    assert values(answers)["who"] == ("anyone",)
    assert values(answers)["kept"] == ("0",)


def test_there_may_be_several_ways_on(alice: Actor, screen: Callable[..., Drawn]) -> None:
    drawn = screen()
    ways = (Way("next", "Next"), Way("prev", "Back", is_back=True))
    answers = asked(alice, drawn, Form("form", (Field("n", is_required=True),)), ways)
    drawn.types(f"{TAB}{DOWN}")
    drawn.shows("▸ [ Back ]")
    drawn.types(ENTER)
    drawn.hides("esc: give up")
    assert answers == [Filled("prev")]


@pytest.mark.parametrize(("columns", "rows"), [(40, 12), (200, 60), (24, 8)])
def test_it_fits_on_every_terminal(
    alice: Actor, screen: Callable[..., Drawn], columns: int, rows: int
) -> None:
    drawn = screen(columns, rows)
    answers = asked(alice, drawn)
    drawn.shows("club: how")
    for _ in range(7):
        drawn.types(TAB)
        drawn.redraws()
    drawn.shows("▸ [ Submit ]")
    drawn.types(ENTER)
    drawn.hides("club: how")
    assert values(answers)["name"] == ("The club",)


def test_it_stays_while_the_terminal_becomes_another(
    alice: Actor, screen: Callable[..., Drawn]
) -> None:
    drawn = screen()
    asked(alice, drawn)
    drawn.types("!")
    drawn.shows("The club!_")
    drawn.resizes(40, 12)
    drawn.shows("The club!_")
    drawn.resizes(80, 30)
    drawn.shows("[ Submit ]")


def test_a_long_list_opens_where_one_is(alice: Actor, screen: Callable[..., Drawn]) -> None:
    drawn = screen()
    options = tuple(Option(str(number), f"Number {number}") for number in range(500))
    form = Form(
        "form", (Field("a", label="A"), Field("n", "list-single", ("7",), "N", options=options))
    )
    answers = asked(alice, drawn, form)
    drawn.shows("… 499 others")
    drawn.types(TAB)
    drawn.shows("(*) Number 7")
    drawn.types(f"{DOWN} ")
    drawn.shows("(*) Number 8")
    drawn.types(CTRL_S)
    drawn.hides("esc: give up")
    assert values(answers) == {"n": ("8",)}


def test_what_a_peer_wrote_in_it_can_do_no_harm(alice: Actor, screen: Callable[..., Drawn]) -> None:
    drawn = screen()
    evil = "\x1b[2J\x07\u202eevil\n/quit"
    fields = (
        Field(evil, label=evil, description=evil, values=(evil,), media=(evil,)),
        Field("l", "list-single", label=evil, options=(Option(evil, evil),)),
        Field("", "fixed", (evil,)),
    )
    before = len(drawn.written)
    answers = asked(alice, drawn, Form("form", fields, evil, (evil,)), (Way("go", evil),))
    drawn.shows("␛[2J")
    written = drawn.written[before:]
    assert b"\x1b[2J\x07" not in written
    assert "\u202e".encode() not in written
    drawn.types(ESCAPE)
    drawn.hides("esc: give up")
    assert answers == [None]


def test_forms_are_asked_one_after_the_other(alice: Actor, screen: Callable[..., Drawn]) -> None:
    drawn = screen()
    first = asked(alice, drawn)
    second = asked(alice, drawn, Form("form", (Field("n", label="Another"),)))
    drawn.shows("Name *")
    assert "Another" not in drawn.text
    drawn.types(CTRL_S)
    drawn.shows("Another")
    assert len(first) == 1
    drawn.types(f"x{CTRL_S}")
    drawn.hides("Another")
    assert values(second) == {"n": ("x",)}


def test_what_was_typed_is_nowhere_afterwards(alice: Actor, screen: Callable[..., Drawn]) -> None:
    drawn = screen()
    form = Form("form", (Field("p", "text-private", label="Password"),))
    answers = asked(alice, drawn, form)
    drawn.types(f"wonder\x15wonder{CTRL_S}")
    drawn.hides("esc: give up")
    assert values(answers) == {"p": ("wonder",)}
    for keys in ("\x1b[A", "\x1f"):
        drawn.types(keys)
        assert "wonder" not in drawn.redraws()


def test_a_paste_goes_into_the_text_where_one_is(
    alice: Actor, screen: Callable[..., Drawn]
) -> None:
    drawn = screen()
    answers = asked(alice, drawn)
    drawn.types("\x1b[200~\none\ntwo\x1b[201~")
    drawn.types(f"{TAB}\x1b[200~\ntwo\x1b[201~{TAB}\x1b[200~ignored\x1b[201~{CTRL_S}")
    drawn.hides("esc: give up")
    assert values(answers)["name"] == ("The club one two",)
    assert values(answers)["about"] == ("one", "two")
    assert values(answers)["kept"] == ("1",)


def test_the_end_of_the_account_ends_its_form(alice: Actor, screen: Callable[..., Drawn]) -> None:
    drawn = screen()
    asked(alice, drawn)
    drawn.shows("esc: give up")
    alice.run(alice.workspace.end)
    drawn.hides("esc: give up")


def test_vi_is_typed_in_it_as_in_any_line(alice: Actor, screen: Callable[..., Drawn]) -> None:
    drawn = screen()
    alice.types("/set ui.editing vi")
    drawn.types(ESCAPE)
    drawn.shows("[N]")
    answers = asked(alice, drawn)
    drawn.shows("esc: give up")
    drawn.types(f" dd{CTRL_S}")
    drawn.hides("esc: give up")
    assert values(answers)["name"] == ("The club dd",)


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (40, 12), (200, 60)])
def test_it_looks_like_a_form(
    alice: Actor, screen: Callable[..., Drawn], columns: int, rows: int
) -> None:
    drawn = screen(columns, rows)
    alice.looks_at(BOB)
    asked(alice, drawn)
    drawn.types(f"{TAB}{TAB}{TAB}{DOWN}")
    drawn.redraws()
    assert_looks_like(drawn, f"form-{columns}x{rows}")


def test_a_form_and_a_secret_question_give_each_other_the_keys(
    alice: Actor, screen: Callable[..., Drawn]
) -> None:
    drawn = screen()
    alice.types("/account add dave@example.org")
    drawn.shows("Password for dave@example.org:")
    answers = asked(alice, drawn)
    drawn.types(f"!{CTRL_S}")
    drawn.hides("club: how")
    assert values(answers)["name"] == ("The club!",)
    drawn.types("ab")
    drawn.shows("Password for dave@example.org: **")
    drawn.types(f"{ESCAPE}")
    drawn.shows("No password was typed")
