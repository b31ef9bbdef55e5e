"""A form under the user's hands: where one can go, what can be done there, what is sent."""

from __future__ import annotations

import pytest

from termxmpp.filling import GIVE_UP, Filled, Filling, Question, StopKind, Way, result_lines
from termxmpp.xmpp.forms import Field, Form, Option
from termxmpp.xmpp.stanzas import as_text
from termxmpp.xmpp.validation import Validation

AB = (Option("a", "Alpha"), Option("b", "Beta"), Option("c", "Alps"))


def filling(*fields: Field, ways: tuple[Way, ...] = ()) -> Filling:
    return Filling(Question("Somebody asks", Form("form", fields), ways))


def sent(answer: Filled | None) -> dict[str, tuple[str, ...]]:
    assert answer is not None
    return {each.name: each.values for each in answer.form.fields}


def test_one_goes_from_field_to_field_and_from_option_to_option() -> None:
    form = filling(
        Field("", "fixed", ("Only to be read",)),
        Field("FORM_TYPE", "hidden", ("urn:x",)),
        Field("name"),
        Field("kind", "list-single", ("b",), options=AB),
        Field("ok", "boolean"),
    )
    kinds = [stop.kind for stop in form.stops]
    text, option, switch, way = StopKind.TEXT, StopKind.OPTION, StopKind.SWITCH, StopKind.WAY
    assert kinds == [text, option, option, option, switch, way, way]
    form.move(1)
    assert form.stop.number == 0
    form.move(-1)
    form.move_field(1)
    # A list is entered at what is chosen of it.
    assert (form.stop.kind, form.stop.number) == (option, 1)
    form.move_field(1)
    assert form.stop.kind is switch
    form.move_field(1)
    form.move_field(1)
    assert form.place == 0
    form.move_field(-1)
    assert form.stop.kind is way


def test_a_form_of_ways_only_can_be_walked_through() -> None:
    form = filling()
    form.move_field(1)
    assert form.stop.kind is StopKind.WAY


def test_letters_lead_to_an_option() -> None:
    form = filling(Field("kind", "list-single", options=AB))
    form.jump("b")
    assert form.stop.number == 1
    form.jump("a")
    assert form.stop.number == 2
    form.jump("a")
    assert form.stop.number == 0
    form.jump("z")
    assert form.stop.number == 0


@pytest.mark.parametrize(
    ("asked", "presses", "values"),
    [
        (Field("x", "boolean"), [0], ("1",)),
        (Field("x", "boolean", ("true",)), [0], ("0",)),
        (Field("x", "list-single", ("a",), options=AB), [1], ("b",)),
        (Field("x", "list-single", ("a",), options=AB), [0], None),
        (Field("x", "list-single", ("a",), "", "", True, AB), [0], ("a",)),
        (Field("x", "list-multi", ("b",), options=AB), [2, 0], ("a", "b", "c")),
        (Field("x", "list-multi", ("a", "b"), options=AB), [0], ("b",)),
    ],
)
def test_what_is_pressed_is_sent(
    asked: Field, presses: list[int], values: tuple[str, ...] | None
) -> None:
    form = filling(asked)
    for place in presses:
        form.go(place)
        assert form.press() == ""
    assert sent(form.leave("submit")).get("x") == values
    assert form.is_changed is (values != asked.values)


@pytest.mark.parametrize(
    ("asked", "typed", "values"),
    [
        (Field("x"), "one", ("one",)),
        (Field("x", "text-private"), " p w ", (" p w ",)),
        (Field("x", "text-multi"), "one\n\ntwo", ("one", "", "two")),
        (Field("x", "jid-multi"), "a@b\nc@d", ("a@b", "c@d")),
        (Field("x", values=("old",)), "", None),
        (
            Field("x", "list-single", options=AB, validation=Validation(is_open=True)),
            "else",
            ("else",),
        ),
        (Field("x"), "esc \x1b[2J", ("esc \ufffd[2J",)),
    ],
)
def test_what_is_typed_is_sent(asked: Field, typed: str, values: tuple[str, ...] | None) -> None:
    form = filling(asked)
    assert form.is_text
    form.type(typed)
    assert form.text == typed
    assert sent(form.leave("submit")).get("x") == values


def test_what_is_wrong_is_told_where_it_is() -> None:
    form = filling(
        Field("who", "jid-single", ("no@@jid",), "Address"),
        Field("name", label="Name", is_required=True),
    )
    form.go(3)
    assert form.leave("submit") is None
    assert "no XMPP address" in form.problem
    assert form.place == 0
    form.type("bob@example.org")
    assert form.problem == ""
    assert form.leave("submit") is None
    assert form.problem == "Name must be filled in."
    assert form.place == 1


def test_a_way_back_asks_for_nothing_to_be_right() -> None:
    form = filling(
        Field("name", is_required=True), ways=(Way("next", "Next"), Way("prev", "Back", True))
    )
    assert form.leave("next") is None
    assert form.leave("prev") == Filled("prev")
    assert form.leave(GIVE_UP) == Filled(GIVE_UP)


def test_what_the_server_hides_goes_back_to_it() -> None:
    form = filling(Field("FORM_TYPE", "hidden", ("urn:x",)), Field("n", values=("1",)))
    answer = form.leave("submit")
    assert answer is not None
    assert as_text(answer.form.as_xml()).count("urn:x") == 1


def test_of_fields_with_one_name_the_first_is_asked() -> None:
    form = filling(Field("n", values=("1",)), Field("n", values=("2",)), Field(""))
    assert len(form.fields) == 1
    assert sent(form.leave("submit")) == {"n": ("1",)}


def test_a_result_is_told_in_lines_and_a_table_in_columns() -> None:
    form = Form(
        "result",
        (
            Field("FORM_TYPE", "hidden", ("urn:x",)),
            Field("up", "boolean", ("1",), "Running"),
            Field("users", "jid-multi", ("a@b", "c@d"), "Users"),
            Field("", "fixed", ("The end",)),
        ),
        "Services",
        (),
        (Field("s", label="Service"), Field("state", label="State")),
        (
            (Field("s", values=("http\x1b[2Jd",)), Field("state", values=("off",))),
            (Field("state", values=("on",)),),
        ),
    )
    assert result_lines(form) == [
        "Services",
        "Running: yes",
        "Users:",
        "  a@b",
        "  c@d",
        "The end",
        "Service    State",
        "http␛[2Jd  off",
        "           on",
    ]
