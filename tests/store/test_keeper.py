"""What an event means for the records: nothing that is to be kept is forgotten on the way."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import get_args

import pytest

from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message, Route
from termxmpp.store.database import in_memory
from termxmpp.store.journal import Change, InGap
from termxmpp.store.keeper import KEPT, RESTORED, Keeper

ALICE, BOB = Jid.parse("alice@example.org/here"), Jid.parse("bob@example.org")
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def keeper() -> Keeper:
    return Keeper(in_memory(), 0, itertools.count(-1, -1))


def heard(text: str, peer: Jid = BOB) -> events.MessageReceived:
    return events.MessageReceived(peer, Message(text, peer, text, NOON))


def test_what_is_kept_is_what_it_is_known_how_to_keep(keeper: Keeper) -> None:
    """An event that were only in one of the two would be lost, or a bug."""
    known = set(Keeper.__dict__["keep"].dispatcher.registry) - {object}
    assert known == set(get_args(KEPT))
    with pytest.raises(TypeError, match="no record is known"):
        keeper.keep(events.CaughtUp(is_complete=True))


def test_a_window_that_opens_by_itself_shows_what_was_said_before(keeper: Keeper) -> None:
    keeper.keep(heard("one"))
    assert len(keeper.keep(heard("two"))) == 1
    keeper.keep(events.ConversationClosed(BOB))
    received, loaded = keeper.keep(heard("three"))
    assert isinstance(received, events.MessageReceived)
    assert isinstance(loaded, events.HistoryLoaded)
    assert [message.text for message in loaded.messages] == ["one", "two", "three"]


def test_of_a_conversation_so_much_is_restored(keeper: Keeper) -> None:
    for number in range(RESTORED + 1):
        keeper.keep(heard(f"{number}"))
    restored = keeper.restore(is_going_on=False)
    [talk] = [each for each in restored if isinstance(each, events.ConversationRestored)]
    assert (len(talk.messages), talk.has_older, talk.unread) == (RESTORED, True, RESTORED + 1)


def test_a_change_of_the_tables_is_no_news(keeper: Keeper) -> None:
    assert keeper.do(Change(lambda tables: tables.note("name", "value"))) == ()
    assert keeper.tables.fact("name") == "value"


def test_what_happened_to_a_gap_happens_to_no_other(keeper: Keeper) -> None:
    keeper.keep(events.SessionStarted(ALICE))
    keeper.keep(events.CatchUpBegun())
    [gap] = keeper.history.gaps.all()
    message = Message("a", BOB, "a", NOON, route=Route.ARCHIVE, archive_id="of-a")
    page = events.ArchivePaged(gap.number, [(BOB, message)], "of-a", False)
    assert keeper.do(InGap(page, gap))
    [smaller] = keeper.history.gaps.all()
    end = events.ArchiveEnded(gap.number)
    assert keeper.do(InGap(end, gap)) == ()
    assert keeper.history.gaps.all() == (smaller,)
    assert keeper.do(InGap(end, smaller))
    assert keeper.history.gaps.all() == ()
