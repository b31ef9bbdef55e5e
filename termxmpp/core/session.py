"""What an instance of termxmpp comes back by: its session, and the token to log in with."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime

from termxmpp.core.jid import Jid
from termxmpp.values import dataclass

__all__ = ["Session", "Token"]


@dataclass(frozen=True, slots=True)
class Session:
    """A session at the server that can be resumed over another connection (XEP-0198 §5).

    Also by another process. `id` is the server's name for it, `jid` the address bound,
    `location` where the server wants it resumed, if anywhere. `handled` and `acknowledged` are
    the counters of both directions modulo 2**32, and `unacknowledged` the stanzas of ours after
    that: (XML, id).
    """

    id: str
    jid: Jid
    location: str = ""
    handled: int = 0
    acknowledged: int = 0
    unacknowledged: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Token:
    """What logs in instead of the password (XEP-0484), as secret as that.

    It is good for the SASL `mechanism` only, until `expires_at` (aware).
    """

    mechanism: str
    secret: str = field(repr=False)
    expires_at: datetime
