"""The records of rooms: which there are, and who is in those that the session is in."""

from __future__ import annotations

import sqlite3

from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.room import Affiliation, Occupant, Role
from termxmpp.core.roster import Availability, Presence

__all__ = ["Rooms"]


# Behind this rank stands what is said from now on.
_LAST_RANK = "(SELECT coalesce(max(rank), 0) FROM message)"


class Rooms:
    """What `db` holds of rooms: those of the account, and for the instance `slot` its session's."""

    def __init__(self, db: sqlite3.Connection, slot: int) -> None:
        self._db = db
        self._slot = slot

    # Ours.

    def request(self, room: Jid, nick: str) -> None:
        """It is wanted in every session from now on, behind those that are wanted already."""
        self._db.execute(
            "INSERT INTO room (jid, nick, place, is_wanted, was_in) VALUES (?, ?,"
            " (SELECT coalesce(max(place), 0) + 1 FROM room), 1, 0)"
            " ON CONFLICT (jid) DO UPDATE SET nick = excluded.nick, is_wanted = 1,"
            " place = CASE WHEN is_wanted THEN place ELSE excluded.place END",
            (str(room), nick),
        )
        self._forget(room)
        self._db.execute(
            "INSERT INTO occupancy VALUES (?, ?, ?, 0, NULL, '')", (self._slot, str(room), nick)
        )

    def discover(self, room: Jid, namespaces: frozenset[str]) -> None:
        self._db.execute(
            "UPDATE occupancy SET namespaces = ? WHERE slot = ? AND room = ?",
            (" ".join(sorted(namespaces)), self._slot, str(room)),
        )

    def enter(self, room: Jid, nick: str) -> bool:
        """We are in; whether we were in it before, since we left it last."""
        row = self._db.execute("SELECT was_in FROM room WHERE jid = ?", (str(room),)).fetchone()
        self._db.execute("UPDATE room SET was_in = 1 WHERE jid = ?", (str(room),))
        self._call_us(room, nick)
        self._db.execute(
            "UPDATE occupancy SET is_in = 1 WHERE slot = ? AND room = ?", (self._slot, str(room))
        )
        return bool(row and row[0])

    def leave(self, room: Jid, *, is_for_good: bool) -> None:
        if is_for_good:
            self._db.execute(
                "UPDATE room SET is_wanted = 0, was_in = 0 WHERE jid = ?", (str(room),)
            )
        self._forget(room)

    def namespaces_of(self, room: Jid) -> frozenset[str]:
        """What the room announced in this session."""
        row = self._db.execute(
            "SELECT namespaces FROM occupancy WHERE slot = ? AND room = ?", (self._slot, str(room))
        ).fetchone()
        return frozenset(row[0].split()) if row else frozenset()

    def set_subject(self, room: Jid, subject: str) -> None:
        self._db.execute(
            "UPDATE occupancy SET subject = ? WHERE slot = ? AND room = ?",
            (subject, self._slot, str(room)),
        )

    # Who is there.

    def set_occupant(self, room: Jid, occupant: Occupant) -> None:
        self._db.execute(
            "INSERT INTO occupant (slot, room, nick, role, affiliation, jid, availability, status,"
            f" hats, since) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, {_LAST_RANK})"
            " ON CONFLICT (slot, room, nick) DO UPDATE SET role = excluded.role,"
            " affiliation = excluded.affiliation, jid = excluded.jid,"
            " availability = excluded.availability, status = excluded.status,"
            " hats = excluded.hats",
            (
                *(self._slot, str(room), occupant.nick, occupant.role.value),
                *(occupant.affiliation.value, str(occupant.jid or "")),
                *(occupant.presence.availability.value, occupant.presence.status),
                "\n".join(occupant.hats),
            ),
        )

    def remove_occupant(self, room: Jid, nick: str) -> None:
        self._db.execute(
            "DELETE FROM occupant WHERE slot = ? AND room = ? AND nick = ?",
            (self._slot, str(room), nick),
        )

    def rename_occupant(self, room: Jid, nick: str, new_nick: str) -> bool:
        """Another nick for an occupant; whether we are that."""
        self.remove_occupant(room, new_nick)
        self._db.execute(
            f"UPDATE occupant SET nick = ?, since = {_LAST_RANK}"
            " WHERE slot = ? AND room = ? AND nick = ?",
            (new_nick, self._slot, str(room), nick),
        )
        row = self._db.execute(
            "SELECT nick FROM occupancy WHERE slot = ? AND room = ?", (self._slot, str(room))
        ).fetchone()
        is_me = bool(row and row[0] == nick)
        if is_me:
            self._call_us(room, new_nick)
        return is_me

    # The session.

    def forget_session(self) -> None:
        """We are in no room."""
        self._db.execute("DELETE FROM occupancy WHERE slot = ?", (self._slot,))
        self._db.execute("DELETE FROM occupant WHERE slot = ?", (self._slot,))

    def restore(self, *, is_going_on: bool) -> list[events.RoomRestored]:
        """The rooms in their order; `is_going_on`: so may the session that was in some."""
        restored = []
        rows = self._db.execute("SELECT jid, nick, is_wanted FROM room ORDER BY place").fetchall()
        for name, nick, is_wanted in rows:
            found = self._db.execute(
                "SELECT nick, subject, namespaces FROM occupancy"
                " WHERE slot = ? AND room = ? AND is_in",
                (self._slot, name),
            ).fetchone()
            jid = Jid.prepared(name)
            if found is None or not is_going_on:
                restored.append(events.RoomRestored(jid, nick, bool(is_wanted)))
                continue
            restored.append(
                events.RoomRestored(
                    *(jid, found[0], bool(is_wanted), True, found[1]),
                    frozenset(found[2].split()),
                    self._occupants(name),
                )
            )
        return restored

    def _occupants(self, room: str) -> tuple[Occupant, ...]:
        rows = self._db.execute(
            "SELECT nick, role, affiliation, jid, availability, status, hats FROM occupant"
            " WHERE slot = ? AND room = ?",
            (self._slot, room),
        )
        return tuple(
            Occupant(
                *(
                    nick,
                    Role.of(role),
                    Affiliation.of(affiliation),
                    Jid.prepared(jid) if jid else None,
                ),
                Presence(Availability(word), status),
                tuple(hats.splitlines()),
            )
            for nick, role, affiliation, jid, word, status, hats in rows
        )

    def _call_us(self, room: Jid, nick: str) -> None:
        self._db.execute("UPDATE room SET nick = ? WHERE jid = ?", (nick, str(room)))
        self._db.execute(
            "UPDATE occupancy SET nick = ? WHERE slot = ? AND room = ?",
            (nick, self._slot, str(room)),
        )

    def _forget(self, room: Jid) -> None:
        for table in ("occupancy", "occupant"):
            self._db.execute(
                f"DELETE FROM {table} WHERE slot = ? AND room = ?", (self._slot, str(room))
            )
