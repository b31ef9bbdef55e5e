"""What can be saved from a database whose disk fails: read it, copy it, set it aside."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from termxmpp.store.history import History
from termxmpp.store.schema import VERSION

__all__ = ["copy", "identity", "open_to_read", "set_aside"]

# So many of the newest messages are copied, and of those that the archive may show again: they
# are at hand, and copies of them are known as such. What stands last and what of ours has no
# place yet says where others belong, however long ago it was written.
COPIED, COPIED_OF_GAPS = 2000, 20_000

_MESSAGES = (
    f"SELECT * FROM message ORDER BY key DESC LIMIT {COPIED}",
    f"SELECT * FROM message ORDER BY rank DESC LIMIT {COPIED}",
    "SELECT * FROM message WHERE is_own AND archive_id IS NULL AND NOT is_settled"
    f" ORDER BY rank DESC LIMIT {COPIED_OF_GAPS}",
    "SELECT message.* FROM gap JOIN message ON rank > low AND (rank <= high OR before = '')"
    f" LIMIT {COPIED_OF_GAPS}",
)


def open_to_read(path: Path) -> sqlite3.Connection | None:
    """The database at `path` as it was committed last, if it can be read and is of this version."""
    uri = path.absolute().as_uri()
    ways = [f"{uri}?mode=ro"]
    log = path.with_name(f"{path.name}-wal")
    if not log.exists() or log.stat().st_size == 0:
        # Where nothing at all can be written, SQLite has to be told that nobody else does.
        ways.append(f"{uri}?immutable=1")
    for way in ways:
        with contextlib.suppress(sqlite3.Error):
            db = sqlite3.connect(way, uri=True)
            try:
                if db.execute("PRAGMA user_version").fetchone() == (VERSION,):
                    return db
            except sqlite3.Error:
                pass
            db.close()
    return None


def copy(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Copy into the empty `target` what can be read of `source`, of the messages the newest."""
    for name in _tables(target):
        for query in _MESSAGES if name == "message" else (f"SELECT * FROM {name}",):
            rows = list(_readable(source, query))
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                target.executemany(f"REPLACE INTO {name} VALUES ({marks})", rows)
    # What is done to a message that was not copied stands for itself, or is done to nothing.
    target.execute(
        "UPDATE message SET about = NULL WHERE about > 0 AND about NOT IN (SELECT key FROM message)"
    )
    History(target, -1).acts.reindex()


def identity(path: Path) -> tuple[int, int] | None:
    """What tells the file at `path` from another that stands in its place; None without one."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def set_aside(path: Path) -> Path:
    """Give the database at `path` another name, with its log; what that is."""
    now = time.strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.name}.damaged-{now}-{os.getpid()}")
    for suffix in ("-wal", "-shm", ""):
        with contextlib.suppress(FileNotFoundError):
            os.rename(f"{path}{suffix}", f"{aside}{suffix}")
    return aside


def _tables(db: sqlite3.Connection) -> list[str]:
    """The tables of `db`, without the index of words and what that consists of."""
    rows = db.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name != 'word'"
        " AND name NOT LIKE 'word\\_%' ESCAPE '\\'"
    )
    return [name for (name,) in rows]


def _readable(db: sqlite3.Connection, query: str) -> Iterator[tuple[object, ...]]:
    with contextlib.suppress(sqlite3.Error):
        yield from db.execute(query)
