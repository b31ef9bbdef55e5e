"""A room (XEP-0045): who is in it, what it is about, and how we stand to it.

Changed by `State.apply` only; everybody else reads. What was said in it is a conversation like
any other, whose peer is the room's bare address.
"""

from __future__ import annotations

import enum
from dataclasses import replace
from typing import Self

from termxmpp.core.archive import ARCHIVE, STANZA_IDS
from termxmpp.core.jid import Jid
from termxmpp.core.roster import OFFLINE, Presence
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = [
    "Affiliation",
    "FoundRoom",
    "Invitation",
    "MembershipRequest",
    "Occupant",
    "Role",
    "Room",
    "Standing",
]


class _Word(enum.Enum):
    """A word of the protocol; one that isn't known is as good as `none`."""

    @classmethod
    def of(cls, word: str | None) -> Self:
        """The value that `word` means."""
        try:
            return cls(word)
        except ValueError:
            return cls("none")


class Role(_Word):
    """What an occupant may do for as long as it stays, most first (XEP-0045 §5.1)."""

    MODERATOR = "moderator"
    PARTICIPANT = "participant"
    VISITOR = "visitor"
    NONE = "none"

    @property
    def words(self) -> str:
        """What the user reads of it."""
        return {
            "moderator": _("moderator"),
            "participant": _("participant"),
            "visitor": _("visitor"),
            "none": _("no role"),
        }[self.value]


class Affiliation(_Word):
    """What a user is to the room for good, most first (XEP-0045 §5.2)."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    NONE = "none"
    OUTCAST = "outcast"

    @property
    def words(self) -> str:
        """What the user reads of it."""
        return {
            "owner": _("owner"),
            "admin": _("admin"),
            "member": _("member"),
            "none": _("no affiliation"),
            "outcast": _("banned"),
        }[self.value]


class Standing(enum.Enum):
    """How we stand to a room in this session: we asked to enter, or are in it, or are not."""

    OUT = "out"
    ENTERING = "entering"
    IN = "in"

    @property
    def words(self) -> str:
        """What the user reads of it."""
        return {"out": _("out"), "entering": _("entering"), "in": _("in")}[self.value]


@dataclass(frozen=True, slots=True)
class Occupant:
    """Somebody in a room; `jid` is the real address, where the room tells it.

    `hats` are what else it is there, in the room's words (XEP-0317).
    """

    nick: str
    role: Role = Role.NONE
    affiliation: Affiliation = Affiliation.NONE
    jid: Jid | None = None
    presence: Presence = OFFLINE
    hats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Invitation:
    """`by` asks us to enter `room` (bare); who that is the room may not tell.

    It `is_mediated` if it came through the room, which hands on an answer, too.
    """

    room: Jid
    by: Jid | None = None
    reason: str = ""
    password: str = ""
    is_mediated: bool = False


@dataclass(frozen=True, slots=True)
class MembershipRequest:
    """Somebody wants to be a member of `room`, as `nick` (XEP-0045 §9.9).

    `values` are those of the form in which the room asks its admins, by the fields' names; `id` is
    that of its message.
    """

    room: Jid
    nick: str
    id: str
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class FoundRoom:
    """Something that was looked for, mostly a room: its name, and how many are there, if told."""

    jid: Jid
    name: str = ""
    description: str = ""
    count: int | None = None

    @property
    def about(self) -> str:
        """Its name, unless the address says that, and what it is about."""
        name = "" if self.name.casefold() == self.jid.local.casefold() else self.name
        return " – ".join(filter(None, (name, self.description)))


class Room:
    """The room `jid` (bare).

    `nick` is ours there, or the one that we asked for. `is_wanted`: we are to be in it in every
    session. `subject` is None until the room has told it, which it does behind its history
    (§7.2.15). `namespaces` are what the room announced. `password` is what it lets us in by, and
    `wants_password` tells that it has refused us for the lack of the right one.
    """

    def __init__(self, jid: Jid, nick: str = "", *, is_wanted: bool = False) -> None:
        self.jid = jid
        self.nick = nick
        self.is_wanted = is_wanted
        self.standing = Standing.OUT
        self.subject: str | None = None
        self.namespaces: frozenset[str] = frozenset()
        self.password = ""
        self.wants_password = False
        self.occupants: dict[str, Occupant] = {}

    @property
    def is_in(self) -> bool:
        """Whether we are one of the occupants."""
        return self.standing is Standing.IN

    @property
    def is_settled(self) -> bool:
        """Whether the room has told all of its past that it tells to those who enter."""
        return self.subject is not None

    @property
    def me(self) -> Jid:
        """Our own address in the room."""
        return self.jid.with_resource(self.nick)

    @property
    def title(self) -> str:
        """What to call the room."""
        return self.jid.local or str(self.jid)

    @property
    def has_archive(self) -> bool:
        """Whether what was said can be asked for later."""
        return ARCHIVE in self.namespaces

    @property
    def has_stanza_ids(self) -> bool:
        """Whether the archive ids in its messages are its own and no forgery."""
        return STANZA_IDS in self.namespaces

    @property
    def our_role(self) -> Role:
        """What we may do in it at the moment."""
        ours = self.occupants.get(self.nick)
        return Role.NONE if ours is None else ours.role

    @property
    def our_affiliation(self) -> Affiliation:
        """What we are to it, as far as it has told."""
        ours = self.occupants.get(self.nick)
        return Affiliation.NONE if ours is None else ours.affiliation

    def presence_of(self, nick: str) -> Presence:
        """The presence of that occupant."""
        occupant = self.occupants.get(nick)
        return OFFLINE if occupant is None else occupant.presence

    def enter(self, nick: str, password: str = "") -> None:
        """We ask to be let in; who is there will be told."""
        self.is_wanted = True
        self.password = password
        self.wants_password = False
        self._reset(Standing.ENTERING)
        self.nick = nick

    def entered(self, nick: str) -> None:
        """We are in, under this nick."""
        self.standing = Standing.IN
        self.nick = nick

    def want_password(self) -> None:
        """The room has refused the password that we have, or the lack of one."""
        self.password = ""
        self.wants_password = True

    def leave(self, *, is_wanted: bool) -> None:
        """We are in it no more."""
        self.is_wanted = is_wanted
        self._reset(Standing.OUT)

    def rename(self, nick: str, new_nick: str) -> None:
        """An occupant, who may be we, has another nick."""
        occupant = self.occupants.pop(nick, None)
        if occupant is not None:
            self.occupants[new_nick] = replace(occupant, nick=new_nick)
        if nick == self.nick:
            self.nick = new_nick

    def _reset(self, standing: Standing) -> None:
        self.standing = standing
        self.subject = None
        self.occupants = {}
