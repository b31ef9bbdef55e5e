"""The fate of a message only ever moves forward."""

from __future__ import annotations

from functools import reduce
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core.message import Fate

fates = st.sampled_from(Fate)


@pytest.mark.parametrize(
    ("now", "news", "then"),
    [
        (Fate.QUEUED, Fate.SENT, Fate.SENT),
        (Fate.SENT, Fate.ACKNOWLEDGED, Fate.ACKNOWLEDGED),
        (Fate.READ, Fate.ACKNOWLEDGED, Fate.READ),
        (Fate.READ, Fate.RECEIVED, Fate.READ),
        (Fate.ACKNOWLEDGED, Fate.FAILED, Fate.FAILED),
        (Fate.RECEIVED, Fate.FAILED, Fate.RECEIVED),
        (Fate.FAILED, Fate.ACKNOWLEDGED, Fate.FAILED),
        (Fate.FAILED, Fate.RECEIVED, Fate.RECEIVED),
    ],
)
def test_news_moves_it_forward_only(now: Fate, news: Fate, then: Fate) -> None:
    assert now.becomes(news) is then


@given(fates, fates)
def test_the_same_news_twice_changes_nothing(now: Fate, news: Fate) -> None:
    assert now.becomes(news).becomes(news) is now.becomes(news)


@given(st.lists(fates, min_size=1), st.randoms(use_true_random=False))
def test_the_order_of_the_news_is_irrelevant(news: list[Fate], chance: Random) -> None:
    """One device bounces, another receives; and the archive tells the newest first."""
    fate = reduce(Fate.becomes, news)
    chance.shuffle(news)
    assert reduce(Fate.becomes, news) is fate


@given(fates, st.lists(fates))
def test_no_news_take_anything_back(now: Fate, news: list[Fate]) -> None:
    order = list(Fate)
    for each in news:
        then = now.becomes(each)
        assert order.index(then) >= order.index(now)
        now = then
