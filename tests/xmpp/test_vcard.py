"""vCards on the wire: a few fields of two kinds of card, and what else stands there untouched."""

from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring, tostring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.xmpp.vcard import NS, VCARD4, Field, VCardPayload, fields_of, with_field
from tests.support.rubbish import rubbish

TEMP = f"{{{NS}}}vCard"
FOUR = f"{{{VCARD4}}}vcard"


def temp(inner: str) -> Element:
    return fromstring(f"<vCard xmlns='{NS}'>{inner}</vCard>")


def four(inner: str) -> Element:
    return fromstring(f"<vcard xmlns='{VCARD4}'>{inner}</vcard>")


def test_a_card_of_the_old_kind_is_read() -> None:
    """XEP-0054 §3."""
    card = temp(
        "<FN>Peter</FN><N><FAMILY>S</FAMILY></N><NICKNAME>stpeter</NICKNAME>"
        "<URL>http://a.b/</URL><BDAY>1966-08-06</BDAY>"
        "<ORG><ORGNAME>XSF</ORGNAME><ORGUNIT/></ORG><TITLE>Director</TITLE>"
        "<TEL><WORK/><NUMBER>303</NUMBER></TEL><TEL><HOME/><NUMBER>304</NUMBER></TEL>"
        "<ADR><LOCALITY>Denver</LOCALITY><CTRY>USA</CTRY></ADR>"
        "<EMAIL><USERID>a@b</USERID></EMAIL><DESC> More\nof me. </DESC>"
    )
    assert fields_of(card) == [
        (Field.NAME, "Peter"),
        (Field.NICKNAME, "stpeter"),
        (Field.EMAIL, "a@b"),
        (Field.PHONE, "303"),
        (Field.PHONE, "304"),
        (Field.URL, "http://a.b/"),
        (Field.BIRTHDAY, "1966-08-06"),
        (Field.ORGANISATION, "XSF"),
        (Field.TITLE, "Director"),
        (Field.CITY, "Denver"),
        (Field.COUNTRY, "USA"),
        (Field.NOTE, "More\nof me."),
    ]


def test_a_card_of_the_new_kind_is_read() -> None:
    """XEP-0292 §4.1."""
    card = four(
        "<fn><text>Peter</text></fn><nickname><text>a</text></nickname>"
        "<nickname><text>b</text></nickname><bday><date>1966-08-06</date></bday>"
        "<tel><parameters><type><text>work</text></type></parameters>"
        "<uri>tel:+1-303</uri></tel><adr><locality>Denver</locality></adr>"
    )
    assert fields_of(card) == [
        (Field.NAME, "Peter"),
        (Field.NICKNAME, "a"),
        (Field.NICKNAME, "b"),
        (Field.PHONE, "+1-303"),
        (Field.BIRTHDAY, "1966-08-06"),
        (Field.CITY, "Denver"),
    ]


@pytest.mark.parametrize("is_four", [False, True])
@given(
    st.dictionaries(
        st.sampled_from(Field),
        st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1),
    )
)
def test_what_is_written_is_read(is_four: bool, told: dict[Field, str]) -> None:
    card = None
    for field, value in told.items():
        card = with_field(card, field, value, is_four=is_four)
    assert dict(fields_of(card)) == told
    for field in told:
        card = with_field(card, field, "", is_four=is_four)
    assert card is None or len(card) == 0


def test_what_is_not_meant_stays() -> None:
    card = temp(
        "<PHOTO><BINVAL>AAAA</BINVAL></PHOTO><EMAIL><HOME/><USERID>a@b</USERID></EMAIL>"
        "<EMAIL><WORK/><USERID>c@d</USERID></EMAIL><ORG><ORGNAME>X</ORGNAME><ORGUNIT>Y</ORGUNIT></ORG>"
    )
    before = tostring(card)
    changed = with_field(card, Field.EMAIL, "new@b", is_four=False)
    assert tostring(card) == before
    assert fields_of(changed)[:2] == [(Field.EMAIL, "new@b"), (Field.EMAIL, "c@d")]
    assert changed.findtext(f"{{{NS}}}PHOTO/{{{NS}}}BINVAL") == "AAAA"
    without = with_field(changed, Field.ORGANISATION, "", is_four=False)
    assert without.findtext(f"{{{NS}}}ORG/{{{NS}}}ORGUNIT") == "Y"
    assert without.find(f"{{{NS}}}ORG/{{{NS}}}ORGNAME") is None


def test_taking_out_takes_all() -> None:
    card = four("<nickname><text>a</text></nickname><nickname><text>b</text></nickname>")
    assert fields_of(with_field(card, Field.NICKNAME, "", is_four=True)) == []


def test_what_xml_can_not_hold_is_replaced() -> None:
    assert fields_of(with_field(None, Field.NAME, "a\x00b", is_four=False)) == [
        (Field.NAME, "a\ufffdb")
    ]


@pytest.mark.parametrize("card", [None, Element("other"), Element(TEMP), Element(FOUR)])
def test_what_tells_nothing_tells_nothing(card: Element | None) -> None:
    assert fields_of(card) == []


def test_a_question_is_an_empty_card() -> None:
    assert tostring(VCardPayload().as_xml()) == tostring(temp(""))


OLD = [f"{{{NS}}}{name}" for name in ("FN", "EMAIL", "USERID", "ORG", "ORGNAME", "TEL")]
NEW = [f"{{{VCARD4}}}{name}" for name in ("fn", "text", "tel", "uri", "bday", "date")]


@given(rubbish(TEMP, [], OLD) | rubbish(FOUR, [], NEW), st.sampled_from(Field))
def test_rubbish_is_read_and_can_be_changed(card: Element, field: Field) -> None:
    is_four = card.tag == FOUR
    assert all(len(value) <= 2000 for _, value in fields_of(card))
    assert (field, "new") in fields_of(with_field(card, field, "new", is_four=is_four))
    assert field not in dict(fields_of(with_field(card, field, "", is_four=is_four)))
