"""The addresses that the records know, for who completes one without connecting."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from termxmpp.store.rescue import open_to_read

__all__ = ["known_addresses"]

# Contacts, rooms, and with whom something was said, which may be much.
_QUERY = """
SELECT jid FROM contact UNION SELECT jid FROM room UNION SELECT room FROM bookmark
UNION SELECT peer FROM (SELECT DISTINCT peer FROM message LIMIT 5000)
"""


def known_addresses(folder: Path) -> Iterator[str]:
    """Those of every account whose records are in `folder`, and these accounts themselves.

    What can't be read at the moment is left out; nothing is written.
    """
    for path in sorted(folder.glob("*.sqlite")):
        if "@" in path.stem:
            yield path.stem
        db = open_to_read(path)
        if db is None:
            continue
        with contextlib.closing(db), contextlib.suppress(sqlite3.Error):
            for (address,) in db.execute(_QUERY):
                yield str(address)
