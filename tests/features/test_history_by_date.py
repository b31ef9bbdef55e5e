"""The history from a day on: gone to on the screen, told in lines, fetched if it is not here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from termxmpp.core.events import OlderWanted
from tests.support.archive import ANNOUNCED, Archive, heard
from tests.support.drawn import Drawn
from tests.support.harness import BOB, NOON, Actor
from tests.support.lined import Lined
from tests.support.rooms import ARCHIVED, CLUB, announces, here, questions, said, subject

DAYS = 30


def much_is_said(alice: Actor, days: int = DAYS) -> None:
    """By Bob, ten messages each day at noon, from 2026-01-02 on."""
    for day in range(days):
        at = NOON + timedelta(days=day)
        for number in range(10):
            stamp = f"{at:%Y-%m-%dT%H}:{number:02}:00Z"
            alice.receives(
                f"<message from='bob@example.org/x' type='chat' id='{day}-{number}'>"
                f"<body>day {day} number {number}</body>"
                f"<delay xmlns='urn:xmpp:delay' stamp='{stamp}'/></message>"
            )
    alice.waits(86_400 * days)


@pytest.fixture
def drawn(alice: Actor) -> Iterator[Drawn]:
    much_is_said(alice)
    alice.looks_at(BOB)
    with closing(Drawn(alice, 80, 24)) as made:
        made.shows("day 29 number 9")
        yield made


@pytest.mark.parametrize(
    ("date", "first"),
    [
        ("2026-01-05", "day 3 number 0"),
        ("2026-01-05 12:04", "day 3 number 4"),
        ("2026-01-05T12:04:30", "day 3 number 5"),
        ("2026-01-05 23:00", "day 4 number 0"),
        ("  2026-01-20 ", "day 18 number 0"),
        ("1999-12-31", "day 0 number 0"),
    ],
)
def test_the_first_message_of_that_time_stands_at_the_top(
    drawn: Drawn, date: str, first: str
) -> None:
    drawn.types(f"/history {date}\r")
    drawn.shows(first)
    drawn.redraws()
    rows = drawn.text.splitlines()
    said = [row.partition("│")[2] for row in rows[1:]]
    told = next(row for row in said if "day " in row and "2026" not in row)
    assert first in told
    assert said.index(told) <= 3
    drawn.shows("newer messages below")
    drawn.types("\x1b[1;3F")
    drawn.shows("day 29 number 9")


def test_of_the_last_days_all_is_seen_to_the_end(drawn: Drawn) -> None:
    drawn.types("/history 2026-01-31\r")
    drawn.shows("day 29 number 0")
    assert "newer messages below" not in drawn.redraws()


@pytest.mark.parametrize(
    "date", ["tomorrow", "2026-13-01", "2026-02-30", "0001-01-01", "20", "12:00", "x" * 99]
)
def test_what_is_no_day_is_told_so(alice: Actor, date: str) -> None:
    alice.looks_at(BOB)
    alice.types(f"/history {date}")
    assert "is no day: write it as in 2026-11-20" in alice.workspace.problem
    assert len(alice.workspace.problem) < 120


def test_since_then_nothing_was_said(alice: Actor) -> None:
    much_is_said(alice, 1)
    alice.looks_at(BOB)
    for date in ("2026-01-03", "9999-12-31"):
        alice.types(f"/history {date}")
        assert alice.workspace.problem == "Nothing was said here since then."
    alice.types("/win 1")
    alice.types("/history 2026-01-03")
    assert "This is no conversation" in alice.workspace.problem


def test_in_lines_it_is_told_with_its_days_and_how_it_goes_on(alice: Actor) -> None:
    much_is_said(alice)
    alice.looks_at(BOB)
    with Lined(alice) as lined:
        lined.shows("day 29 number 9")
        lined.forgets()
        lined.types("/history 2026-01-05 12:07")
        lined.shows("More was said: /history 2026-01-10 12:06:00 goes on.")
        said = [line for line in lined.lines if "day " in line]
        assert said[0] == "12:07 Bob: day 3 number 7"
        assert said[-1] == "12:06 Bob: day 8 number 6"
        assert len(said) == 50
        assert "Tuesday, 06 January 2026" in lined.lines
        lined.forgets()
        lined.types("/history 2026-01-31")
        lined.shows("day 29 number 9")
        assert lined.lines.count("Saturday, 31 January 2026") == 1
        assert "More was said" not in lined.output


def test_what_is_older_than_all_that_is_here_is_fetched(alice: Actor) -> None:
    """Of a room, whose past is fetched by some pages only."""
    announces(alice, *ARCHIVED)
    alice.types(f"/join {CLUB}")
    alice.receives(here("bob"), here("alice", 110), subject())
    pages = 0
    while asked := questions(alice):
        pages += 1
        page = (f"a{pages}", said("bob", f"{pages} pages ago"))
        alice.receives(*asked[0].answer(page, is_complete=False))
    alice.forgets()
    alice.types("/history 2025-12-01")
    assert alice.told()[-1].startswith("This is the first that is here; the server may have older")
    assert alice.events_of(OlderWanted) == [OlderWanted(CLUB)]
    assert len(questions(alice)) == 1


def test_where_nothing_is_missing_nothing_is_fetched(alices: Callable[..., Actor]) -> None:
    alice = alices(announced=ANNOUNCED)
    Archive(alice, heard("first"))
    alice.loses_the_link()
    alice.goes_online()
    alice.looks_at(BOB)
    alice.types("/history 2020-01-01")
    assert alice.told() == []
    assert alice.events_of(OlderWanted) == []


def test_without_records_what_is_at_hand_is_looked_at(alice: Actor, tmp_path: Path) -> None:
    """What its sender wants kept nowhere is found, too."""
    hint = "<no-store xmlns='urn:xmpp:hints'/>"
    alice.receives(f"<message from='{BOB}/x' type='chat'><body>psst</body>{hint}</message>")
    assert alice.client.first_since(BOB, NOON) is not None
    assert alice.client.first_since(BOB, NOON + timedelta(seconds=1)) is None
