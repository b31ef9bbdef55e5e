"""Data forms: read leniently, answered strictly."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from termxmpp.errors import DataError
from termxmpp.xmpp.forms import Field, Form, Option
from termxmpp.xmpp.stanzas import as_text

NS = "jabber:x:data"


def read(inside: str, kind: str = "form") -> Form:
    return Form.from_xml(ElementTree.fromstring(f"<x xmlns='{NS}' type='{kind}'>{inside}</x>"))


def test_a_form_is_read_with_all_that_it_says() -> None:
    form = read(
        "<title>Sign up</title><instructions>One</instructions><instructions>Two</instructions>"
        "<field var='FORM_TYPE' type='hidden'><value>urn:x</value></field>"
        "<field type='fixed'><value>Yourself</value></field>"
        "<field var='name' label='Name'><desc>Any</desc><required/><value>al</value></field>"
        "<field var='kind' type='list-single'>"
        "<option label='A'><value>a</value></option><option><value>b</value></option></field>"
        "<field var='ocr' type='text-single'><media xmlns='urn:xmpp:media-element'>"
        "<uri type='image/png'>https://example.org/c.png</uri></media></field>"
    )
    assert form.title == "Sign up"
    assert form.instructions == ("One", "Two")
    assert form.form_type == "urn:x"
    assert form.asked == (
        Field("name", values=("al",), label="Name", description="Any", is_required=True),
        Field("kind", "list-single", options=(Option("a", "A"), Option("b"))),
        Field("ocr", media=("https://example.org/c.png",)),
    )


def test_what_is_submitted_are_hidden_values_those_given_and_those_that_were_there() -> None:
    form = read(
        "<field var='FORM_TYPE' type='hidden'><value>urn:x</value></field>"
        "<field type='fixed' var='f'><value>Yourself</value></field>"
        "<field var='a'><value>kept</value></field><field var='b'><value>old</value></field>"
        "<field var='c'/>"
    )
    assert as_text(form.answered({"b": ["new"]}).as_xml()) == (
        f'<x type="submit"  xmlns="{NS}">'
        '<field var="FORM_TYPE" type="hidden"><value>urn:x</value></field>'
        '<field var="a"><value>kept</value></field><field var="b"><value>new</value></field></x>'
    )


@pytest.mark.parametrize(
    ("asked", "given", "sent"),
    [
        (Field("x", "boolean"), ["true"], ("1",)),
        (Field("x", "boolean"), ["0"], ("0",)),
        (Field("x", "jid-single"), ["Bob@Example.ORG"], ("bob@example.org",)),
        (Field("x", "jid-multi"), ["a@b", "", "c@d"], ("a@b", "c@d")),
        (Field("x", "text-multi"), ["one", "", "two"], ("one", "", "two")),
        (Field("x", "list-multi", options=(Option("a"), Option("b"))), ["a", "b"], ("a", "b")),
        (Field("x", "text-private"), [" p w "], (" p w ",)),
        (Field("x"), [""], ()),
    ],
)
def test_values_are_sent_as_the_type_of_the_field_has_them(
    asked: Field, given: list[str], sent: tuple[str, ...]
) -> None:
    assert asked.checked(given).values == sent


@pytest.mark.parametrize(
    ("asked", "given", "words"),
    [
        (Field("x", label="Name", is_required=True), [""], "Name must be filled in"),
        (Field("x", "text-multi", is_required=True), ["", ""], "x must be filled in"),
        (Field("x"), ["a", "b"], "one value only"),
        (Field("x", "boolean"), ["maybe"], "true or false"),
        (Field("x", "jid-single"), ["@"], "no XMPP address"),
        (Field("x", "list-single", options=(Option("a"), Option("b"))), ["c"], "a, b"),
    ],
)
def test_what_the_field_does_not_allow_is_told(asked: Field, given: list[str], words: str) -> None:
    with pytest.raises(DataError, match=words):
        asked.checked(given)


def test_a_name_that_is_not_asked_for_is_an_error() -> None:
    with pytest.raises(DataError, match="does not ask for nobody"):
        read("<field var='a'/>").answered({"nobody": ["x"]})


def test_a_table_has_columns_and_rows() -> None:
    form = read(
        "<reported><field var='jid' type='jid-single' label='Address'/></reported>"
        "<item><field var='jid'><value>a@b</value></field></item>"
        "<item><field var='jid'><value>c@d</value></field></item>",
        "result",
    )
    assert form.reported == (Field("jid", "jid-single", label="Address"),)
    assert [row[0].value for row in form.items] == ["a@b", "c@d"]
    assert Form.from_xml(form.as_xml()) == form


def test_a_form_that_is_written_is_read_as_the_same() -> None:
    options = (Option("a", "A"), Option("b"))
    fields = (
        Field("FORM_TYPE", "hidden", ("urn:x",)),
        Field("k", "list-single", ("a",), "Kind", "Which", True, options),
    )
    form = Form("form", fields, "Title", ("Do",))
    assert Form.from_xml(form.as_xml()) == form


@pytest.mark.parametrize(
    ("rubbish", "read_as"),
    [
        ("<field/>", Field("")),
        ("<field var='x' type='text-colour'/>", Field("x")),
        ("<field var='x'><value/></field>", Field("x", values=("",))),
        (
            "<field var='x' type='list-single'><option/></field>",
            Field("x", "list-single", options=(Option(""),)),
        ),
        ("<field var='FORM_TYPE'><value>y</value></field>", Field("FORM_TYPE", "hidden", ("y",))),
    ],
)
def test_rubbish_is_read_as_what_it_may_mean(rubbish: str, read_as: Field) -> None:
    assert read(rubbish).fields == (read_as,)


def test_a_form_of_no_known_type_is_none() -> None:
    with pytest.raises(ValueError, match="unknown type"):
        read("", "poem")
