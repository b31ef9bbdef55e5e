"""The file of the records: who may read it, how its log is kept short, and whether it is whole."""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
import stat
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.store.database import (
    LOG_SIZE,
    LONG_LOG,
    LONGEST_LOG,
    PAUSE,
    ROWS_OF_A_PAGE,
    Checkpoints,
    check,
    is_damaged,
    is_locked,
    is_of_disk,
    open_file,
)
from tests.support.leaks import nothing_left

PAGE = 4096

# Rows that fill a log.
MANY = LONG_LOG * ROWS_OF_A_PAGE

Children = Callable[[], set[int]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a folder" / "alice@example.org.sqlite"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def write(db: sqlite3.Connection, pages: int = 1) -> None:
    """One commit that changes so many pages."""
    db.execute("REPLACE INTO fact VALUES (-1, 'filler', randomblob(?))", (pages * PAGE,))


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def outcome(path: Path) -> str:
    """What `check` says; it leaves nothing behind."""

    async def main(mainloop: EpollMainLoop) -> str:
        async with nothing_left():
            return await check(path)

    return run(main)


@pytest.fixture
def children() -> Children:
    """Tells the children that the test has begun; the servers of others may run beside."""
    before = _children()
    return lambda: _children() - before


def _children() -> set[int]:
    found = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return {int(pid) for pid in found}


def test_the_file_and_its_folder_are_the_users_alone(path: Path) -> None:
    umask = os.umask(0)
    try:
        with closing(open_file(path)) as db:
            write(db)
            files = sorted(path.parent.iterdir())
            assert [mode(each) for each in files] == [0o600] * 3
            assert mode(path.parent) == 0o700
    finally:
        os.umask(umask)


def test_a_file_that_others_could_read_is_the_users_alone_from_then_on(path: Path) -> None:
    open_file(path).close()
    path.chmod(0o644)
    with closing(open_file(path)) as db:
        write(db)
        assert [mode(path), mode(log_of(path))] == [0o600] * 2


def test_the_database_is_kept_so_that_a_commit_waits_for_nothing(path: Path) -> None:
    with closing(open_file(path)) as db:
        pragmas = ("journal_mode", "synchronous", "wal_autocheckpoint")
        found = [db.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]
        assert found == ["wal", 1, 0]


def test_what_is_committed_is_there_when_the_process_is_not(path: Path) -> None:
    """The log holds it; nothing has been moved into the file."""
    db = open_file(path)
    write(db)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT count(*) FROM fact WHERE name = 'filler'").fetchone() == (1,)
    db.close()


def test_while_another_writes_one_does_not_wait_for_long(path: Path) -> None:
    with closing(open_file(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError) as refused:
            open_file(path)
        assert is_locked(refused.value)
        assert is_of_disk(refused.value)


def test_a_bug_of_ours_is_no_failure_of_the_disk(path: Path) -> None:
    with closing(open_file(path)) as db:
        for statement in ("SELECT nothing", "INSERT INTO fact VALUES (1, NULL, 1)", "ROLLBACK"):
            with pytest.raises(sqlite3.Error) as bug:
                db.execute(statement)
            assert not is_of_disk(bug.value)


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_file_that_is_none_of_ours_is_refused_and_left_as_it_is(
    path: Path, content: bytes
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(sqlite3.DatabaseError) as refused:
        open_file(path)
    assert is_damaged(refused.value)
    assert path.read_bytes() == content


# The log.


def test_the_log_is_moved_into_the_file_by_a_child_and_begins_anew(
    path: Path, children: Children
) -> None:
    checkpoints = Checkpoints(path)
    with closing(open_file(path)) as db:
        for _ in range(100):
            write(db)
            checkpoints.committed(1)
        assert not children()
        checkpoints.committed(MANY)
        assert len(children()) == 1
        checkpoints.close()
        length = log_of(path).stat().st_size
        for _ in range(50):
            write(db)
            checkpoints.committed(1)
        assert log_of(path).stat().st_size == length
        assert not children()


def test_a_log_that_has_become_too_long_begins_anew_although_writing_never_pauses(
    path: Path, children: Children
) -> None:
    """One turn follows the other, and each takes longer than the child looks on."""
    checkpoints = Checkpoints(path)
    with closing(open_file(path)) as db:
        while log_of(path).stat().st_size < LONGEST_LOG * PAGE:
            write(db, pages=100)
        checkpoints.committed(MANY)
        while children():
            db.execute("BEGIN IMMEDIATE")
            write(db)
            time.sleep(2 * PAUSE)
            db.execute("COMMIT")
            checkpoints.committed(1)
            time.sleep(PAUSE / 5)
        write(db)
        assert log_of(path).stat().st_size <= LOG_SIZE


@pytest.mark.parametrize("is_read", [False, True])
def test_what_could_not_be_moved_is_moved_sooner(
    path: Path, children: Children, is_read: bool
) -> None:
    """While somebody reads what was before it, it has to stay in the log."""
    checkpoints = Checkpoints(path)
    with closing(open_file(path)) as db, closing(open_file(path)) as other:
        if is_read:
            other.execute("BEGIN")
            other.execute("SELECT * FROM fact").fetchall()
        write(db)
        checkpoints.committed(MANY)
        checkpoints.close()
        checkpoints.committed(MANY // 2)
        assert len(children()) == is_read
        checkpoints.close()


def test_where_no_child_can_be_begun_the_log_waits(path: Path, children: Children) -> None:
    checkpoints = Checkpoints(path)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with closing(open_file(path)) as db:
        write(db)
        lowest = os.dup(0)
        os.close(lowest)
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, limits[1]))
        try:
            checkpoints.committed(MANY)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        assert not children()
        checkpoints.committed(MANY)
        assert len(children()) == 1
        checkpoints.close()


# Whether it is whole.


def test_a_file_that_is_whole_is_said_to_be(path: Path) -> None:
    with closing(open_file(path)) as db:
        write(db)
        assert outcome(path) == "ok"


@pytest.mark.parametrize("offset", [0, 2 * PAGE])
def test_a_file_that_is_damaged_is_said_to_be(path: Path, offset: int) -> None:
    open_file(path).close()
    overwrite(path, offset, b"\xa5" * PAGE)
    assert outcome(path) not in ("ok", "")


def test_a_file_that_was_cut_off_is_said_to_be_damaged(path: Path) -> None:
    with closing(open_file(path)) as db:
        write(db, pages=100)
    os.truncate(path, path.stat().st_size // 2)
    assert outcome(path) not in ("ok", "")


def test_of_a_file_that_is_not_there_nothing_is_said_and_none_is_made(path: Path) -> None:
    path.parent.mkdir()
    assert outcome(path) == ""
    assert not path.exists()


def test_a_check_that_is_not_waited_for_ends(path: Path, children: Children) -> None:
    open_file(path).close()

    async def main(mainloop: EpollMainLoop) -> None:
        checking = asyncio.create_task(check(path))
        while not children():  # noqa: ASYNC110  # the child says nothing when it begins
            await asyncio.sleep(0)
        checking.cancel()
        await asyncio.gather(checking, return_exceptions=True)
        assert not children()

    run(main)
