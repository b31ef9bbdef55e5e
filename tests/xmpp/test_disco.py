"""XEP-0030 and the hash of XEP-0115: what is said of us, in one order for everybody."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core.capabilities import Capabilities
from termxmpp.core.jid import Jid
from termxmpp.xmpp.disco import (
    ITEMS_NS,
    NS,
    OURSELVES,
    DiscoItem,
    DiscoItemsPayload,
    DiscoPayload,
    Identity,
)
from termxmpp.xmpp.forms import Field, Form
from tests.support.rubbish import reads, rubbish

TAG = f"{{{NS}}}query"
CHILDREN = (f"{{{NS}}}identity", f"{{{NS}}}feature")

words = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=9)
payloads = st.builds(
    DiscoPayload,
    st.lists(
        st.builds(Identity, words, words, words | st.just(""), words | st.just("")), max_size=3
    ).map(tuple),
    st.lists(words, max_size=5).map(tuple),
    words | st.just(""),
    st.sampled_from([(), (Form("result", (Field("FORM_TYPE", "hidden", ("urn:x",)),)),)]),
)
items = st.builds(
    DiscoItem, st.sampled_from([Jid("a", "b"), Jid("", "c.d")]), words | st.just(""), words
)


@given(payloads)
def test_what_is_written_is_read(payload: DiscoPayload) -> None:
    assert DiscoPayload.from_xml(payload.as_xml()) == payload


@given(st.builds(DiscoItemsPayload, st.lists(items, max_size=3).map(tuple), words | st.just("")))
def test_what_belongs_to_it_is_read_as_it_is_written(payload: DiscoItemsPayload) -> None:
    assert DiscoItemsPayload.from_xml(payload.as_xml()) == payload


def test_what_a_form_tells_is_found_by_its_kind() -> None:
    """XEP-0128, XEP-0068."""
    form = Form("result", (Field("FORM_TYPE", "hidden", ("urn:x",)), Field("a", values=("1", "2"))))
    found = DiscoPayload(forms=(form,))
    assert found.values("urn:x")["a"] == ("1", "2")
    assert found.values("urn:y") == {}


def test_the_hash_is_that_of_the_example() -> None:
    """XEP-0115 §5.2."""
    exodus = DiscoPayload(
        (Identity("client", "pc", "Exodus 0.9.1"),),
        (
            "http://jabber.org/protocol/muc",
            "http://jabber.org/protocol/disco#items",
            "http://jabber.org/protocol/disco#info",
            "http://jabber.org/protocol/caps",
        ),
    )
    assert exodus.verification == "QgayPKawpkPSDYmwT/WM94uAlu0="


COMPLEX = """
<query xmlns='http://jabber.org/protocol/disco#info'>
  <identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>
  <identity xml:lang='el' category='client' name='\u03a8 0.11' type='pc'/>
  <feature var='http://jabber.org/protocol/caps'/>
  <feature var='http://jabber.org/protocol/disco#info'/>
  <feature var='http://jabber.org/protocol/disco#items'/>
  <feature var='http://jabber.org/protocol/muc'/>
  <x xmlns='jabber:x:data' type='result'>
    <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:dataforms:softwareinfo</value></field>
    <field var='ip_version' type='text-multi'><value>ipv4</value><value>ipv6</value></field>
    <field var='os'><value>Mac</value></field>
    <field var='os_version'><value>10.5.1</value></field>
    <field var='software'><value>Psi</value></field>
    <field var='software_version'><value>0.11</value></field>
  </x>{more}
</query>
"""
PSI = Capabilities("http://psi-im.org", "q07IKJEyjvHSyhy//CH0CxmKi8w=", "sha-1")


def complex_one(more: str = "") -> DiscoPayload:
    return DiscoPayload.from_xml(fromstring(COMPLEX.format(more=more)))


def test_languages_and_forms_are_a_part_of_the_hash() -> None:
    """XEP-0115 §5.3."""
    assert complex_one().verification == PSI.verification
    assert complex_one().proves(PSI)


@pytest.mark.parametrize("hash", ["sha-256", "md5", "", "shake_128"])
def test_another_hash_proves_nothing(hash: str) -> None:
    assert not complex_one().proves(replace(PSI, hash=hash))


@pytest.mark.parametrize(
    "more",
    [
        "<feature var='http://jabber.org/protocol/muc'/>",
        "<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>",
        "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'>"
        "<value>urn:xmpp:dataforms:softwareinfo</value></field></x>",
        "<feature var='urn:more'/>",
    ],
)
def test_what_is_there_twice_or_too_much_proves_nothing(more: str) -> None:
    """XEP-0115 §5.4."""
    assert not complex_one(more).proves(PSI)


def test_a_form_of_no_kind_is_ignored() -> None:
    more = "<x xmlns='jabber:x:data' type='result'><field var='a'><value>b</value></field></x>"
    assert complex_one(more).proves(PSI)


def test_what_begins_like_another_stands_behind_it() -> None:
    """Sorted are the features, not the string that is made of them (§5.1): `+` is before `<`.

    Else servers would not find in it which notices of PEP we want. The hash is that of
    `client/pc//x<urn:x<urn:x+notify<`.
    """
    payload = DiscoPayload((Identity("client", "pc", "x"),), ("urn:x+notify", "urn:x"))
    assert payload.verification == "1s+9CQiEO4tIvPZoULnxwRq4UlM="


@given(payloads, st.randoms())
def test_the_hash_knows_no_order(payload: DiscoPayload, chance: Random) -> None:
    features = list(payload.namespaces)
    chance.shuffle(features)
    shuffled = replace(payload, namespaces=tuple(features))
    assert shuffled.verification == payload.verification


@pytest.mark.parametrize("attribute", ["var", "other"])
def test_a_feature_without_a_name_is_none(attribute: str) -> None:
    query = Element(TAG)
    query.append(Element(CHILDREN[1], {attribute: "" if attribute == "var" else "urn:x"}))
    assert DiscoPayload.from_xml(query).namespaces == ()


def test_we_are_a_client_in_a_terminal() -> None:
    assert (OURSELVES.category, OURSELVES.type) == ("client", "console")


@given(rubbish(TAG, ("node", "var", "category", "type", "name"), CHILDREN))
def test_rubbish_is_read_as_what_it_holds(element: Element) -> None:
    payload = reads(DiscoPayload, element)
    assert payload is not None
    assert all(payload.namespaces)


@given(rubbish(f"{{{ITEMS_NS}}}query", ("jid", "node", "name"), (f"{{{ITEMS_NS}}}item",)))
def test_rubbish_has_nothing_without_an_address(element: Element) -> None:
    payload = reads(DiscoItemsPayload, element)
    assert payload is not None
    assert all(each.jid.domain for each in payload.items)
