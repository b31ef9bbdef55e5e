"""Versions of the schema: forward from every one that was released, and never back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from termxmpp.core import events
from termxmpp.core.message import Fate
from termxmpp.errors import StoreError
from termxmpp.store.database import in_memory, open_file
from termxmpp.store.schema import VERSION
from termxmpp.store.store import Store
from tests.store.released import (
    ABILITIES,
    AGENT,
    BOB,
    CAROL,
    CONTACT,
    DISCOVERED,
    DRAFT,
    FOLDER,
    HEARD,
    LINE,
    PRESENCE,
    PROBLEM,
    SESSION,
    TOKEN,
    WRITTEN,
    dump,
    fill,
    load,
)

RELEASED = sorted(FOLDER.glob("*.sql"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "alice@example.org.sqlite"


def schema(db: sqlite3.Connection) -> set[tuple[str, str, str]]:
    rows = db.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master")
    return {(type, name, " ".join(sql.split())) for type, name, sql in rows}


def version(db: sqlite3.Connection) -> int:
    (found,) = db.execute("PRAGMA user_version").fetchone()
    return int(found)


def test_every_version_has_a_dump() -> None:
    """Else: `python -m tests.store.released`, before the version is released."""
    assert {path.stem for path in RELEASED} == {f"{each}" for each in range(1, VERSION + 1)}


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: path.stem)
def test_from_every_released_version_the_way_leads_to_this_one(released: Path, path: Path) -> None:
    load(released.read_text(encoding="utf-8"), path)
    with closing(sqlite3.connect(path)) as db:
        assert version(db) == int(released.stem)
    with closing(open_file(path)) as db, closing(in_memory()) as fresh:
        assert schema(db) == schema(fresh)
        assert version(db) == VERSION
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: path.stem)
def test_everything_of_a_released_version_is_there(released: Path, path: Path) -> None:
    load(released.read_text(encoding="utf-8"), path)
    store = Store(path)
    problems: list[str] = []
    store.watch(problems.append)
    assert (store.session(), store.handled, store.token) == (SESSION, 7, TOKEN)
    assert store.user_agent == AGENT
    found = store.restore()
    roster = events.RosterReceived((CONTACT,), "v1")
    for expected in (roster, PRESENCE, DISCOVERED, DRAFT, ABILITIES):
        assert expected in found
    [talk] = [each for each in found if isinstance(each, events.ConversationRestored)]
    assert (talk.peer, talk.unread) == (BOB, 2)
    assert [(each.id, each.text, each.subject, each.at) for each in talk.messages] == [
        (each.id, each.text, each.subject, each.at) for each in (*HEARD, *WRITTEN)
    ]
    assert [(each.fate, each.reason) for each in talk.messages[2:]] == [
        (Fate.READ, ""),
        (Fate.FAILED, "no such user"),
        (Fate.QUEUED, ""),
    ]
    [gaps] = [each.gaps for each in found if isinstance(each, events.GapsChanged)]
    assert [(gap.after, gap.problem) for gap in gaps] == [("0", PROBLEM)]
    assert [each.message.id for each in store.pending()] == ["queued"]
    assert store.older(CAROL, None, 10)[0][0].archive_id == "0"
    assert store.find("日本", 10) == store.find("subject", 10) == [talk.messages[1].key]
    assert store.lines(None) == [LINE]
    store.close()
    assert problems == []


def test_the_dump_of_this_version_has_something_in_every_table(path: Path) -> None:
    load((FOLDER / f"{VERSION}.sql").read_text(encoding="utf-8"), path)
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        empty = [
            table
            for (table,) in rows
            if not db.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()[0]
        ]
        assert empty == []


def test_a_dump_that_is_loaded_and_dumped_is_the_same(tmp_path: Path) -> None:
    fill(tmp_path / "one.sqlite")
    sql = dump(tmp_path / "one.sqlite")
    load(sql, tmp_path / "two.sqlite")
    assert dump(tmp_path / "two.sqlite") == sql


def test_a_newer_version_is_refused_in_words_and_left_alone(path: Path) -> None:
    with closing(open_file(path)) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
        db.execute("DROP TABLE contact")
    content = path.read_bytes()
    with pytest.raises(StoreError, match=f"newer termxmpp .*{VERSION + 1}.*{VERSION}"):
        open_file(path)
    assert path.read_bytes() == content


def test_what_another_program_has_left_there_is_left_alone(path: Path) -> None:
    """A step that fails is undone as a whole."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript("CREATE TABLE presence (word TEXT); INSERT INTO presence VALUES ('x')")
        before = schema(db)
    with pytest.raises(sqlite3.OperationalError):
        open_file(path)
    with closing(sqlite3.connect(path)) as db:
        assert schema(db) == before
        assert version(db) == 0
        assert db.execute("SELECT word FROM presence").fetchall() == [("x",)]
