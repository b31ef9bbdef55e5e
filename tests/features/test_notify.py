"""What is told of which conversation: kept, and shared where a room has a bookmark."""

from __future__ import annotations

from pathlib import Path

from termxmpp.core.events import RoomRestored
from termxmpp.core.telling import FOREVER, Rule
from termxmpp.xmpp.pubsub import PUBLISH_OPTIONS
from tests.support.bookmarks import NODE, Node, bookmark, push
from tests.support.harness import BOB, Actor
from tests.support.rooms import CLUB, announces, here, subject

SETTINGS = "urn:xmpp:notification-settings:1"


def in_the_club(inside: str = "") -> tuple[Actor, Node]:
    """alice in a room whose bookmark has `inside` among its extensions."""
    actor = Actor(None, (PUBLISH_OPTIONS,))
    announces(actor)
    extensions = f"<extensions><mine xmlns='urn:other'/>{inside}</extensions>"
    node = Node(actor, club=bookmark(extensions))
    actor.goes_online()
    actor.receives(here("alice", 110), subject())
    return actor, node


def test_a_rule_goes_into_the_bookmark_that_is_there_and_leaves_the_rest() -> None:
    alice, node = in_the_club()
    alice.looks_at(CLUB)
    alice.types("/notify none")
    [published] = node.published
    assert SETTINGS in published
    assert "never" in published
    assert "urn:other" in published
    assert 'autojoin="true"' in published
    assert not alice.client.state.telling_of(CLUB).is_due
    alice.close()


def test_no_bookmark_is_made_for_it() -> None:
    alice, node = in_the_club()
    alice.looks_at(CLUB)
    alice.types("/bookmark remove")
    alice.types("/notify all")
    assert node.published == []
    assert alice.client.state.telling_of(CLUB).rule is Rule.ALL
    alice.close()


def test_a_rule_that_was_set_before_goes_into_the_bookmark_that_is_made() -> None:
    alice, node = in_the_club()
    alice.looks_at(CLUB)
    alice.types("/bookmark remove")
    alice.types("/notify all")
    alice.types("/bookmark add")
    assert "always" in node.published[-1]
    alice.close()


def test_what_another_device_sets_holds_and_what_others_send_does_not() -> None:
    alice, __ = in_the_club()
    item = bookmark(f"<extensions><notify xmlns='{SETTINGS}'><never/></notify></extensions>")
    alice.receives(push(item, "mallory@example.org"))
    assert alice.client.state.telling_of(CLUB).rule is None
    alice.receives(push(item))
    assert alice.client.state.telling_of(CLUB).rule is Rule.NONE
    alice.close()


def at_log_in(*announced: str, set_here: str = "") -> Actor:
    """alice, away until now, whose bookmark has been given a rule; `sent()` is what she asks."""
    actor = Actor(None, announced)
    announces(actor)
    rule = f"<extensions><notify xmlns='{SETTINGS}'><never/></notify></extensions>"
    Node(actor, club=bookmark(rule, autojoin=False))
    if set_here:
        actor.client.emit(RoomRestored(CLUB, "alice", is_wanted=False))
        actor.looks_at(CLUB)
        actor.types(set_here)
    actor.goes_online()
    return actor


def fetches(actor: Actor) -> list[str]:
    return [xml for xml in actor.sent() if f'node="{NODE}"' in xml and 'type="get"' in xml]


def test_what_was_set_elsewhere_meanwhile_holds_and_the_node_is_fetched_once() -> None:
    alice = at_log_in(PUBLISH_OPTIONS)
    assert alice.client.state.telling_of(CLUB).rule is Rule.NONE
    assert len(fetches(alice)) == 1
    alice.close()


def test_where_bookmarks_are_kept_elsewhere_the_node_is_read_too() -> None:
    alice = at_log_in(PUBLISH_OPTIONS, "jabber:iq:private")
    assert alice.client.state.telling_of(CLUB).rule is Rule.NONE
    assert len(fetches(alice)) == 1
    assert not alice.client.state.bookmarks
    alice.close()


def test_what_was_set_here_meanwhile_goes_there() -> None:
    alice = at_log_in(PUBLISH_OPTIONS, set_here="/notify all")
    telling = alice.client.state.telling_of(CLUB)
    assert (telling.rule, telling.is_due) == (Rule.ALL, False)
    alice.close()


def test_what_has_arrived_there_already_is_due_no_longer() -> None:
    alice = at_log_in(PUBLISH_OPTIONS, set_here="/notify none")
    telling = alice.client.state.telling_of(CLUB)
    assert (telling.rule, telling.is_due) == (Rule.NONE, False)
    assert len(fetches(alice)) == 1
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
