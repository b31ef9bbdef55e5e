"""An empty window says what can be done in it."""

from __future__ import annotations

import pytest

from termxmpp.config import Config
from termxmpp.core.text import width
from termxmpp.keyboard import Keyboard
from termxmpp.ui.blank import blank_lines
from termxmpp.ui.keys import ACTIONS
from tests.support.harness import BOB, Actor


@pytest.fixture
def seated(alice: Actor) -> Actor:
    """Alice with the keys of the screen."""
    alice.workspace.keyboard = Keyboard(ACTIONS)
    return alice


def told(alice: Actor, columns: int = 60, rows: int = 20, top: str = "") -> list[str]:
    lines = blank_lines(alice.workspace, columns, rows, top)
    assert len(lines) in (0, rows)
    texts = ["".join(fragment[1] for fragment in line) for line in lines]
    assert all(width(text) <= columns for text in texts)
    return [text.strip() for text in texts if text.strip()]


def test_in_the_console_what_is_done_first_and_by_which_key(seated: Actor) -> None:
    assert [line.split("  ")[0] for line in told(seated)] == [
        "ctrl-k",
        "/msg JID",
        "/join ROOM",
        "f1",
    ]


def test_keys_are_told_as_they_are_bound(seated: Actor) -> None:
    keys = {"ctrl-k": "", "f1": "", "f5": "help"}
    seated.run_now(seated.workspace.settings.replace, Config(keys=keys))
    assert [line.split("  ")[0] for line in told(seated)] == ["/msg JID", "/join ROOM", "f5"]


def test_in_a_conversation_who_will_read_what_is_written(alice: Actor) -> None:
    alice.looks_at(BOB)
    assert told(alice) == ["There are no messages here.", "What you write goes to Bob."]
    assert told(alice, top="older messages are being fetched")[0].startswith("older messages")


@pytest.mark.parametrize("columns", [1, 2, 5, 12, 30, 300])
@pytest.mark.parametrize("rows", [0, 1, 2, 5, 50])
def test_it_fits_or_is_left_out(seated: Actor, columns: int, rows: int) -> None:
    told(seated, columns, rows)
    seated.looks_at(BOB)
    told(seated, columns, rows)
