"""A part of the past that is looked at: the present goes on beside it, until it is reached."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message
from termxmpp.core.state import State

BOB = Jid.parse("bob@example.org")
ALICE = Jid.parse("alice@example.org")
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def message(rank: int, *, is_own: bool = False) -> Message:
    name = f"m{rank}"
    fate = Fate.ACKNOWLEDGED if is_own else None
    author = ALICE if is_own else BOB
    return Message(name, author, name, NOW, is_own, fate, key=rank, rank=rank)


@pytest.fixture
def state() -> State:
    """The newest two messages are at hand, and three of the past are looked at."""
    state = State(ALICE)
    state.apply(events.ConversationRestored(BOB, (message(90), message(91)), has_older=True))
    past = (message(20), message(21, is_own=True), message(22))
    state.apply(events.PastShown(BOB, past, has_older=True, has_newer=True))
    return state


def shown(state: State) -> list[str]:
    return [entry.text for entry in state.shown(BOB).entries]


def present(state: State) -> list[str]:
    return [entry.text for entry in state.conversation(BOB).entries]


def test_what_comes_meanwhile_belongs_to_the_present(state: State) -> None:
    state.apply(events.MessageReceived(BOB, message(92)))
    assert shown(state) == ["m20", "m21", "m22"]
    assert present(state) == ["m90", "m91", "m92"]
    assert state.conversation(BOB).unread == 1


def test_what_happens_to_a_message_is_seen_there_too(state: State) -> None:
    state.apply(events.ReadByPeer(BOB, "m21"))
    found = state.message(BOB, 21)
    assert found is not None
    assert found.fate is Fate.READ
    assert state.message(BOB, 90) == message(90)
    assert state.message(BOB, 55) is None


def test_what_is_placed_between_stands_there_and_what_is_not_does_not(state: State) -> None:
    new = replace(message(50), rank=21, key=50)
    state.apply(events.MessagesPlaced(BOB, (new, message(60), message(95)), (95,)))
    assert shown(state) == ["m20", "m21", "m50", "m22"]
    assert present(state) == ["m90", "m91", "m95"]
    assert state.conversation(BOB).unread == 1
    assert state.shown(BOB).unread == 0


def test_older_and_newer_messages_are_loaded_at_its_ends(state: State) -> None:
    state.apply(events.HistoryLoaded(BOB, (message(10),), has_older=False, is_past=True))
    state.apply(events.NewerLoaded(BOB, (message(30),), has_newer=True))
    assert shown(state) == ["m10", "m20", "m21", "m22", "m30"]
    assert present(state) == ["m90", "m91"]


def test_where_it_reaches_the_present_both_are_one(state: State) -> None:
    state.apply(events.MessageReceived(BOB, message(92)))
    state.apply(events.NewerLoaded(BOB, (message(30), message(90)), has_newer=True))
    assert present(state) == ["m20", "m21", "m22", "m30", "m90", "m91", "m92"]
    assert state.shown(BOB) is state.conversation(BOB)
    assert state.conversation(BOB).has_older


def test_who_leaves_it_is_back_in_the_present(state: State) -> None:
    state.apply(events.PastLeft(BOB))
    assert shown(state) == ["m90", "m91"]


def test_a_part_that_is_no_past_at_all_is_the_present(state: State) -> None:
    state.apply(events.PastLeft(BOB))
    state.apply(events.PastShown(BOB, (message(80), message(90)), has_older=True, has_newer=True))
    assert state.pasts == {}
    assert present(state) == ["m80", "m90", "m91"]
