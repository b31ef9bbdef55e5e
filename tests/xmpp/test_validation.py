"""What a field asks of its values besides its type (XEP-0122)."""

from __future__ import annotations

from contextlib import suppress
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.errors import DataError
from termxmpp.xmpp.forms import Field, Form, Option
from termxmpp.xmpp.validation import NS, Validation
from tests.support.rubbish import reads, rubbish

COUNTED = Validation(fewest=1, greatest=2)


def read(inside: str, datatype: str = "") -> Validation:
    attribute = f" datatype='{datatype}'" if datatype else ""
    xml = f"<validate xmlns='{NS}'{attribute}>{inside}</validate>"
    return Validation.from_xml(ElementTree.fromstring(xml))


@pytest.mark.parametrize(
    ("inside", "datatype", "found"),
    [
        ("", "", Validation("xs:string")),
        ("<basic/>", "xs:int", Validation("xs:int")),
        ("<open/>", "", Validation(is_open=True)),
        ("<range min='1' max='9'/>", "xs:int", Validation("xs:int", True, "1", "9")),
        ("<regex>(a+)+$</regex>", "", Validation(is_open=True)),
        ("<list-range min='1' max='2'/>", "", COUNTED),
        ("<list-range min='many'/>", "", Validation()),
    ],
)
def test_what_is_asked_for_is_read(inside: str, datatype: str, found: Validation) -> None:
    assert read(inside, datatype) == found


@pytest.mark.parametrize(
    ("datatype", "good", "bad"),
    [
        ("xs:integer", ["0", "-12", "+7"], ["", "1.5", "x", "٣"]),
        ("xs:byte", ["127", "-128"], ["128", "-129"]),
        ("xs:positiveInteger", ["1"], ["0", "-1"]),
        ("xs:decimal", ["1", "1.5", ".5"], ["1e5", "NaN"]),
        ("xs:double", ["1e5", "-1.5E-3"], ["x", "1e"]),
        ("xs:boolean", ["true", "0"], ["yes"]),
        ("xs:date", ["2026-12-31"], ["2026-13-01", "20261231"]),
        ("xs:time", ["23:59:00", "23:59:00Z"], ["24:59:00", "23:59"]),
        ("xs:dateTime", ["2026-12-31T23:59:00+02:00"], ["2026-12-31"]),
        ("xs:language", ["en", "zh-CN"], ["en_US"]),
        ("xs:string", ["anything"], []),
        ("x:mine", ["anything"], []),
        ("rubbish", ["anything"], []),
    ],
)
def test_values_are_of_the_datatype(datatype: str, good: list[str], bad: list[str]) -> None:
    asked = Validation(datatype)
    for value in good:
        asked.check("x", [value])
    for value in bad:
        with pytest.raises(DataError, match="x is "):
            asked.check("x", [value])


@pytest.mark.parametrize(
    ("asked", "good", "bad"),
    [
        (Validation("xs:int", least="1", most="10"), "10", "11"),
        (Validation("xs:int", least="2"), "10", "1"),
        (Validation("xs:date", most="2026-12-31"), "2026-01-01", "2027-01-01"),
        (
            Validation("xs:dateTime", least="2026-01-01T00:00:00"),
            "2026-01-01T00:00:00Z",
            "2025-12-31T23:00:00Z",
        ),
    ],
)
def test_values_lie_in_the_range(asked: Validation, good: str, bad: str) -> None:
    asked.check("x", [good])
    with pytest.raises(DataError, match=r"at (least|most)"):
        asked.check("x", [bad])


def test_a_bound_that_is_no_value_bounds_nothing() -> None:
    Validation("xs:int", least="many", most="more").check("x", ["5"])


def test_of_a_list_so_many_can_be_chosen() -> None:
    each = Field("x", "list-multi", options=(Option("a"), Option("b"), Option("c")))
    counted = Field(each.name, each.type, options=each.options, validation=COUNTED)
    assert counted.checked(["a", "b"]).values == ("a", "b")
    with pytest.raises(DataError, match="at least 1"):
        counted.checked([])
    with pytest.raises(DataError, match="at most 2"):
        counted.checked(["a", "b", "c"])


def test_an_open_list_takes_what_it_does_not_offer() -> None:
    asked = Field("x", "list-single", options=(Option("a"),), validation=Validation(is_open=True))
    assert asked.checked(["else"]).values == ("else",)


def test_a_regular_expression_that_never_ends_is_not_run() -> None:
    asked = read("<regex>(a+)+$</regex>")
    asked.check("x", ["a" * 5000 + "b"])


def test_the_lines_of_a_text_are_one_value_unless_it_says_otherwise() -> None:
    whole = Field("x", "text-multi", validation=Validation("xs:int"))
    assert whole.checked(["one", "two"]).values == ("one", "two")
    each = Field("x", "text-multi", validation=Validation("xs:int", is_open=True))
    with pytest.raises(DataError, match="whole number"):
        each.checked(["1", "two"])


def test_the_form_has_it_with_its_field() -> None:
    form = Form.from_xml(
        ElementTree.fromstring(
            "<x xmlns='jabber:x:data' type='form'><field var='n'>"
            f"<validate xmlns='{NS}' datatype='xs:int'><range min='1'/></validate></field></x>"
        )
    )
    [asked] = form.asked
    assert asked.validation.words == "a whole number, at least 1"
    with pytest.raises(DataError, match="n is at least 1"):
        form.answered({"n": ["0"]})


@given(
    rubbish(
        f"{{{NS}}}validate",
        ["datatype", "min", "max"],
        [f"{{{NS}}}{name}" for name in ("range", "list-range", "regex", "open", "basic")],
    ),
    st.text(max_size=20),
)
def test_rubbish_asks_for_something_or_nothing(element: ElementTree.Element, text: str) -> None:
    found = Validation.from_xml(element)
    assert isinstance(found.words, str)
    with suppress(DataError):
        found.check("x", [text], is_counted=True)


FORM = "{jabber:x:data}"


@given(
    rubbish(
        f"{FORM}x",
        ["type", "var", "label"],
        [
            *(f"{FORM}{name}" for name in ("field", "value", "option", "required", "item")),
            f"{{{NS}}}validate",
            "{urn:xmpp:media-element}media",
        ],
    )
)
def test_a_rubbish_form_is_one_or_none(element: ElementTree.Element) -> None:
    form = reads(Form, element)
    if form is not None:
        assert all(each.name for each in form.asked)
