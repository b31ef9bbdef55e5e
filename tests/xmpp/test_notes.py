"""XEP-0145 on the wire: one note is changed, and all others stay as they are."""

from __future__ import annotations

from datetime import timedelta
from xml.etree.ElementTree import Element, fromstring, tostring

import pytest
from hypothesis import given

from termxmpp.core.jid import Jid
from termxmpp.xmpp.notes import NS, STORAGE, note_in, with_note
from tests.support.harness import BOB, CAROL, NOON
from tests.support.rubbish import rubbish

KEPT = fromstring(
    f"<storage xmlns='{NS}'>"
    "<note jid='Bob@Example.org' cdate='2004-09-24T15:23:21Z'> builds </note>"
    "<note jid='@@'>?</note><note>!</note><note jid='carol@example.org' x='y'>sings</note>"
    "<other/></storage>"
)


@pytest.mark.parametrize(("jid", "text"), [(BOB, "builds"), (CAROL, "sings"), (Jid("a", "b"), "")])
def test_a_note_is_found_by_its_address(jid: Jid, text: str) -> None:
    assert note_in(KEPT, jid) == text
    assert note_in(None, jid) == ""


def test_a_note_is_changed_and_the_others_stay() -> None:
    before = tostring(KEPT)
    changed = with_note(KEPT, BOB, "builds\x00 boats", NOON)
    assert tostring(KEPT) == before
    assert note_in(changed, BOB) == "builds\ufffd boats"
    assert changed[0].attrib == {
        "jid": "Bob@Example.org",
        "cdate": "2004-09-24T15:23:21Z",
        "mdate": "2026-01-02T12:00:00Z",
    }
    assert [tostring(each) for each in changed][1:] == [tostring(each) for each in KEPT][1:]


def test_a_note_is_new_or_gone() -> None:
    made = with_note(None, BOB, "hello", NOON)
    later = with_note(made, BOB, "bye", NOON + timedelta(days=1))
    assert later[0].attrib == {
        "jid": "bob@example.org",
        "cdate": "2026-01-02T12:00:00Z",
        "mdate": "2026-01-03T12:00:00Z",
    }
    assert len(with_note(later, BOB, "", NOON)) == 0
    assert len(with_note(None, BOB, "", NOON)) == 0


@given(rubbish(STORAGE, ["jid", "cdate"], [f"{{{NS}}}note"]))
def test_rubbish_holds_a_note_none_the_less(storage: Element) -> None:
    assert note_in(with_note(storage, BOB, "hello", NOON), BOB) == "hello"
