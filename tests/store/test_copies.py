"""Copies of one message are one, whichever ways it comes; and two that look alike are two."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core.events import FateChanged, MessageReceived
from termxmpp.core.message import Fate, Message, Route
from termxmpp.store.database import in_memory
from termxmpp.store.history import History
from tests.support.history import ALICE, BOB, CAROL, HELLO, MINE, NOON, by, kept, page, texts

# The ways on which a peer's message comes.
THEIRS = (Route.LIVE, Route.OFFLINE, Route.CARBON, Route.ARCHIVE)


@pytest.mark.parametrize("first", THEIRS)
@pytest.mark.parametrize("second", THEIRS)
@pytest.mark.parametrize("ids", [("", ""), ("x", ""), ("", "x"), ("x", "x"), ("x", "y")])
def test_copies_by_two_ways_are_one_message_unless_the_archive_knows_two(
    history: History, first: Route, second: Route, ids: tuple[str, str]
) -> None:
    """By one way the same id says nothing without the archive: bots reuse theirs."""
    history.add(BOB, by(HELLO, first, ids[0]))
    news = history.add(BOB, by(HELLO, second, ids[1]))
    is_one = ids == ("x", "x") or (ids != ("x", "y") and first is not second)
    assert len(kept(history)) == (1 if is_one else 2)
    assert bool(news) is not is_one


def test_two_live_messages_are_never_one(history: History) -> None:
    for archive_id in ("", "", "x", "y"):
        assert history.add(BOB, by(HELLO, Route.LIVE, archive_id))
    assert texts(history) == ["hello"] * 4


@pytest.mark.parametrize(
    "other",
    [
        replace(HELLO, text="hello!"),
        replace(HELLO, id="b"),
        replace(HELLO, author=BOB.with_resource("phone")),
    ],
)
def test_copies_that_differ_are_two_messages(history: History, other: Message) -> None:
    history.add(BOB, HELLO)
    assert history.add(BOB, by(other, Route.CARBON))
    assert len(kept(history)) == 2


def test_one_id_in_two_conversations_names_two_messages(history: History) -> None:
    history.add(BOB, HELLO)
    assert history.add(CAROL, by(HELLO, Route.CARBON))
    assert (texts(history, BOB), texts(history, CAROL)) == (["hello"], ["hello"])


def test_without_an_id_only_the_archive_knows_copies(history: History) -> None:
    nameless = replace(HELLO, id="")
    history.add(BOB, nameless)
    assert history.add(BOB, by(nameless, Route.CARBON))
    history.add(BOB, by(nameless, Route.LIVE, "x"))
    assert not history.add(BOB, by(nameless, Route.CARBON, "x"))
    assert len(kept(history)) == 3


def test_of_two_that_a_copy_may_be_of_it_is_of_the_nearer_in_time(history: History) -> None:
    times = [NOON + timedelta(hours=hour) for hour in range(3)]
    for at in times:
        history.add(BOB, replace(HELLO, at=at))
    page(history, (BOB, by(replace(HELLO, at=times[1] + timedelta(minutes=1)), Route.ARCHIVE, "x")))
    assert [message.archive_id for message in kept(history)] == ["", "x", ""]


def test_one_id_for_everything_costs_no_more_the_longer_it_goes_on(
    db: sqlite3.Connection, history: History
) -> None:
    steps = [0]

    def step() -> None:
        steps[0] += 1

    counts = []
    for number in range(1500):
        steps[0] = 0
        db.set_progress_handler(step, 100)
        history.add(BOB, replace(HELLO, text=f"{number}", archive_id=f"{number}"))
        db.set_progress_handler(None, 0)
        counts.append(steps[0])
    assert max(counts[1000:]) < 2 * max(counts[500:600])


def test_an_archive_id_counts_whatever_else_differs(history: History) -> None:
    """The server may change what a message holds on its way into the archive."""
    history.add(BOB, by(HELLO, Route.LIVE, "x"))
    changed = replace(HELLO, id="other", text="[link removed]", author=BOB)
    assert not history.add(BOB, by(changed, Route.CARBON, "x"))
    assert texts(history) == ["hello"]


@given(st.permutations([route for route in THEIRS for _ in range(2)]))
def test_in_any_order_all_copies_are_one(routes: list[Route]) -> None:
    history = History(in_memory(), 0)
    for route in routes:
        history.add(BOB, by(HELLO, route, "x" if route is not Route.OFFLINE else ""))
    # What comes twice by one way without an archive id may be another.
    offline = len([message for message in kept(history) if message.route is Route.OFFLINE])
    assert len(kept(history)) == max(1, offline)


@pytest.mark.parametrize("route", [Route.CARBON, Route.ARCHIVE])
@pytest.mark.parametrize("copied", [MINE, replace(MINE, id="else"), replace(MINE, origin_id="")])
def test_what_we_wrote_is_known_again_by_either_id(
    history: History, route: Route, copied: Message
) -> None:
    """Servers may change one of them, and the text; nobody guesses ours."""
    history.add(BOB, MINE)
    news = history.add(BOB, by(replace(copied, text="hi (changed)"), route, "x"))
    assert news == [FateChanged(BOB, "m", Fate.ACKNOWLEDGED)]
    assert [(each.text, each.archive_id) for each in kept(history)] == [("hi", "x")]


def test_what_the_archive_has_twice_of_ours_arrived_twice(history: History) -> None:
    history.add(BOB, MINE)
    history.add(BOB, by(MINE, Route.ARCHIVE, "x"))
    assert history.add(BOB, by(MINE, Route.ARCHIVE, "y"))
    assert [message.archive_id for message in kept(history)] == ["x", "y"]


def test_what_another_device_wrote_is_one_message_by_all_ways(history: History) -> None:
    theirs = replace(MINE, author=ALICE.with_resource("phone"))
    [news] = history.add(BOB, by(theirs, Route.CARBON))
    assert isinstance(news, MessageReceived)
    assert history.add(BOB, by(theirs, Route.ARCHIVE, "x")) == []
    assert [message.archive_id for message in kept(history)] == ["x"]


def test_what_a_peer_claims_with_our_id_is_its_own(history: History) -> None:
    history.add(BOB, MINE)
    forged = replace(HELLO, id="m", origin_id="m", text="hi")
    assert history.add(BOB, by(forged, Route.OFFLINE))
    assert texts(history) == ["hi", "hi"]
    assert [each.fate for _, each in history.pending()] == [Fate.QUEUED]


def test_writing_the_same_twice_is_writing_two(history: History) -> None:
    for message_id in ("m", "n"):
        history.add(BOB, replace(MINE, id=message_id, origin_id=message_id))
    assert texts(history) == ["hi", "hi"]


@pytest.mark.parametrize("heard", [0, 1])
def test_of_two_that_look_the_same_one_that_was_heard_is_only_one(
    history: History, heard: int
) -> None:
    """A bot says the same with the same id; live without archive ids, as some servers do."""
    times = [NOON, NOON + timedelta(hours=1)]
    history.add(BOB, replace(HELLO, at=times[heard]))
    page(
        history,
        *((BOB, by(replace(HELLO, at=at), Route.ARCHIVE, f"{at:%H}")) for at in times),
    )
    assert [message.archive_id for message in kept(history)] == ["12", "13"]
    assert {each.key: each.at for each in kept(history)}[1] == times[heard]
    assert kept(history)[heard].key == 1
