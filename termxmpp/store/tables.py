"""The records beside the messages: session, roster, presence, windows, single facts."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from termxmpp.core import events
from termxmpp.core.bookmarks import Bookmark
from termxmpp.core.capabilities import MOST_ABILITIES, Capabilities
from termxmpp.core.jid import Jid
from termxmpp.core.roster import Availability, Contact, Presence
from termxmpp.core.service import Service
from termxmpp.core.session import Session, Token
from termxmpp.core.telling import UNSET, Rule, Telling

__all__ = ["Tables"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

# Facts of the account, not of an instance of termxmpp.
ACCOUNT = -1


class Tables:
    """What `db` holds for the instance `slot` besides messages."""

    def __init__(self, db: sqlite3.Connection, slot: int) -> None:
        self._db = db
        self._slot = slot

    # Single facts.

    def fact(self, name: str, *, of_account: bool = False) -> object:
        """What is noted under `name`, or None."""
        slot = ACCOUNT if of_account else self._slot
        row = self._db.execute(
            "SELECT value FROM fact WHERE slot = ? AND name = ?", (slot, name)
        ).fetchone()
        return row[0] if row else None

    def note(self, name: str, value: object, *, of_account: bool = False) -> None:
        """Note `value` under `name`; None forgets it."""
        slot = ACCOUNT if of_account else self._slot
        if value is None:
            self._db.execute("DELETE FROM fact WHERE slot = ? AND name = ?", (slot, name))
        else:
            self._db.execute("REPLACE INTO fact VALUES (?, ?, ?)", (slot, name, value))

    # What is to be told.

    def tellings(self) -> list[events.TellingChanged]:
        """What was set, conversation by conversation."""
        rows = self._db.execute("SELECT peer, rule, muted_until, is_due FROM telling")
        return [
            events.TellingChanged(
                Jid.prepared(peer),
                Telling(
                    Rule(rule) if rule else None,
                    EPOCH + until * MICROSECOND if until is not None else None,
                    bool(is_due),
                ),
            )
            for peer, rule, until, is_due in rows
        ]

    def set_telling(self, peer: Jid, telling: Telling) -> None:
        until = telling.muted_until
        self._db.execute("DELETE FROM telling WHERE peer = ?", (str(peer),))
        if telling != UNSET:
            self._db.execute(
                "INSERT INTO telling VALUES (?, ?, ?, ?)",
                (
                    *(str(peer), telling.rule.value if telling.rule else None),
                    *((until - EPOCH) // MICROSECOND if until else None, telling.is_due),
                ),
            )

    # The rooms' bookmarks.

    def bookmarks(self) -> list[events.BookmarkChanged]:
        rows = self._db.execute(
            "SELECT room, name, is_autojoin, nick, is_due, is_removed FROM bookmark"
        )
        return [
            events.BookmarkChanged(
                Bookmark(
                    *(Jid.prepared(room), name, bool(is_autojoin), nick),
                    is_due=bool(is_due),
                    is_removed=bool(is_removed),
                )
            )
            for room, name, is_autojoin, nick, is_due, is_removed in rows
        ]

    def set_bookmark(self, bookmark: Bookmark) -> None:
        self._db.execute(
            "REPLACE INTO bookmark VALUES (?, ?, ?, ?, ?, ?)",
            (
                *(str(bookmark.room), bookmark.name, bookmark.is_autojoin, bookmark.nick),
                *(bookmark.is_due, bookmark.is_removed),
            ),
        )

    def remove_bookmark(self, room: Jid) -> None:
        self._db.execute("DELETE FROM bookmark WHERE room = ?", (str(room),))

    # What programs can.

    def abilities(self) -> list[events.AbilitiesLearned]:
        """What was proven, what was learned last last."""
        rows = self._db.execute(
            "SELECT node, verification, hash, namespaces FROM ability ORDER BY number"
        )
        return [
            events.AbilitiesLearned(
                Capabilities(node, verification, hash),
                # Most programs can the same.
                frozenset(map(sys.intern, json.loads(namespaces))),
            )
            for node, verification, hash, namespaces in rows
        ]

    def add_abilities(self, learned: events.AbilitiesLearned) -> None:
        """Keep what was proven, instead of the oldest where there is too much."""
        can = learned.capabilities
        self._db.execute(
            "REPLACE INTO ability (node, verification, hash, namespaces) VALUES (?, ?, ?, ?)",
            (can.node, can.verification, can.hash, json.dumps(sorted(learned.namespaces))),
        )
        self._db.execute(
            "DELETE FROM ability WHERE number <= (SELECT max(number) FROM ability) - ?",
            (MOST_ABILITIES,),
        )

    # What nobody but a program reads.

    def told(self, key: int) -> None:
        """The message of that key was told to whom it was for."""
        self._db.execute("UPDATE message SET is_unread = 0 WHERE key = ?", (key,))

    # The session at the server.

    def session(self) -> Session | None:
        row = self._db.execute(
            "SELECT id, jid, location, handled, acknowledged FROM session WHERE slot = ?",
            (self._slot,),
        ).fetchone()
        if row is None:
            return None
        stanzas = self._db.execute(
            "SELECT stanza, id FROM unacknowledged WHERE slot = ? ORDER BY number", (self._slot,)
        ).fetchall()
        return Session(row[0], Jid.parse(row[1]), row[2], row[3], row[4], tuple(stanzas))

    def begin_session(self, session: Session) -> None:
        self.end_session()
        self._db.execute(
            "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)",
            (
                *(self._slot, session.id, str(session.jid), session.location),
                *(session.handled, session.acknowledged),
            ),
        )
        for stanza, stanza_id in session.unacknowledged:
            self.add_stanza(stanza, stanza_id)

    def end_session(self) -> None:
        self._db.execute("DELETE FROM session WHERE slot = ?", (self._slot,))
        self._db.execute("DELETE FROM unacknowledged WHERE slot = ?", (self._slot,))

    def add_stanza(self, stanza: str, stanza_id: str) -> None:
        self._db.execute(
            "INSERT INTO unacknowledged (slot, stanza, id) VALUES (?, ?, ?)",
            (self._slot, stanza, stanza_id),
        )

    def acknowledge(self, count: int, total: int) -> None:
        self._db.execute(
            "DELETE FROM unacknowledged WHERE number IN (SELECT number FROM unacknowledged"
            " WHERE slot = ? ORDER BY number LIMIT ?)",
            (self._slot, count),
        )
        self._db.execute("UPDATE session SET acknowledged = ? WHERE slot = ?", (total, self._slot))

    def handle(self, total: int) -> None:
        self._db.execute("UPDATE session SET handled = ? WHERE slot = ?", (total, self._slot))

    def forget_instance(self, slot: int) -> None:
        """What the server knows the instance `slot` by belongs to nobody any more."""
        for table in ("session", "unacknowledged", "presence", "occupancy", "occupant", "fact"):
            self._db.execute(f"DELETE FROM {table} WHERE slot = ?", (slot,))

    def token(self) -> Token | None:
        found = self.fact("token")
        if found is None:
            return None
        mechanism, secret, expires_at = json.loads(str(found))
        return Token(mechanism, secret, datetime.fromisoformat(expires_at))

    def keep_token(self, token: Token | None) -> None:
        """Keep the secret `token`: the file is the user's alone (`database.open_file`)."""
        if token is None:
            self.note("token", None)
        else:
            expires_at = token.expires_at.isoformat()
            self.note("token", json.dumps([token.mechanism, token.secret, expires_at]))

    # Windows.

    def open_window(self, peer: Jid) -> bool:
        """Note that there is a window; whether there was none."""
        changed = self._db.execute(
            "INSERT INTO conversation (peer, is_open, place) VALUES (?, 1,"
            " (SELECT coalesce(max(place), 0) + 1 FROM conversation))"
            " ON CONFLICT (peer) DO UPDATE SET is_open = 1, place = excluded.place"
            " WHERE NOT is_open",
            (str(peer),),
        )
        return changed.rowcount > 0

    def close_window(self, peer: Jid) -> None:
        self._db.execute("UPDATE conversation SET is_open = 0 WHERE peer = ?", (str(peer),))

    def windows(self) -> list[Jid]:
        """The conversations that had a window, in their order."""
        rows = self._db.execute("SELECT peer FROM conversation WHERE is_open ORDER BY place")
        return [Jid.parse(peer) for (peer,) in rows]

    # The roster, and who is there.

    def set_roster(self, contacts: Iterable[Contact], version: str) -> None:
        self._db.execute("DELETE FROM contact")
        self._db.executemany(
            "INSERT INTO contact VALUES (?, ?, ?, ?, ?, ?)", map(_contact_row, contacts)
        )
        self.note("roster version", version, of_account=True)

    def set_contact(self, contact: Contact, version: str) -> None:
        self._db.execute("REPLACE INTO contact VALUES (?, ?, ?, ?, ?, ?)", _contact_row(contact))
        self.note("roster version", version, of_account=True)

    def remove_contact(self, jid: Jid, version: str) -> None:
        self._db.execute("DELETE FROM contact WHERE jid = ?", (str(jid),))
        self.note("roster version", version, of_account=True)

    def roster(self) -> events.RosterReceived:
        rows = self._db.execute(
            "SELECT jid, name, groups, subscription, is_asked, is_approved FROM contact"
        )
        contacts = tuple(
            Contact(
                *(Jid.prepared(jid), name, tuple(json.loads(groups)), subscription),
                is_asked=bool(is_asked),
                is_approved=bool(is_approved),
            )
            for jid, name, groups, subscription, is_asked, is_approved in rows
        )
        version = self.fact("roster version", of_account=True)
        return events.RosterReceived(contacts, str(version or ""))

    def set_service(self, service: Service) -> None:
        told = {"contacts": dict(service.contacts), "outages": service.outages}
        self.note("service", json.dumps(told), of_account=True)

    def service(self) -> list[events.Event]:
        """What the server has said of itself, if anything."""
        told = json.loads(str(self.fact("service", of_account=True) or "null"))
        if told is None:
            return []
        contacts = {kind: tuple(some) for kind, some in told["contacts"].items()}
        return [events.ServiceDescribed(Service(contacts, tuple(told["outages"])))]

    def set_presence(self, jid: Jid, presence: Presence) -> None:
        since = presence.idle_since
        if presence.availability is not Availability.OFFLINE:
            self._db.execute(
                "REPLACE INTO presence VALUES (?, ?, ?, ?, ?, ?)",
                (
                    *(self._slot, str(jid), presence.availability.value, presence.status),
                    *(presence.priority, since.isoformat() if since is not None else None),
                ),
            )
        elif jid.resource:
            self._db.execute(
                "DELETE FROM presence WHERE slot = ? AND jid = ?", (self._slot, str(jid))
            )
        else:
            # All its resources; "0" is the character after "/".
            self._db.execute(
                "DELETE FROM presence WHERE slot = ? AND (jid = ? OR jid > ? AND jid < ?)",
                (self._slot, str(jid), f"{jid}/", f"{jid}0"),
            )

    def forget_presences(self) -> None:
        self._db.execute("DELETE FROM presence WHERE slot = ?", (self._slot,))

    def presences(self) -> list[events.PresenceChanged]:
        rows = self._db.execute(
            "SELECT jid, availability, status, priority, idle_since FROM presence WHERE slot = ?",
            (self._slot,),
        )
        return [
            events.PresenceChanged(
                Jid.prepared(jid),
                Presence(
                    *(Availability(word), status, priority),
                    idle_since=datetime.fromisoformat(since) if since else None,
                ),
            )
            for jid, word, status, priority, since in rows
        ]


def _contact_row(contact: Contact) -> tuple[object, ...]:
    return (
        *(str(contact.jid), contact.name, json.dumps(contact.groups), contact.subscription),
        *(contact.is_asked, contact.is_approved),
    )
