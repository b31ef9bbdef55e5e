"""What is to be done once more: the same, with the keys and places that were given."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from termxmpp.core import events
from termxmpp.core.archive import Gap
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Route
from termxmpp.store.journal import Change, InGap, remembered

ALICE, BOB = Jid.parse("alice@example.org"), Jid.parse("bob@example.org")
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)

GAP = Gap(7, "a", "", 1, 2)
HELLO = Message("a", BOB, "hello", NOON, archive_id="x")
PLACED = replace(HELLO, key=3, rank=4)
LOADED = events.HistoryLoaded(BOB, (replace(PLACED, key=9),), False)


@pytest.mark.parametrize("kind", [events.MessageReceived, events.MessageWritten])
def test_a_message_has_its_place(
    kind: type[events.MessageReceived] | type[events.MessageWritten],
) -> None:
    assert remembered(kind(BOB, HELLO), [LOADED, kind(BOB, PLACED)], None) == kind(BOB, PLACED)


def test_a_copy_of_a_message_has_none() -> None:
    copy = events.MessageReceived(BOB, HELLO)
    news = [events.FateChanged(BOB, "a", Fate.ACKNOWLEDGED)]
    assert remembered(copy, news, None) == remembered(copy, [], None) == copy


def test_a_page_has_the_keys_that_were_given_and_its_gap() -> None:
    """But not the places: they follow from the gap."""
    other = replace(HELLO, id="b", archive_id="y", route=Route.ARCHIVE)
    page = events.ArchivePaged(7, [(BOB, HELLO), (ALICE, other)], "x", False)
    placed = events.MessagesPlaced(BOB, (PLACED,))
    news: list[events.Event] = [LOADED, placed, events.GapsChanged(())]
    expected = replace(page, messages=[(BOB, replace(HELLO, key=3)), (ALICE, other)])
    assert remembered(page, news, GAP) == InGap(expected, GAP)


@pytest.mark.parametrize("event", [events.ArchiveEnded(7), events.GapFailed(7, "refused")])
def test_the_end_of_a_gap_has_the_gap(event: events.ArchiveEnded | events.GapFailed) -> None:
    assert remembered(event, [], GAP) == InGap(event, GAP)


def test_all_else_is_as_it_was() -> None:
    closed, change = events.ConversationClosed(BOB), Change(lambda tables: None)
    assert remembered(closed, [closed], None) == closed
    assert remembered(change, [], None) is change
