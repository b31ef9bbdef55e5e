"""One SQLite file, opened so that nothing waits: WAL, short transactions, bounded steps.

`synchronous=NORMAL`: what is committed survives the end of the process, however it comes; the
last moments may be lost with the machine's power. The write-ahead log is moved into the file
by a child process, since that waits for the disk.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from termxmpp.errors import StoreError
from termxmpp.store.schema import migrate

__all__ = ["CORRUPT", "Checkpoints", "check", "in_memory", "open_file"]

# Two instances of an account take turns within milliseconds; longer than this (seconds) nobody
# holds the file in good order.
LOCK_TIMEOUT = 0.25

# After so much work the write-ahead log is moved into the file: a commit writes some pages of
# 4 KiB and a row part of one, so that the log stays at some MiB.
LONG_LOG, COMMIT_WORK = 4096, 16

# Reading a file of some gigabytes takes its time (seconds).
CHECK_TIMEOUT = 600.0

# The program of the child: no module of ours, so that it starts within milliseconds.
_CHECKPOINT = (
    "import sqlite3, sys; "
    "sqlite3.connect(sys.argv[1]).execute('PRAGMA wal_checkpoint(PASSIVE)').fetchall()"
)
_CHECK = (
    "import sqlite3, sys; "
    "print(sqlite3.connect(sys.argv[1]).execute('PRAGMA quick_check(1)').fetchone()[0])"
)

# What SQLite says of a file that is no database of it, or no more.
CORRUPT = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})


def open_file(path: Path) -> sqlite3.Connection:
    """The database at `path`, of this version, made if need be; 0600 in a folder of 0700.

    Raises sqlite3.Error or OSError for a file that can't be used, StoreError for one of a
    newer version.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    db = sqlite3.connect(path, timeout=LOCK_TIMEOUT, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA wal_autocheckpoint = 0")
        _begin(db)
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
    except (sqlite3.Error, StoreError):
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


class Checkpoints:
    """Moves the write-ahead log of the database at `path` into it, beside the loop."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._child: subprocess.Popen[bytes] | None = None
        self._work = 0

    def committed(self, rows: int) -> None:
        """A commit has written `rows`: begin to move the log if it has become long."""
        self._work += COMMIT_WORK + rows
        if self._work < LONG_LOG or (self._child is not None and self._child.poll() is None):
            return
        self._work = 0
        self._child = _child(_CHECKPOINT, self._path)

    def close(self) -> None:
        """Wait for the child, if there is one."""
        if self._child is not None:
            self._child.communicate()


async def check(path: Path) -> str:
    """`ok` if the database at `path` is whole, else what is wrong; found out by a child process.

    Empty where that could not be found out.
    """
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", "-c", _CHECK, str(path)),
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


def _child(program: str, path: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", program, str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
