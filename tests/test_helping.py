"""Help: what matters where one is, and everything, derived from the tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from termxmpp.core.text import width
from termxmpp.workspace import WORKSPACE_COMMANDS
from tests.support.drawn import Drawn
from tests.support.harness import BOB, Actor
from tests.support.rooms import announces, enters

F1 = "\x1bOP"


@pytest.fixture
def drawn(alice: Actor) -> Iterator[Drawn]:
    with closing(Drawn(alice, 80, 24)) as made:
        made.shows("online")
        yield made


def test_the_key_tells_what_matters_in_a_console(alice: Actor, drawn: Drawn) -> None:
    drawn.types(F1)
    drawn.shows("More: f1 once more")
    told = alice.told()[-1]
    assert told.startswith("In the console of an account:")
    assert "/account add JID" in told
    assert "alt-a" in told
    assert "/who" not in told


def test_the_key_tells_what_matters_in_a_conversation(alice: Actor, drawn: Drawn) -> None:
    alice.looks_at(BOB)
    drawn.types(F1)
    drawn.shows("More: f1 once more")
    told = alice.told()[-1]
    assert told.startswith("In a conversation:")
    assert "send what is written" in told
    assert "/search [WORDS]" in told
    assert "/who" not in told


def test_the_key_tells_what_matters_in_a_room(alice: Actor, drawn: Drawn) -> None:
    announces(alice)
    enters(alice, "bob")
    drawn.types(F1)
    drawn.redraws()
    assert alice.told()[-1].startswith("In a room:")
    assert "/who [ROOM]" in alice.told()[-1]


def test_the_key_pressed_twice_tells_all_keys_as_they_are_bound(alice: Actor, drawn: Drawn) -> None:
    drawn.types(F1)
    drawn.shows("More: f1 once more")
    drawn.types(F1)
    drawn.redraws()
    keys = alice.told()[-1]
    for action in alice.workspace.keyboard.actions.values():
        assert action.name in keys
    drawn.types(F1)
    drawn.redraws()
    assert alice.told()[-1].startswith("In the console")
    alice.types("/bind f5 help")
    alice.types("/bind f6 /help quit")
    alice.types('/bind f9 ""')
    alice.types("/help keys")
    keys = alice.told()[-1]
    assert "f1, f5" in keys
    assert "f6  " in keys
    assert "/help quit" in keys
    assert "f9" not in keys


def test_the_settings_are_explained(alice: Actor) -> None:
    alice.types("/help config")
    assert "[ui]\ntheme = " in alice.told()[-1]


def test_all_commands_are_explained_under_what_they_are_about(alice: Actor) -> None:
    alice.types("/help")
    told = alice.told()[-1].splitlines()
    assert told[0] == "Talk"
    assert "As you like it" in told
    # Each of ours has its place.
    assert "More" not in told
    assert len(WORKSPACE_COMMANDS) < len(told)


def test_topics_are_completed(alice: Actor) -> None:
    for line, topics in [("/help ke", ["keys"]), ("/help conf", ["config"]), ("/help ms", ["msg"])]:
        offers = alice.workspace.complete(line, len(line))
        assert [each.text for each in offers][:1] == topics


def test_the_overview_is_legible_at_80_columns(alice: Actor) -> None:
    """With the sidebar beside it: what is cut is wrapped under its column."""
    alice.types("/help")
    lines = alice.lines(55)
    assert all(width(line) <= 55 for line in lines)
