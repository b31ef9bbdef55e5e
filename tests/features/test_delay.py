"""Delayed delivery: when a thing was said is shown; where it stands is another matter."""

from __future__ import annotations

import pytest

from termxmpp.core.message import Message, Route
from termxmpp.features.delay import FEATURE
from termxmpp.xmpp.delay import NS
from tests.support.harness import BOB, Actor


def said(text: str, stamp: str = "", id: str = "m1") -> str:
    delay = f"<delay xmlns='{NS}' stamp='{stamp}' from='example.org'/>" if stamp else ""
    return (
        f"<message from='bob@example.org/desk' type='chat' id='{id}'>{delay}"
        f"<body>{text}</body></message>"
    )


def texts(alice: Actor) -> list[str]:
    entries = alice.client.state.conversation(BOB).entries
    return [entry.text for entry in entries if isinstance(entry, Message)]


def shown(alice: Actor) -> list[str]:
    alice.looks_at(BOB)
    return [line for line in alice.lines() if "Bob" in line]


def test_what_waited_is_shown_with_the_time_when_it_was_said(alice: Actor) -> None:
    alice.receives(said("early", "2026-01-02T09:30:00Z"), said("now"))
    assert shown(alice) == ["09:30 Bob      early", "12:00 Bob      now"]


@pytest.mark.parametrize("stamp", ["2026-01-02T09:30:00Z", "2033-01-01T00:00:00Z"])
def test_clocks_that_lie_reorder_nothing(alice: Actor, stamp: str) -> None:
    """§5: a stamp may be forged. The order is that in which the server tells it."""
    alice.receives(said("one"), said("two", stamp, "m2"), said("three", id="m3"))
    assert texts(alice) == ["one", "two", "three"]


def test_a_copy_that_waited_is_the_message_that_came(alice: Actor) -> None:
    """As when a server that had no word from us keeps it for us, too."""
    alice.receives(said("hello"), said("hello", "2026-01-02T12:00:00Z"))
    assert shown(alice) == ["12:00 Bob      hello"]


def test_what_differs_is_another_message(alice: Actor) -> None:
    """Bots use their ids again."""
    alice.receives(said("hello"), said("hello again", "2026-01-02T12:00:00Z"))
    assert texts(alice) == ["hello", "hello again"]


def test_two_that_waited_are_two(alice: Actor) -> None:
    alice.receives(*[said("ding", "2026-01-02T11:00:00Z")] * 2)
    assert texts(alice) == ["ding", "ding"]


def test_the_first_stamp_counts_that_is_one(alice: Actor) -> None:
    bad = f"<delay xmlns='{NS}' stamp='long ago'/>"
    alice.receives(said("hello", "2026-01-02T09:30:00Z").replace("<delay", f"{bad}<delay", 1))
    [entry] = alice.client.state.conversation(BOB).entries
    assert isinstance(entry, Message)
    assert entry.route is Route.OFFLINE
    assert shown(alice) == ["09:30 Bob      hello"]


def test_it_is_announced() -> None:
    assert NS in FEATURE.namespaces
