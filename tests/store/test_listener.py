"""What the records of `--listen` say is to be told: each message once, and only the others'."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from termxmpp.core import events
from termxmpp.core.message import Act, Deed, Fate, Message
from termxmpp.store.store import Store
from tests.store.test_reading import heard, misses, page, receives, written
from tests.support.harness import BOB, CAROL


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "alice.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with closing(Store(path, is_listener=True)) as found:
        yield found


def untold(store: Store) -> list[str]:
    return [message.text for _, message in store.untold((), 100)]


def tells(store: Store, text: str) -> None:
    [key] = [each.key for _, each in store.untold((), 100) if each.text == text]
    store.told(key)


def test_what_comes_is_to_be_told_until_it_was(store: Store) -> None:
    receives(store, heard("one"), heard("two"), written("mine"), heard("three"))
    assert untold(store) == ["one", "two", "three"]
    tells(store, "two")
    assert untold(store) == ["one", "three"]


def test_that_is_known_over_restarts(store: Store, path: Path) -> None:
    receives(store, heard("one"), heard("two"))
    tells(store, "one")
    store.close()
    with closing(Store(path, is_listener=True)) as again:
        receives(again, heard("one"), heard("two"))
        assert untold(again) == ["two"]


def test_those_with_whom_something_is_done_are_left_out(store: Store) -> None:
    receives(store, heard("one"))
    receives(store, heard("two", CAROL), peer=CAROL)
    assert [message.text for _, message in store.untold([BOB], 100)] == ["two"]
    assert [message.text for _, message in store.untold([BOB, CAROL], 100)] == []
    assert len(store.untold((), 1)) == 1


def test_what_was_missed_is_told_in_its_place_also_what_was_answered_meanwhile(
    store: Store,
) -> None:
    """Another program of the account may answer; this one has heard nothing of it yet."""
    receives(store, heard("known"))
    tells(store, "known")
    gap = misses(store)
    receives(store, heard("live"))
    page(store, gap, heard("three"), written("answer"))
    page(store, gap, heard("one"), heard("two"), is_last=True)
    assert untold(store) == ["one", "two", "three", "live"]


def test_a_correction_is_to_be_told_and_a_reaction_is_not(store: Store) -> None:
    receives(store, heard("one"))
    correction = replace(heard("two"), act=Act(Deed.CORRECTION, "one"))
    reaction = replace(heard("three"), act=Act(Deed.REACTIONS, "one", ("+",)))
    receives(store, correction, reaction)
    assert untold(store) == ["one", "two"]


def test_of_what_was_told_only_so_much_is_kept_and_the_last_of_each_archive(
    store: Store,
) -> None:
    receives(store, heard("open"))
    receives(store, *(heard(f"old {n}") for n in range(20)))
    pending = Message("p", BOB, "p", heard("x").at, is_own=True, fate=Fate.QUEUED)
    store.record(events.MessageWritten(BOB, pending))
    for _, message in store.untold((), 100):
        if message.text != "open":
            store.told(message.key)
    receives(store, *(heard(f"new {n}", has_archive_id=False) for n in range(5)))
    for _, message in store.untold((), 100):
        if message.text != "open":
            store.told(message.key)
    store.history.forget_read(5)
    store.history.forget_read(5)
    kept, _ = store.history.newest(BOB, 100)
    assert [each.text for each in kept] == [
        *("open", "old 19", "p"),
        *(f"new {n}" for n in range(5)),
    ]
    assert store.search("old", None, None).found == ()


def test_what_is_next_is_found_without_looking_at_what_was_told(store: Store) -> None:
    receives(store, *(heard(f"m{n}") for n in range(3)))
    statements: list[str] = []
    assert store._db is not None
    store._db.set_trace_callback(statements.append)
    store.untold([BOB], 10)
    store._db.set_trace_callback(None)
    [asked] = statements
    plan = store._db.execute(f"EXPLAIN QUERY PLAN {asked}").fetchall()
    assert [step[-1] for step in plan] == ["SCAN message USING INDEX message_untold"]
