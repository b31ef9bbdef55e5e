"""Ranks of what a page brings: in the order of the archive, and as near to it as there is room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core.archive import Gap
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.store.places import PAGE_STEP, STEP, ranks_of

BOB = Jid.parse("bob@example.org")
NOON = datetime(2026, 1, 2, tzinfo=UTC)

LOW, FLOOR = 1000 * STEP, 2000 * STEP


def known(rank: int, *, is_own: bool = False, archive_id: str = "x") -> Message:
    return Message("m", BOB, "m", NOON, is_own, rank=rank, archive_id=archive_id)


def ranks(page: Sequence[Message | None], high: int = FLOOR, low: int = LOW) -> list[int]:
    """For a page of the account's own archive, of a history with nothing behind the page."""
    gap = Gap(1, "a", "", low, high)
    top = max([FLOOR, *(message.rank for message in page if message is not None)])
    return ranks_of(gap, page, FLOOR, top, lambda rank: None)


def test_what_was_missed_stands_before_this_session_with_room_for_what_is_older() -> None:
    assert ranks([None, None]) == [FLOOR - 2 * PAGE_STEP, FLOOR - PAGE_STEP]


def test_the_next_page_stands_before_the_one_before() -> None:
    high = FLOOR - 2 * PAGE_STEP
    assert ranks([None], high) == [high - PAGE_STEP]


def test_what_is_known_and_in_order_stays() -> None:
    places = [LOW + 5 * STEP, FLOOR + STEP, FLOOR + 2 * STEP]
    assert ranks([known(place) for place in places]) == places


def test_what_stands_before_the_gap_or_behind_what_is_newer_moves() -> None:
    found = ranks([known(LOW - 1), known(FLOOR + STEP), known(FLOOR + STEP)])
    assert found[2] == FLOOR + STEP
    assert LOW < found[0] < found[1] < found[2]


def test_ours_has_no_place_before_the_archive_has_shown_it() -> None:
    mine = known(FLOOR + STEP + 7, is_own=True, archive_id="")
    found = ranks([known(FLOOR + STEP), mine, known(FLOOR + 2 * STEP)])
    assert found == [FLOOR + STEP, FLOOR + 2 * STEP - PAGE_STEP, FLOOR + 2 * STEP]


def test_the_end_of_the_archive_stands_behind_what_is_known_and_before_what_follows() -> None:
    gap = Gap(1, "a", "", LOW, FLOOR)
    page = [known(FLOOR + STEP), None, None]
    found = ranks_of(gap, page, FLOOR, FLOOR + 9 * STEP, lambda rank: rank + 6)
    assert found == [FLOOR + STEP, FLOOR + STEP + 2, FLOOR + STEP + 4]


@pytest.mark.parametrize("high", [LOW, LOW + 1, LOW + 3])
def test_without_room_they_stand_together(high: int) -> None:
    assert ranks([None] * 4, high) == [LOW] * 4


@given(
    st.lists(st.none() | st.integers(LOW - STEP, FLOOR + STEP), min_size=1, max_size=30),
    st.booleans(),
)
def test_whatever_is_known_the_order_is_that_of_the_page(
    places: list[int | None], is_first: bool
) -> None:
    high = FLOOR if is_first else FLOOR - STEP
    page = [known(place) if place is not None else None for place in places]
    found = ranks(page, high)
    assert len(found) == len(page)
    assert found == sorted(found)
    assert min(found) >= LOW
    # Only where neighbours that stay have no room between them do others stand together.
    if not any(place is not None for place in places):
        assert len(set(found)) == len(found)
