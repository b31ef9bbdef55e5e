"""Contacts and their presence (RFC 6121 §2, §4)."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from datetime import datetime

from termxmpp.core.capabilities import Capabilities
from termxmpp.core.jid import Jid
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["OFFLINE", "Availability", "Contact", "Presence", "best_presence"]

_WORDS = {
    "chat": _("chat"),
    "online": _("online"),
    "away": _("away"),
    "xa": _("xa"),
    "dnd": _("dnd"),
    "offline": _("offline"),
}


class Availability(enum.Enum):
    """What `<show/>` can say, most reachable first (RFC 6121 §4.7.2.1), and offline."""

    CHAT = "chat"
    ONLINE = "online"
    AWAY = "away"
    XA = "xa"
    DND = "dnd"
    OFFLINE = "offline"

    @property
    def words(self) -> str:
        """What the user reads of it."""
        return _WORDS[self.value]

    @classmethod
    def of(cls, show: str | None) -> Availability:
        """The availability that a `<show/>` text means; unknown words mean plain online."""
        try:
            return cls(show) if show and show != "offline" else cls.ONLINE
        except ValueError:
            return cls.ONLINE


@dataclass(frozen=True, slots=True)
class Contact:
    """A roster item. `subscription` is none, to, from or both; `is_asked` is `ask='subscribe'`.

    `is_approved`: it may see us as soon as it asks (RFC 6121 §3.4).
    """

    jid: Jid
    name: str = ""
    groups: tuple[str, ...] = ()
    subscription: str = "none"
    is_asked: bool = False
    is_approved: bool = False

    @property
    def title(self) -> str:
        """What to call the contact: the name given to it, else its address."""
        return self.name or str(self.jid)

    @property
    def subscription_words(self) -> str:
        """What the subscription state means (RFC 6121 §2.1.2.5)."""
        words = {
            "both": _("you see each other"),
            "to": _("you see it, it does not see you"),
            "from": _("it sees you, you do not see it"),
        }.get(self.subscription, _("neither sees the other"))
        if self.is_asked:
            words = _("asked, not answered yet")
        if self.is_approved and self.subscription in ("none", "to"):
            words = _("{words}; it may see you when it asks").format(words=words)
        return words


@dataclass(frozen=True, slots=True)
class Presence:
    """The presence of one resource; `priority` is -128 to 127 (RFC 6121 §4.7.2.3).

    `idle_since` is when somebody was last there (XEP-0319, aware); None while somebody is, or
    where it is not told. `capabilities` are what its program can (XEP-0115), as far as it says so.
    """

    availability: Availability
    status: str = ""
    priority: int = 0
    idle_since: datetime | None = None
    capabilities: Capabilities | None = None

    @property
    def show(self) -> str | None:
        """What stands in `<show/>` for it; None for none, which is plain online."""
        return None if self.availability is Availability.ONLINE else self.availability.value


OFFLINE = Presence(Availability.OFFLINE)


def best_presence(presences: Iterable[Presence]) -> Presence:
    """The presence that speaks for a contact: of the highest priority, then the most reachable."""
    order = list(Availability)
    return min(
        presences,
        key=lambda presence: (-presence.priority, order.index(presence.availability)),
        default=OFFLINE,
    )
