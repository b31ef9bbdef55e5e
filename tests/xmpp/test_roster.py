"""The roster's wire form: RFC 6121 §2.1, and versions (§2.6)."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core.jid import Jid
from termxmpp.core.roster import Contact
from termxmpp.xmpp.roster import NS, RosterPayload
from tests.support.harness import BOB, CAROL
from tests.support.rubbish import reads, rubbish

TAG = f"{{{NS}}}query"

words = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=9)


def roster(inner: str, attributes: str = "") -> RosterPayload:
    return RosterPayload.from_xml(
        ElementTree.fromstring(f"<query xmlns='{NS}' {attributes}>{inner}</query>")
    )


@given(
    st.lists(
        st.builds(
            Contact, st.just(BOB), words | st.just(""), st.lists(words, unique=True).map(tuple)
        ),
        max_size=3,
    ),
    st.lists(st.just(CAROL), max_size=1),
    st.none() | words | st.just(""),
)
def test_what_is_written_is_read(
    contacts: list[Contact], removed: list[Jid], version: str | None
) -> None:
    payload = RosterPayload(tuple(contacts), tuple(removed), version)
    assert RosterPayload.from_xml(payload.as_xml()) == payload


def test_what_only_the_server_may_say_is_not_written() -> None:
    """§2.1.2: subscription and ask are its own."""
    [item] = RosterPayload((Contact(BOB, "Bob", (), "both", True),)).as_xml()
    assert item.attrib == {"jid": "bob@example.org", "name": "Bob"}


@pytest.mark.parametrize(
    ("item", "contact"),
    [
        ("<item jid='bob@example.org'/>", Contact(BOB)),
        ("<item jid='Bob@Example.org' subscription='from'/>", Contact(BOB, subscription="from")),
        (
            "<item jid='bob@example.org' subscription='none' ask='subscribe'/>",
            Contact(BOB, is_asked=True),
        ),
        (
            "<item jid='bob@example.org' subscription='none' approved='true'/>",
            Contact(BOB, is_approved=True),
        ),
        ("<item jid='bob@example.org' subscription='all' ask='me'/>", Contact(BOB)),
        (
            "<item jid='bob@example.org'><group>A</group><group/><group>B</group>"
            "<group>A</group></item>",
            Contact(BOB, groups=("A", "B")),
        ),
    ],
)
def test_an_item_is_a_contact(item: str, contact: Contact) -> None:
    assert roster(item) == RosterPayload((contact,))


def test_an_item_may_be_one_that_is_no_more() -> None:
    assert roster("<item jid='bob@example.org' subscription='remove'/>") == RosterPayload(
        removed=(BOB,)
    )


@pytest.mark.parametrize(("attributes", "version"), [("", None), ("ver=''", ""), ("ver='7'", "7")])
def test_no_version_is_another_thing_than_an_empty_one(
    attributes: str, version: str | None
) -> None:
    """§2.6.2: an empty one says that versions are understood and none is known."""
    assert roster("", attributes).version == version


@given(
    rubbish(TAG, ("ver", "jid", "name", "subscription", "ask"), [f"{{{NS}}}item", f"{{{NS}}}group"])
)
def test_rubbish_costs_only_itself(element: Element) -> None:
    element.append(Element(f"{{{NS}}}item", {"jid": "bob@example.org"}))
    payload = reads(RosterPayload, element)
    assert payload is not None
    assert BOB in [contact.jid for contact in payload.contacts]
