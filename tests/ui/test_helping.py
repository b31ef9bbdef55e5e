"""Help: what matters where one is, and everything, derived from the tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from termxmpp.commands.registry import Registry
from termxmpp.config import Config
from termxmpp.core.text import width
from termxmpp.workspace import WORKSPACE_COMMANDS
from tests.support.drawn import Drawn
from tests.support.harness import BOB, Actor
from tests.support.rooms import announces, enters
from tests.support.snapshots import SIZES
from tests.ui.test_application import assert_looks_like

F1, F5 = "\x1bOP", "\x1b[15~"


def few_commands(alice: Actor, *names: str) -> None:
    """Let there be no others, so that it does not look otherwise with each new one."""
    commands = alice.workspace.registry.commands
    alice.workspace.registry = Registry([each for each in commands if each.name in names])


@pytest.fixture
def drawn(alice: Actor) -> Iterator[Drawn]:
    with closing(Drawn(alice, 80, 24)) as made:
        made.shows("online")
        yield made


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_in_a_console(alice: Actor, columns: int, rows: int) -> None:
    few_commands(alice, "account add", "join", "msg", "quit", "roster add", "set", "who")
    with closing(Drawn(alice, columns, rows)) as drawn:
        drawn.shows("online")
        drawn.types(F1)
        drawn.shows("help: in the console")
        assert_looks_like(drawn, f"help-console-{columns}x{rows}")


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_in_a_conversation(alice: Actor, columns: int, rows: int) -> None:
    few_commands(alice, "search", "close", "who", "join")
    alice.looks_at(BOB)
    with closing(Drawn(alice, columns, rows)) as drawn:
        drawn.shows("online")
        drawn.types(F1)
        drawn.shows("help: in a conversation")
        assert_looks_like(drawn, f"help-conversation-{columns}x{rows}")


def test_in_a_room(alice: Actor, drawn: Drawn) -> None:
    announces(alice)
    enters(alice, "bob")
    drawn.types(F1)
    drawn.shows("help: in a room")
    assert "/who [ROOM]" in drawn.text
    assert "/join" not in drawn.text


def test_twice_all_keys_as_they_are_bound_and_once_more_all_commands(
    alice: Actor, drawn: Drawn
) -> None:
    alice.run_now(
        alice.workspace.settings.replace, Config(keys={"f5": "help", "f6": "/help quit", "f9": ""})
    )
    drawn.types(F1 + F1)
    drawn.shows("help: all keys")
    drawn.types("f")
    drawn.shows("> f")
    drawn.shows("f1, f5")
    assert "f6  " in drawn.text
    assert "f9" not in drawn.text
    drawn.types("\x7f" + F5)
    drawn.shows("help: all commands")
    drawn.types("subscr")
    drawn.shows("/subscription approve [JID]")
    drawn.types("\t")
    drawn.shows("help: in the console · 1")


def test_what_is_not_on_the_page_is_found_on_the_others(alice: Actor, drawn: Drawn) -> None:
    drawn.types(F1 + "/disco")
    drawn.shows("help: all keys and commands")
    drawn.shows("/disconnect [ACCOUNT]")
    drawn.types("\x7f" * 6 + "no such thing")
    drawn.shows("nothing is called so")


def test_what_is_chosen_is_done(alice: Actor, drawn: Drawn) -> None:
    drawn.types(F1 + "/msg\r")
    drawn.shows("> /msg")
    drawn.types("\x03" + F1 + F1 + "sidebar\r")
    drawn.hides("Friends")
    drawn.types(F1)
    drawn.shows("help: in the console")
    drawn.types("\x1b")
    drawn.hides("help: in the console")


def test_all_keys_are_listed(alice: Actor, drawn: Drawn) -> None:
    alice.types("/help keys")
    for action in alice.workspace.keyboard.actions.values():
        assert action.name in alice.told()[-1]
        assert action.words in alice.told()[-1]


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
    for line, topic in [("/help ke", "keys"), ("/help conf", "config"), ("/help ms", "msg")]:
        offers = alice.workspace.complete(line, len(line))
        # A command may begin so, too.
        assert topic in [each.text for each in offers][:3]


def test_the_overview_is_legible_at_80_columns(alice: Actor) -> None:
    """With the sidebar beside it: what is cut is wrapped under its column."""
    alice.types("/help")
    lines = alice.lines(55)
    assert all(width(line) <= 55 for line in lines)
