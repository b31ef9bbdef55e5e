"""The tables, and the way to them from every version that was ever released.

A version is a list of statements that lead to it from the one before; what is released is
never changed, only followed. `PRAGMA user_version` says which one a file has.
"""

from __future__ import annotations

import sqlite3

from termxmpp.errors import StoreError
from termxmpp.words import _

__all__ = ["VERSION", "migrate"]

_FIRST = (
    # `rank` is the order of the archive, `at` microseconds since 1970 (UTC), `fate` NULL for
    # what others wrote. `archive` is empty for the account's own, else the room's address: then
    # it was said to everybody there.
    # `is_settled`: its own archive has been looked through and does not have it.
    # `deed` is NULL for what stands for itself; else it is what is done to another message, which
    # is called `target` there, and has the key `about` here as soon as it is known and may be
    # changed by that author. `emojis` are those of a reaction, apart by spaces. `text` is as it was
    # sent, but for what `is_retracted`. `spoiler` is NULL where nothing is hidden.
    # `files` is what it shares, in JSON (`rows`), or empty. `matter` is what it holds that is no
    # text: its kind, a blank, and the detail.
    """
    CREATE TABLE message (
        key INTEGER PRIMARY KEY,
        peer TEXT NOT NULL,
        rank INTEGER NOT NULL,
        id TEXT NOT NULL,
        origin_id TEXT NOT NULL,
        archive TEXT NOT NULL DEFAULT '',
        archive_id TEXT,
        author TEXT NOT NULL,
        at INTEGER NOT NULL,
        text TEXT NOT NULL,
        subject TEXT NOT NULL,
        is_own INTEGER NOT NULL,
        is_delayed INTEGER NOT NULL,
        is_unread INTEGER NOT NULL,
        is_settled INTEGER NOT NULL DEFAULT 0,
        fate TEXT,
        reason TEXT NOT NULL,
        route TEXT NOT NULL,
        slot INTEGER NOT NULL,
        is_markable INTEGER NOT NULL DEFAULT 0,
        deed TEXT,
        target TEXT NOT NULL DEFAULT '',
        about INTEGER,
        emojis TEXT NOT NULL DEFAULT '',
        occupant TEXT NOT NULL DEFAULT '',
        reply_id TEXT NOT NULL DEFAULT '',
        reply_author TEXT NOT NULL DEFAULT '',
        reply_text TEXT NOT NULL DEFAULT '',
        spoiler TEXT,
        is_retracted INTEGER NOT NULL DEFAULT 0,
        is_mention INTEGER NOT NULL DEFAULT 0,
        is_unstyled INTEGER NOT NULL DEFAULT 0,
        files TEXT NOT NULL DEFAULT '',
        matter TEXT NOT NULL DEFAULT ''
    )
    """,
    "CREATE INDEX message_in_conversation ON message (peer, rank)",
    "CREATE INDEX message_by_rank ON message (rank)",
    "CREATE UNIQUE INDEX message_in_archive ON message (archive, archive_id)"
    " WHERE archive_id IS NOT NULL",
    "CREATE INDEX message_by_id ON message (id)",
    "CREATE INDEX message_by_origin ON message (origin_id) WHERE origin_id NOT IN ('', id)",
    "CREATE INDEX message_about ON message (about, deed, rank) WHERE about IS NOT NULL",
    "CREATE INDEX message_waiting ON message (target) WHERE deed IS NOT NULL AND about IS NULL",
    "CREATE INDEX message_answer ON message (reply_id) WHERE reply_id != ''",
    "CREATE INDEX message_unread ON message (peer, rank) WHERE is_unread",
    "CREATE INDEX message_untold ON message (rank, key) WHERE is_unread",
    "CREATE INDEX message_pending ON message (slot, key) WHERE fate IN ('QUEUED', 'SENT')",
    "CREATE INDEX message_unsettled ON message (rank)"
    " WHERE is_own AND archive_id IS NULL AND NOT is_settled",
    # The words are prepared by `search.searchable`, so the table holds no text of its own.
    "CREATE VIRTUAL TABLE word USING fts5 (text, content = '')",
    # Merging is done by us, in bounded steps; left to itself one insertion may merge all.
    "INSERT INTO word (word, rank) VALUES ('automerge', 0)",
    "INSERT INTO word (word, rank) VALUES ('crisismerge', 1999)",
    """
    CREATE TABLE conversation (
        peer TEXT PRIMARY KEY,
        is_open INTEGER NOT NULL,
        place INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE gap (
        number INTEGER PRIMARY KEY,
        archive TEXT NOT NULL DEFAULT '',
        after TEXT NOT NULL,
        before TEXT NOT NULL,
        low INTEGER NOT NULL,
        high INTEGER NOT NULL,
        is_missed INTEGER NOT NULL,
        holds_ours INTEGER NOT NULL,
        problem TEXT NOT NULL DEFAULT ''
    )
    """,
    # One row for each instance of termxmpp that may run beside others (`slots`).
    """
    CREATE TABLE session (
        slot INTEGER PRIMARY KEY,
        id TEXT NOT NULL,
        jid TEXT NOT NULL,
        location TEXT NOT NULL,
        handled INTEGER NOT NULL,
        acknowledged INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE unacknowledged (
        number INTEGER PRIMARY KEY,
        slot INTEGER NOT NULL,
        stanza TEXT NOT NULL,
        id TEXT NOT NULL
    )
    """,
    "CREATE INDEX unacknowledged_of ON unacknowledged (slot, number)",
    """
    CREATE TABLE contact (
        jid TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        groups TEXT NOT NULL,
        subscription TEXT NOT NULL,
        is_asked INTEGER NOT NULL,
        is_approved INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE presence (
        slot INTEGER NOT NULL,
        jid TEXT NOT NULL,
        availability TEXT NOT NULL,
        status TEXT NOT NULL,
        priority INTEGER NOT NULL,
        idle_since TEXT,
        PRIMARY KEY (slot, jid)
    ) WITHOUT ROWID
    """,
    # Every room that was ever entered; `place` is the order in which they are entered again.
    # `was_in`: since we left it last, we were in it.
    """
    CREATE TABLE room (
        jid TEXT PRIMARY KEY,
        nick TEXT NOT NULL,
        place INTEGER NOT NULL,
        is_wanted INTEGER NOT NULL,
        was_in INTEGER NOT NULL
    )
    """,
    # The rooms that an instance's session has to do with, and who is there; `subject` is NULL
    # until the room has told it. What an occupant has said stands behind the rank `since`: before
    # that its nick may have been somebody else's. `hats` are their titles, a line each.
    """
    CREATE TABLE occupancy (
        slot INTEGER NOT NULL,
        room TEXT NOT NULL,
        nick TEXT NOT NULL,
        is_in INTEGER NOT NULL,
        subject TEXT,
        namespaces TEXT NOT NULL,
        PRIMARY KEY (slot, room)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE occupant (
        slot INTEGER NOT NULL,
        room TEXT NOT NULL,
        nick TEXT NOT NULL,
        role TEXT NOT NULL,
        affiliation TEXT NOT NULL,
        jid TEXT NOT NULL,
        availability TEXT NOT NULL,
        status TEXT NOT NULL,
        hats TEXT NOT NULL DEFAULT '',
        since INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (slot, room, nick)
    ) WITHOUT ROWID
    """,
    # Single facts, of the account (slot -1) or of an instance.
    """
    CREATE TABLE fact (
        slot INTEGER NOT NULL,
        name TEXT NOT NULL,
        value,
        PRIMARY KEY (slot, name)
    ) WITHOUT ROWID
    """,
    # Keys of messages: up to where another device of the user and the peer have read, how far
    # the server tells all devices, and what was read here and is to be told so; `to_mark` is the
    # id of the message for which a marker is to be sent.
    """
    CREATE TABLE reading (
        peer TEXT PRIMARY KEY,
        elsewhere INTEGER,
        by_peer INTEGER,
        published INTEGER,
        to_publish INTEGER,
        to_mark TEXT
    ) WITHOUT ROWID
    """,
    # What is to be told: `rule` is NULL where none is set; `muted_until` is as `message.at`.
    """
    CREATE TABLE telling (
        peer TEXT PRIMARY KEY,
        rule TEXT,
        muted_until INTEGER,
        is_due INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    # The rooms' bookmarks as the server has them, or as they are to be there (`is_due`); their
    # passwords are left to the server.
    """
    CREATE TABLE bookmark (
        room TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        is_autojoin INTEGER NOT NULL,
        nick TEXT NOT NULL,
        is_due INTEGER NOT NULL,
        is_removed INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    # What programs can, by the hashes that have proven it (XEP-0115); the oldest are forgotten.
    """
    CREATE TABLE ability (
        number INTEGER PRIMARY KEY,
        node TEXT NOT NULL,
        verification TEXT NOT NULL,
        hash TEXT NOT NULL,
        namespaces TEXT NOT NULL,
        UNIQUE (node, verification, hash)
    )
    """,
    # What was begun to be written, and what was entered, in the window of the peer; the console's
    # is empty.
    """
    CREATE TABLE draft (
        peer TEXT PRIMARY KEY,
        text TEXT NOT NULL,
        cursor INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE line (
        number INTEGER PRIMARY KEY,
        peer TEXT NOT NULL,
        text TEXT NOT NULL
    )
    """,
    "CREATE INDEX line_of ON line (peer, number)",
    # What was said to be read before it was known here.
    """
    CREATE TABLE awaited (
        number INTEGER PRIMARY KEY,
        peer TEXT NOT NULL,
        kind TEXT NOT NULL,
        name TEXT NOT NULL
    )
    """,
    "CREATE INDEX awaited_of ON awaited (peer, name)",
    "CREATE INDEX message_to_be_read ON message (peer, rank)"
    " WHERE is_own AND fate IN ('ACKNOWLEDGED', 'RECEIVED')",
)

_STEPS = (_FIRST,)

VERSION = len(_STEPS)


def migrate(db: sqlite3.Connection) -> None:
    """Bring `db` to this version, in the open transaction; StoreError if it is a newer one's."""
    (found,) = db.execute("PRAGMA user_version").fetchone()
    if found > VERSION:
        raise StoreError(
            _(
                "The history was written by a newer termxmpp (its form is {found}, "
                "ours {version}); use that one, or move the file away."
            ).format(found=found, version=VERSION)
        )
    for statements in _STEPS[found:]:
        for statement in statements:
            db.execute(statement)
    if found != VERSION:
        db.execute(f"PRAGMA user_version = {VERSION}")
