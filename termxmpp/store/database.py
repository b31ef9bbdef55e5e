"""One SQLite file, opened so that nothing waits: WAL, short transactions, bounded steps.

`synchronous=NORMAL`: what is committed survives the end of the process, however it comes; the
last moments may be lost with the machine's power. The write-ahead log is moved into the file
by a child process, since that waits for the disk.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from termxmpp.errors import StoreError
from termxmpp.store.schema import migrate

__all__ = [
    "LOCK_TIMEOUT",
    "Checkpoints",
    "Damaged",
    "check",
    "in_memory",
    "is_damaged",
    "is_locked",
    "is_of_disk",
    "open_file",
]

logger = logging.getLogger(__name__)

# Two instances of an account take turns within milliseconds; longer than this (seconds) nobody
# holds the file in good order.
LOCK_TIMEOUT = 0.25

# After so many pages of 4 KiB the write-ahead log is moved into the file. A commit writes some of
# them, and a row part of one.
LONG_LOG, COMMIT_PAGES, ROWS_OF_A_PAGE = 4096, 10, 5

# The log begins anew with a turn that finds all of it moved: so often the child moves what was
# written while it moved the rest, and looks after so long (seconds) whether that turn came.
PASSES, PAUSE = 8, 0.005

# A log of so many pages has not had such a turn for long. Then the writers are held up for the
# last pass, as long as the disk takes to sync; the child tries that so often, each time for so
# long (seconds), since it waits for readers too.
LONGEST_LOG, TRIES, HOLD_UP = 16384, 10, 0.1

# A log that has been longer is cut to this when it begins anew (bytes).
LOG_SIZE = 32 * 2**20

# Reading a file of some gigabytes takes its time (seconds).
CHECK_TIMEOUT = 600.0

# The programs of children: no module of ours, so that they start within milliseconds.
_CHECKPOINT = f"""
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], timeout={HOLD_UP}, uri=True)
_, length, _ = db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
is_moved = False
for _ in range({PASSES}):
    before = length
    time.sleep({PAUSE})
    _, length, moved = db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    is_moved = length < before or moved == length == before
    if is_moved:
        break
for _ in range({TRIES} if length >= {LONGEST_LOG} else 0):
    is_busy, _, _ = db.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
    if not is_busy:
        sys.exit(0)
sys.exit(not is_moved)
"""
_CHECK = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], uri=True)
print(db.execute("PRAGMA quick_check(1)").fetchone()[0])
"""

# What SQLite says of a file that is no database of it, or no more; that another holds it; and
# that the disk or its file system does not do what it should. The names of its extended codes
# begin with these.
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_LOCKED = ("SQLITE_BUSY", "SQLITE_LOCKED")
_FAILING = (
    *("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM"),
    *("SQLITE_PROTOCOL", "SQLITE_NOLFS"),
)


class Damaged(sqlite3.DatabaseError):
    """The file is no whole database any more, as a look through it has told."""


def is_damaged(error: Exception) -> bool:
    """Whether `error` says that the file is no (whole) database."""
    return isinstance(error, Damaged) or _name(error).startswith(_DAMAGED)


def is_locked(error: Exception) -> bool:
    """Whether `error` says that another process holds the file."""
    return _name(error).startswith(_LOCKED)


def is_of_disk(error: Exception) -> bool:
    """Whether `error` comes of the file and its disk; else it is a bug of ours."""
    is_known = _name(error).startswith((*_DAMAGED, *_LOCKED, *_FAILING))
    return is_known or isinstance(error, (OSError, Damaged))


def _name(error: Exception) -> str:
    return str(getattr(error, "sqlite_errorname", ""))


def open_file(path: Path, patience: float = LOCK_TIMEOUT) -> sqlite3.Connection:
    """The database at `path`, of this version, made if need be; 0600 in a folder of 0700.

    `patience` is how long another process is waited for, in seconds; later it is LOCK_TIMEOUT.
    Raises sqlite3.Error or OSError for a file that can't be used, StoreError for one of a
    newer version.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # Also one that was copied here by whatever means; its log gets the same mode.
        os.fchmod(fd, 0o600)
    finally:
        os.close(fd)
    db = sqlite3.connect(path, timeout=patience, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute(f"PRAGMA journal_size_limit = {LOG_SIZE}")
        _begin(db)
        db.execute(f"PRAGMA busy_timeout = {round(LOCK_TIMEOUT * 1000)}")
        return db
    except BaseException:
        db.close()
        raise


def in_memory() -> sqlite3.Connection:
    """A database of this version that goes with the process."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    _begin(db)
    return db


def _begin(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        migrate(db)
        db.execute("COMMIT")
    except (sqlite3.Error, StoreError):
        if db.in_transaction:
            # Where the disk is full, SQLite has rolled back by itself.
            db.execute("ROLLBACK")
        raise


class Checkpoints:
    """Moves the write-ahead log of the database at `path` into it, beside the loop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._child: subprocess.Popen[bytes] | None = None
        self._pages = 0

    def committed(self, rows: int) -> None:
        """A commit has written `rows`: begin to move the log if it has become long."""
        self._pages += COMMIT_PAGES + rows // ROWS_OF_A_PAGE
        if self._child is not None:
            if self._child.poll() is None:
                return
            if self._child.returncode != 0:
                # Writing was faster: the next one comes sooner.
                self._pages += LONG_LOG // 2
            self._child = None
        if self._pages >= LONG_LOG:
            self._pages = 0
            try:
                self._child = subprocess.Popen(
                    _command(_CHECKPOINT, self._path),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            except OSError as error:
                # No more processes or descriptors: the log waits.
                logger.info("the log of %s is not moved: %s", self._path, error)

    def close(self) -> None:
        """Wait for the child, if there is one."""
        if self._child is not None:
            self._child.wait()


async def check(path: Path) -> str:
    """`ok` if the database at `path` is whole, else what is wrong; found out by a child process.

    Empty where that could not be found out.
    """
    child = await asyncio.create_subprocess_exec(
        *_command(_CHECK, path),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(CHECK_TIMEOUT):
            answer, problem = await child.communicate()
    except TimeoutError:
        return ""
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode == 0:
        return answer.decode().strip()
    # The last line of a traceback names the error.
    last = problem.decode("utf-8", "replace").strip().rpartition("\n")[2]
    return last if "malformed" in last or "not a database" in last else ""


def _command(program: str, path: Path) -> list[str]:
    """Python with `program`, which gets the database as a URI and never makes one."""
    return [sys.executable, "-I", "-S", "-c", program, f"{path.absolute().as_uri()}?mode=rw"]
