"""Spans and moments in words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from termxmpp.core.spans import absence, moment, span
from tests.support.harness import NOON


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 seconds"),
        (1, "1 second"),
        (59.9, "59 seconds"),
        (60, "1 minute"),
        (3599, "59 minutes"),
        (3600, "1 h 0 min"),
        (86_399, "23 h 59 min"),
        (86_400, "1 day"),
        (1e9, "11574 days"),
    ],
)
def test_a_span_is_told_in_its_largest_units(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_a_moment_has_a_date_if_it_is_not_today() -> None:
    assert moment(NOON - timedelta(hours=1), NOON) == "11:00"
    assert moment(NOON - timedelta(days=1), NOON) == "2026-01-01 12:00"


def test_who_is_away_from_the_future_is_not_away() -> None:
    assert absence(NOON - timedelta(hours=1), NOON) == "nobody there since 11:00"
    assert absence(NOON + timedelta(seconds=1), NOON) == ""
    assert absence(None, NOON) == ""
