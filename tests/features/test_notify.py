"""What is told of which conversation: kept, and shared where a room has a bookmark."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

from termxmpp.core.telling import FOREVER, Rule
from termxmpp.xmpp.pubsub import PUBLISH_OPTIONS
from termxmpp.xmpp.stanzas import as_text
from tests.support.harness import BOB, Actor
from tests.support.rooms import CLUB, announces, enters

PUBSUB = "http://jabber.org/protocol/pubsub"
SETTINGS = "urn:xmpp:notification-settings:1"


def bookmark(inside: str) -> str:
    return (
        f"<item id='{CLUB}'><conference xmlns='urn:xmpp:bookmarks:1'><extensions>"
        f"<mine xmlns='urn:other'/>{inside}</extensions></conference></item>"
    )


class Bookmarks:
    """The node at the server: `items` are answered to who asks, `published` what came."""

    def __init__(self, items: str = "") -> None:
        self.items = items
        self.published: list[str] = []

    def answer(self, element: Element) -> str | None:
        text, id = as_text(element), element.get("id")
        if "urn:xmpp:bookmarks:1" not in text or PUBSUB not in text:
            return None
        if element.get("type") == "set":
            self.published.append(text)
            return f"<iq type='result' id='{id}'/>"
        return (
            f"<iq type='result' id='{id}'><pubsub xmlns='{PUBSUB}'>"
            f"<items node='urn:xmpp:bookmarks:1'>{self.items}</items></pubsub></iq>"
        )


def push(item: str, sender: str = "alice@example.org") -> str:
    return (
        f"<message from='{sender}' type='headline'><event xmlns='{PUBSUB}#event'>"
        f"<items node='urn:xmpp:bookmarks:1'>{item}</items></event></message>"
    )


def in_the_club(node: Bookmarks) -> Actor:
    actor = Actor(None, (PUBLISH_OPTIONS,))
    announces(actor)
    room = actor.answers
    actor.answers = lambda element: node.answer(element) or room(element)
    actor.goes_online()
    enters(actor, "bob")
    return actor


def test_a_rule_goes_into_the_bookmark_that_is_there_and_leaves_the_rest() -> None:
    node = Bookmarks(bookmark(""))
    alice = in_the_club(node)
    alice.looks_at(CLUB)
    alice.types("/notify none")
    [published] = node.published
    assert SETTINGS in published
    assert "never" in published
    assert "urn:other" in published
    assert not alice.client.state.telling_of(CLUB).is_due
    alice.close()


def test_no_bookmark_is_made() -> None:
    node = Bookmarks()
    alice = in_the_club(node)
    alice.looks_at(CLUB)
    alice.types("/notify all")
    assert node.published == []
    assert alice.client.state.telling_of(CLUB).rule is Rule.ALL
    alice.close()


def test_what_another_device_sets_holds_and_what_others_send_does_not() -> None:
    alice = in_the_club(Bookmarks())
    item = bookmark(f"<notify xmlns='{SETTINGS}'><never/></notify>")
    alice.receives(push(item, "mallory@example.org"))
    assert alice.client.state.telling_of(CLUB).rule is None
    alice.receives(push(item))
    assert alice.client.state.telling_of(CLUB).rule is Rule.NONE
    alice.close()


def test_it_is_kept_over_a_restart(tmp_path: Path) -> None:
    alice = Actor(tmp_path)
    alice.looks_at(BOB)
    alice.types("/notify mentions")
    alice.types("/mute")
    alice.close()
    again = Actor(tmp_path)
    telling = again.client.state.telling_of(BOB)
    assert (telling.rule, telling.muted_until) == (Rule.MENTIONS, FOREVER)
    again.close()


def test_what_is_no_duration_is_refused(alice: Actor) -> None:
    alice.looks_at(BOB)
    for words in ("2", "h2", "2x", "0s", "99999w", "-1h"):
        alice.types(f"/mute {words}")
        assert alice.client.state.telling_of(BOB).muted_until is None
