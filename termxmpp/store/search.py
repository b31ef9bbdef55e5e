"""The full-text index: kept as messages come, merged in steps that nobody notices."""

from __future__ import annotations

import re
import sqlite3

__all__ = ["Index", "searchable"]

# Writing of these scripts has no spaces between words; each character is one for the index,
# and a phrase of them is found as what it is.
_UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003134f])"
)

# A merge step for so many messages, of so many pages of 4 KiB: a message costs some
# microseconds more, and no commit has to merge the whole index. A page for each is twice of what
# is needed in the long run.
MERGE_EVERY, MERGE_PAGES = 4, 4


class Index:
    """The index of `db`'s messages by their words."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def add(self, key: int, text: str, subject: str = "") -> None:
        """Index the message with that key."""
        words = searchable(f"{subject}\n{text}" if subject else text)
        self._db.execute("INSERT INTO word (rowid, text) VALUES (?, ?)", (key, words))
        if key % MERGE_EVERY == 0:
            self._db.execute("INSERT INTO word (word, rank) VALUES ('merge', ?)", (MERGE_PAGES,))

    def find(self, words: str, count: int) -> list[int]:
        """The keys of at most `count` messages that hold all `words`, recorded last first."""
        # FTS5 reads a query as far as a NUL, which is no part of any word.
        words = words.replace("\0", " ")
        query = " ".join(f'"{_quoted(word)}"' for word in words.split())
        if not query:
            return []
        rows = self._db.execute(
            "SELECT rowid FROM word WHERE word MATCH ? ORDER BY rowid DESC LIMIT ?", (query, count)
        )
        return [key for (key,) in rows]


def searchable(text: str) -> str:
    """`text` with spaces around each character that is a word of its own."""
    return _UNSPACED.sub(r" \1 ", text)


def _quoted(word: str) -> str:
    return searchable(word).strip().replace('"', '""')
