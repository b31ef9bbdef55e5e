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

# The index is merged by so many pages of 4 KiB at once, at least and at most: a message costs some
# microseconds more, and no commit has to merge the whole index. A page for each message is twice
# of what is needed in the long run.
FEWEST_PAGES, MOST_PAGES = 4, 32

# All words that begin alike are looked up together, which takes its time where they are many.
FEWEST_LETTERS = 4


class Index:
    """The index of `db`'s messages by their words."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        # Each run merges something, also if it says one thing only.
        self._due = FEWEST_PAGES - 1

    def add(self, key: int, text: str, subject: str = "") -> None:
        """Index the message with that key."""
        words = searchable(f"{subject}\n{text}" if subject else text)
        self._db.execute("INSERT INTO word (rowid, text) VALUES (?, ?)", (key, words))
        self._due += 1

    def remove(self, key: int, text: str, subject: str = "") -> None:
        """Forget the message with that key, which was indexed with these words."""
        words = searchable(f"{subject}\n{text}" if subject else text)
        self._db.execute(
            "INSERT INTO word (word, rowid, text) VALUES ('delete', ?, ?)", (key, words)
        )
        self._due += 1

    def forget(self) -> None:
        """Forget all messages: nobody searches here."""
        self._db.execute("INSERT INTO word (word) VALUES ('delete-all')")

    def merge(self) -> None:
        """Do a part of the merging that is due; before each commit."""
        if self._due >= FEWEST_PAGES:
            pages = min(self._due, MOST_PAGES)
            self._due -= pages
            self._db.execute("INSERT INTO word (word, rank) VALUES ('merge', ?)", (pages,))

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

    def beginning(self, words: str, count: int, before: int | None) -> list[int]:
        """As `find`, but the last word need only begin so; of those recorded before `before`.

        A beginning of few letters is taken for a word: too much begins so.
        """
        parts = [quoted for word in words.replace("\0", " ").split() if (quoted := _quoted(word))]
        if not parts:
            return []
        query = " ".join(f'"{part}"' for part in parts)
        if len(parts[-1]) >= FEWEST_LETTERS and not words[-1:].isspace():
            query += " *"
        rows = self._db.execute(
            "SELECT rowid FROM word WHERE word MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?",
            (query, 2**63 - 1 if before is None else before, count),
        )
        return [key for (key,) in rows]


def searchable(text: str) -> str:
    """`text` with spaces around each character that is a word of its own."""
    return _UNSPACED.sub(r" \1 ", text)


def _quoted(word: str) -> str:
    return searchable(word).strip().replace('"', '""')
