"""Records as released versions of termxmpp have left them: one dump for each version of the schema.

`python -m tests.store.released` writes that of the present version; what has been released is
never written again. Each holds something of every kind: what is said in `fill` to be there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from termxmpp.core import events
from termxmpp.core.bookmarks import Bookmark
from termxmpp.core.capabilities import Capabilities
from termxmpp.core.draft import Draft
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Route
from termxmpp.core.room import Affiliation, Occupant, Role
from termxmpp.core.roster import Availability, Contact, Presence
from termxmpp.core.session import Session, Token
from termxmpp.core.telling import FOREVER, Rule, Telling
from termxmpp.store.slots import machine
from termxmpp.store.store import Store

__all__ = ["FOLDER", "dump", "fill", "load"]

FOLDER = Path(__file__).parent

ALICE = Jid.parse("alice@example.org/here")
BOB, CAROL = Jid.parse("bob@example.org"), Jid.parse("carol@example.org")
CLUB = Jid.parse("club@rooms.example.org")
OCCUPANT = Occupant(
    *("alice", Role.PARTICIPANT, Affiliation.NONE, None), Presence(Availability.ONLINE, "here")
)
NOON = datetime(2026, 1, 2, 12, 0, 0, 5, tzinfo=UTC)

HEARD = (
    Message("a", BOB.with_resource("desk"), "hello", NOON, archive_id="1"),
    Message(
        *("b", BOB.with_resource("desk"), "two\nlines, it's 日本 😀", NOON),
        subject="a subject",
        is_delayed=True,
        route=Route.OFFLINE,
        archive_id="2",
    ),
)
WRITTEN = tuple(
    Message(
        *(name, ALICE, f"{name} by me", NOON, True, Fate.QUEUED),
        route=Route.WRITTEN,
        origin_id=name,
    )
    for name in ("read", "failed", "queued")
)
CONTACT = Contact(BOB, "Bob, 'the' builder", ("Friends", "Work"), "to", is_approved=True)
SESSION = Session("id", ALICE, "[::1]:5222", 7, 3, (("<message/>", "queued"),))
TOKEN = Token("HT-SHA-256-ENDP", "s3cret", NOON)
PRESENCE = events.PresenceChanged(
    BOB.with_resource("desk"), Presence(Availability.DND, "busy", 5, NOON)
)
DISCOVERED = events.ServerDiscovered(frozenset({"urn:a", "urn:b"}), frozenset({"urn:c"}))
BOOKMARK = Bookmark(CLUB, "The Club", is_autojoin=True, nick="queen", is_due=True)
TELLING = Telling(Rule.NONE, FOREVER, is_due=True)
ABILITIES = events.AbilitiesLearned(
    Capabilities("urn:x", "hash=", "sha-1"), frozenset({"urn:a", "urn:b"})
)
AGENT = "5f7c2bd0-3b1b-4c0f-9d53-1d5ac9f6e7a1"
PROBLEM = "the archive refuses"
DRAFT = events.DraftChanged(BOB, Draft("half a\nthought, 日本", 6))
LINE = "/join club@rooms.example.org"


def fill(path: Path) -> None:
    """Make records with something of every kind."""
    store = Store(path)
    store.note("user agent", AGENT)
    store.keep_token(TOKEN)
    store.record(events.MessageReceived(CAROL, replace(HEARD[0], author=CAROL, archive_id="0")))
    store.record(events.ConversationRead(CAROL))
    store.record(events.ConversationClosed(CAROL))
    store.record(events.SessionStarted(ALICE))
    store.session_began(SESSION)
    store.record(DISCOVERED)
    store.record(events.RosterReceived((CONTACT,), "v1"))
    store.record(PRESENCE)
    store.record(events.RoomRequested(CLUB, "alice"))
    store.record(events.RoomDiscovered(CLUB, frozenset({"urn:c"})))
    store.record(events.OccupantChanged(CLUB, OCCUPANT))
    store.record(events.RoomEntered(CLUB, "alice"))
    store.record(events.CatchUpBegun())
    store.record(events.GapFailed(store.history.gaps.all()[0].number, PROBLEM))
    for message in HEARD:
        store.record(events.MessageReceived(BOB, message))
    for message in WRITTEN:
        store.record(events.MessageWritten(BOB, message))
    store.record(events.FateChanged(BOB, "read", Fate.READ))
    store.record(events.ReadElsewhere(BOB, archive_id="not known yet"))
    store.record(events.FateChanged(BOB, "failed", Fate.FAILED, "no such user"))
    store.record(events.TellingChanged(CLUB, TELLING))
    store.record(events.BookmarkChanged(BOOKMARK))
    store.record(ABILITIES)
    store.record(events.LineEntered(None, LINE))
    store.record(DRAFT)
    store.close()


def dump(path: Path) -> str:
    """The records at `path` as SQL, the same for the same, whichever machine they are of."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE fact SET value = '' WHERE name = 'machine'")
        return "".join(f"{statement};\n" for statement in _statements(db))


def load(sql: str, path: Path) -> None:
    """Make the records at `path` that were dumped as `sql`; they are of this machine."""
    with closing(sqlite3.connect(path)) as db:
        db.executescript(sql)
        db.execute("UPDATE fact SET value = ? WHERE name = 'machine'", (machine(),))
        db.commit()


def _statements(db: sqlite3.Connection) -> Iterator[str]:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    yield "BEGIN"
    created = db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    for name, sql in created:
        if not name.startswith("word_"):
            yield sql.strip()
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'word'")
    for (table,) in rows.fetchall():
        columns = [column for _, column, *_ in db.execute(f"PRAGMA table_info ({table})")]
        quoted = ", ".join(f"quote({column})" for column in columns)
        if table.startswith("word_"):
            # What belongs to the index of words is made with it, and has something in it at once.
            yield f"DELETE FROM {table}"
        for row in db.execute(f"SELECT {quoted} FROM {table} ORDER BY {', '.join(columns)}"):
            yield f"INSERT INTO {table} VALUES ({', '.join(row)})"
    yield f"PRAGMA user_version = {version}"
    yield "COMMIT"
