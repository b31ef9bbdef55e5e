"""What the user writes: the drafts, and the lines that were entered, by their conversations."""

from __future__ import annotations

import sqlite3

from termxmpp.core import events
from termxmpp.core.draft import NO_DRAFT, Draft
from termxmpp.core.jid import Jid

__all__ = ["KEPT_LINES", "Lines"]

# So many lines of each conversation are kept: nobody goes further back key by key.
KEPT_LINES = 500


class Lines:
    """What `db` holds of it; of the account, since a draft is to be found by any instance."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def set_draft(self, peer: Jid | None, draft: Draft) -> None:
        """Keep `draft`, or with NO_DRAFT none."""
        if draft == NO_DRAFT:
            self._db.execute("DELETE FROM draft WHERE peer = ?", (_name(peer),))
        else:
            self._db.execute(
                "REPLACE INTO draft VALUES (?, ?, ?)", (_name(peer), draft.text, draft.cursor)
            )

    def drafts(self) -> list[events.DraftChanged]:
        rows = self._db.execute("SELECT peer, text, cursor FROM draft ORDER BY peer")
        return [
            events.DraftChanged(Jid.parse(peer) if peer else None, Draft(text, cursor))
            for peer, text, cursor in rows
        ]

    def enter(self, peer: Jid | None, line: str) -> None:
        """Keep `line` as the newest, once if it repeats the one before; the draft is gone."""
        self.set_draft(peer, NO_DRAFT)
        if self.entered(peer, 1) == [line]:
            return
        self._db.execute("INSERT INTO line (peer, text) VALUES (?, ?)", (_name(peer), line))
        self._db.execute(
            "DELETE FROM line WHERE peer = ? AND number <= (SELECT number FROM line"
            " WHERE peer = ? ORDER BY number DESC LIMIT 1 OFFSET ?)",
            (_name(peer), _name(peer), KEPT_LINES),
        )

    def entered(self, peer: Jid | None, count: int) -> list[str]:
        """The `count` newest lines, oldest first."""
        rows = self._db.execute(
            "SELECT text FROM line WHERE peer = ? ORDER BY number DESC LIMIT ?",
            (_name(peer), count),
        ).fetchall()
        return [text for (text,) in reversed(rows)]


def _name(peer: Jid | None) -> str:
    return "" if peer is None else str(peer)
