"""What the user writes: drafts and own lines, by their conversations."""

from __future__ import annotations

from pathlib import Path

import pytest

from termxmpp.core import events
from termxmpp.core.draft import NO_DRAFT, Draft
from termxmpp.core.jid import Jid
from termxmpp.store.database import in_memory
from termxmpp.store.lines import KEPT_LINES, Lines
from termxmpp.store.store import Store

BOB, CLUB = Jid.parse("bob@example.org"), Jid.parse("club@rooms.example.org/carol")


@pytest.fixture
def lines() -> Lines:
    return Lines(in_memory())


@pytest.mark.parametrize("peer", [None, BOB, CLUB])
def test_a_draft_stays_with_its_conversation_until_it_is_gone(
    lines: Lines, peer: Jid | None
) -> None:
    lines.set_draft(peer, Draft("one\ntwo 日本", 3))
    lines.set_draft(peer, Draft("one\nthree", 5))
    assert lines.drafts() == [events.DraftChanged(peer, Draft("one\nthree", 5))]
    lines.set_draft(peer, NO_DRAFT)
    assert lines.drafts() == []


def test_lines_are_of_their_conversation_oldest_first_and_repeated_once(lines: Lines) -> None:
    for line in ("one", "two", "two", "one"):
        lines.enter(BOB, line)
    lines.enter(None, "/quit")
    assert lines.entered(BOB, 10) == ["one", "two", "one"]
    assert lines.entered(BOB, 2) == ["two", "one"]
    assert lines.entered(None, 10) == ["/quit"]
    assert lines.entered(CLUB, 10) == []


def test_what_is_entered_is_a_draft_no_more(lines: Lines) -> None:
    for peer in (BOB, None):
        lines.set_draft(peer, Draft("hello", 5))
    lines.enter(BOB, "hello")
    assert lines.drafts() == [events.DraftChanged(None, Draft("hello", 5))]


def test_only_so_many_lines_are_kept_of_each(lines: Lines) -> None:
    lines.enter(CLUB, "mine")
    for number in range(KEPT_LINES + 20):
        lines.enter(BOB, str(number))
    kept = lines.entered(BOB, 10_000)
    assert (len(kept), kept[0], kept[-1]) == (KEPT_LINES, "20", str(KEPT_LINES + 19))
    assert lines.entered(CLUB, 10) == ["mine"]


def test_a_disk_that_fails_takes_neither_drafts_nor_lines_along(tmp_path: Path) -> None:
    """In memory meanwhile, and written when it can be."""
    path = tmp_path / "no" / "alice.sqlite"
    path.parent.write_text("a file where the folder should be")
    store = Store(path, retry=0.0)
    store.record(events.LineEntered(BOB, "hello"))
    store.record(events.DraftChanged(BOB, Draft("more", 4)))
    assert store.lines(BOB) == ["hello"]
    path.parent.unlink()
    store.close()
    again = Store(path)
    assert again.lines(BOB) == ["hello"]
    assert events.DraftChanged(BOB, Draft("more", 4)) in again.restore()
    again.close()
