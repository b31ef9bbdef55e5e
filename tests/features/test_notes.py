"""Notes about others: kept for oneself, wherever the server keeps such things."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element

import pytest

from termxmpp.xmpp.notes import NS
from termxmpp.xmpp.stanzas import as_text
from tests.support.harness import BOB, Actor

PUBSUB = "http://jabber.org/protocol/pubsub"
PRIVATE = "{jabber:iq:private}query"
STANZAS = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"


class Storage:
    """A server's: what is kept, as XML; `refusal` is what it says to XEP-0049."""

    def __init__(self, refusal: str = "") -> None:
        self.kept = ""
        self.refusal = refusal

    def __call__(self, iq: Element) -> str | None:
        head = f"id='{iq.get('id')}'"
        private = iq.find(PRIVATE)
        if private is not None and self.refusal:
            error = f"<error type='cancel'><{self.refusal} {STANZAS}/></error>"
            return f"<iq type='error' {head}>{error}</iq>"
        if private is not None:
            if iq.get("type") == "set":
                self.kept = as_text(private[0])
                return f"<iq type='result' {head}/>"
            inner = self.kept or f"<storage xmlns='{NS}'/>"
            return f"<iq type='result' {head}><query xmlns='jabber:iq:private'>{inner}</query></iq>"
        item = iq.find(f"{{{PUBSUB}}}pubsub/{{{PUBSUB}}}publish/{{{PUBSUB}}}item")
        if item is not None:
            self.kept = as_text(item[0])
            return f"<iq type='result' {head}/>"
        if f'node="{NS}"' in as_text(iq):
            inner = f"<items node='{NS}'><item id='current'>{self.kept}</item></items>"
            return f"<iq type='result' {head}><pubsub xmlns='{PUBSUB}'>{inner}</pubsub></iq>"
        return None


@pytest.fixture
def make() -> Iterator[Callable[..., tuple[Actor, Storage]]]:
    """Makes an alice who looks at bob, and what her server keeps."""
    made: list[Actor] = []

    def make(refusal: str = "", *announced: str) -> tuple[Actor, Storage]:
        alice, storage = Actor(announced=announced), Storage(refusal)
        alice.answers = storage
        made.append(alice)
        alice.goes_online()
        alice.looks_at(BOB)
        alice.forgets()
        return alice, storage

    yield make
    for actor in made:
        actor.close()


Make = Callable[..., tuple[Actor, Storage]]


def test_a_note_is_kept_told_and_taken_away(make: Make) -> None:
    alice, storage = make()
    alice.types("/info note builds boats")
    assert ">builds boats</note>" in storage.kept
    assert alice.told()[-1] == "That is noted about bob@example.org; nobody else sees it."
    alice.types("/info note")
    assert alice.told()[-1] == "builds boats"
    alice.types('/info note ""')
    alice.types("/info note")
    assert alice.told()[-1] == "Nothing is noted about bob@example.org."


def test_where_there_is_no_private_storage_it_is_published_for_us_alone(make: Make) -> None:
    """XEP-0223."""
    alice, storage = make("service-unavailable", f"{PUBSUB}#publish-options")
    alice.types("/info note builds boats")
    assert ">builds boats</note>" in storage.kept
    [published] = [each for each in alice.sent() if "<publish" in each]
    assert "<value>whitelist</value>" in published
    alice.types("/info note")
    assert alice.told()[-1] == "builds boats"


def test_where_it_would_be_seen_by_others_it_is_not_published(make: Make) -> None:
    alice, storage = make("service-unavailable")
    alice.types("/info note builds boats")
    assert storage.kept == ""
    assert "service-unavailable" in alice.told()[-1]


def test_what_is_not_known_is_not_written_over(make: Make) -> None:
    alice, storage = make("internal-server-error", f"{PUBSUB}#publish-options")
    alice.types("/info note builds boats")
    assert storage.kept == ""
    assert "internal-server-error" in alice.told()[-1]


def test_info_tells_it(make: Make) -> None:
    alice, storage = make()
    alice.types("/info note builds\nboats")
    offline = (
        "<iq type='error' id='{id}' from='{to}'><error type='cancel'>"
        f"<service-unavailable {STANZAS}/></error></iq>"
    )
    alice.answers = lambda iq: (
        storage(iq) or (offline.format(id=iq.get("id"), to=iq.get("to")) if iq.get("to") else None)
    )
    alice.types("/info")
    assert alice.told()[-1] == "Your note about bob@example.org: builds\nboats"


def test_in_the_console_there_is_nobody_to_note_anything_about(alice: Actor) -> None:
    alice.types("/info note hello")
    assert alice.told()[-1] == "This is no conversation: /msg JID opens one."
