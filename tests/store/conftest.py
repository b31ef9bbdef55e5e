"""Records in memory, and the history that one instance has there."""

from __future__ import annotations

import sqlite3

import pytest

from termxmpp.store.database import in_memory
from termxmpp.store.history import History


@pytest.fixture
def db() -> sqlite3.Connection:
    return in_memory()


@pytest.fixture
def history(db: sqlite3.Connection) -> History:
    """That of the first instance."""
    return History(db, 0)
