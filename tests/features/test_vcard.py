"""vCards: what others say of themselves, and what we say."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, fromstring

import pytest

from termxmpp.core.jid import Jid
from termxmpp.xmpp.stanzas import as_text
from termxmpp.xmpp.vcard import NS, VCARD4, VCARD4_NODE
from tests.support.harness import BOB, Actor
from tests.support.rooms import CLUB, announces, enters

PUBSUB = "http://jabber.org/protocol/pubsub"
STANZAS = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"


class Cards:
    """A server that keeps cards: XML by who is asked (empty: the account), or an error."""

    def __init__(self) -> None:
        self.temp: dict[str, str] = {}
        self.four: dict[str, str] = {}

    def __call__(self, iq: Element) -> str | None:
        to = iq.get("to") or ""
        head = f"id='{iq.get('id')}'" + (f" from='{to}'" if to else "")
        if iq.get("type") == "set":
            if "<query" in as_text(iq):
                return None
            card = iq.find(f"{{{NS}}}vCard")
            if card is not None:
                self.temp[to] = as_text(card)
            item = iq.find(f"{{{PUBSUB}}}pubsub/{{{PUBSUB}}}publish/{{{PUBSUB}}}item")
            if item is not None:
                self.four[to] = as_text(item[0])
            return f"<iq type='result' {head}/>"
        if iq.find(f"{{{NS}}}vCard") is not None:
            return self._answer(head, self.temp.get(to, "item-not-found"), "{}")
        if VCARD4_NODE in as_text(iq):
            items = f"<items node='{VCARD4_NODE}'><item id='one'>{{}}</item></items>"
            whole = f"<pubsub xmlns='{PUBSUB}'>{items}</pubsub>"
            return self._answer(head, self.four.get(to, "item-not-found"), whole)
        return None

    def _answer(self, head: str, what: str, around: str) -> str:
        if what.startswith("<") or not what:
            return f"<iq type='result' {head}>{around.format(what)}</iq>"
        error = f"<error type='cancel'><{what} {STANZAS}/></error>"
        return f"<iq type='error' {head}>{error}</iq>"


def temp(inner: str) -> str:
    return f"<vCard xmlns='{NS}'>{inner}</vCard>"


def four(inner: str) -> str:
    return f"<vcard xmlns='{VCARD4}'>{inner}</vcard>"


@pytest.fixture
def cards() -> Cards:
    return Cards()


@pytest.fixture
def alice(cards: Cards) -> Iterator[Actor]:
    """alice, whose server keeps cards of both kinds."""
    actor = Actor(announced=(NS, f"{PUBSUB}#publish"))
    actor.answers = cards
    actor.goes_online()
    actor.forgets()
    yield actor
    actor.close()


def test_both_kinds_are_read_as_one(alice: Actor, cards: Cards) -> None:
    cards.temp["bob@example.org"] = temp("<FN>Bob B</FN><DESC>old words</DESC>")
    cards.four["bob@example.org"] = four(
        "<fn><text>Bob B</text></fn><url><uri>http://b</uri></url>"
    )
    alice.types("/vcard bob@example.org/desk")
    assert alice.told()[-1].split("\n") == [
        "bob@example.org:",
        "name  Bob B",
        "url   http://b",
        "note  old words",
    ]


def test_without_an_address_it_is_the_peers_or_our_own(alice: Actor, cards: Cards) -> None:
    cards.temp["alice@example.org"] = temp("<FN>Alice</FN>")
    cards.temp["bob@example.org"] = temp("<FN>Bob</FN>")
    alice.types("/vcard")
    assert alice.told()[-1].split("\n") == ["alice@example.org:", "name  Alice"]
    alice.looks_at(BOB)
    alice.types("/vcard")
    assert alice.told()[-1].split("\n") == ["bob@example.org:", "name  Bob"]


@pytest.mark.parametrize("what", ["item-not-found", "forbidden", "", temp(""), "<x xmlns='y'/>"])
def test_who_says_nothing_is_told_as_such(alice: Actor, cards: Cards, what: str) -> None:
    cards.temp["bob@example.org"] = cards.four["bob@example.org"] = what
    alice.types("/vcard bob@example.org")
    assert alice.told()[-1] == "bob@example.org says nothing of itself, or not to you."


def test_an_occupant_is_asked_by_the_room(alice: Actor, cards: Cards) -> None:
    """XEP-0045 §17.4; a room passes on no PEP."""
    announces(alice)
    enters(alice, "bob")
    alice.forgets()
    cards.temp[f"{CLUB}/bob"] = temp("<FN>Bob of the club</FN>")
    alice.types(f"/vcard {CLUB}/bob")
    assert [stanza for stanza in alice.sent() if "pubsub" in stanza] == []
    assert alice.told()[-1].split("\n")[1] == "name  Bob of the club"


def test_lines_of_others_do_not_pass_for_ours(alice: Actor, cards: Cards) -> None:
    cards.temp["bob@example.org"] = temp("<FN>a&#10;note  x</FN><DESC>\u202eevil</DESC>")
    alice.types("/vcard bob@example.org")
    assert alice.told()[-1].split("\n")[1:] == ["name  a␤note  x", "note  ⟦RLO⟧evil"]


def test_our_own_is_changed_and_the_rest_of_it_stays(alice: Actor, cards: Cards) -> None:
    cards.temp[""] = temp("<FN>Old</FN><PHOTO><BINVAL>AAAA</BINVAL></PHOTO>")
    cards.four[""] = four("<fn><text>Old</text></fn><note><text>x</text></note>")
    alice.types("/vcard set name Alice in Wonderland")
    assert "<FN>Alice in Wonderland</FN>" in cards.temp[""]
    assert "<BINVAL>AAAA</BINVAL>" in cards.temp[""]
    assert "<text>Alice in Wonderland</text>" in cards.four[""]
    assert "<text>x</text>" in cards.four[""]
    assert alice.told()[-1] == "Your vCard tells Alice in Wonderland as name now."


def test_a_field_is_taken_out(alice: Actor, cards: Cards) -> None:
    cards.temp[""] = temp("<FN>A</FN><TEL><NUMBER>1</NUMBER></TEL><TEL><NUMBER>2</NUMBER></TEL>")
    alice.types("/vcard set phone")
    assert fromstring(cards.temp[""]).find(f"{{{NS}}}TEL") is None
    assert alice.told()[-1] == "Your vCard does not tell any phone now."


def test_who_has_none_gets_one_of_the_kind_that_all_know(alice: Actor, cards: Cards) -> None:
    alice.types("/vcard set email a@b.example")
    assert "><EMAIL><USERID>a@b.example</USERID></EMAIL></vCard>" in cards.temp[""]
    assert cards.four == {}


def test_where_there_is_no_other_it_is_published() -> None:
    actor, cards = Actor(announced=(f"{PUBSUB}#publish",)), Cards()
    try:
        actor.answers = cards
        actor.goes_online()
        actor.types("/vcard set url https://a.example/")
        assert "<uri>https://a.example/</uri>" in cards.four[""]
        assert cards.temp == {}
    finally:
        actor.close()


def test_what_the_server_has_made_of_the_one_is_not_published_again(
    alice: Actor, cards: Cards
) -> None:
    cards.four[""] = four("<fn><text>Alice</text></fn>")
    alice.types("/vcard set name Alice")
    assert not [stanza for stanza in alice.sent() if "<publish" in stanza]


@pytest.mark.parametrize("kind", ["temp", "four"])
def test_what_is_not_known_is_not_written_over(alice: Actor, cards: Cards, kind: str) -> None:
    """Else a slow server would cost the whole card."""
    getattr(cards, kind)[""] = "internal-server-error"
    alice.types("/vcard set name Alice")
    assert "internal-server-error" in alice.told()[-1]
    assert getattr(cards, kind)[""] == "internal-server-error"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/vcard set shoe 43", "Usage: /vcard set"),
        ("/vcard @", "'@' is no XMPP address"),
    ],
)
def test_what_is_no_field_is_refused(alice: Actor, line: str, words: str) -> None:
    alice.types(line)
    assert words in alice.told()[-1]
    assert alice.sent() == []


def test_a_server_that_keeps_none_is_told_of() -> None:
    actor = Actor()
    try:
        actor.goes_online()
        actor.sent()
        actor.types("/vcard set name Alice")
        assert actor.told()[-1].startswith("Your server keeps no vCards")
        assert actor.sent() == []
    finally:
        actor.close()


def test_fields_are_offered(alice: Actor) -> None:
    line = "/vcard set ni"
    assert [each.text for each in alice.workspace.complete(line, len(line))] == ["nickname"]


def test_a_server_has_one_too(alice: Actor, cards: Cards) -> None:
    cards.temp[str(Jid("", "example.org"))] = temp("<FN>The house</FN>")
    alice.types("/vcard example.org")
    assert alice.told()[-1].split("\n") == ["example.org:", "name  The house"]
