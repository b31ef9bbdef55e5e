"""A session at the server, as it must be known to be gone on with (XEP-0198 §5)."""

from __future__ import annotations

from dataclasses import dataclass

from termxmpp.core.jid import Jid

__all__ = ["Session"]


@dataclass(frozen=True, slots=True)
class Session:
    """A session that can be resumed over another connection, also by another process.

    `id` is the server's name for it, `jid` the address bound, `location` where the server
    wants it resumed, if anywhere. `handled` and `acknowledged` are the counters of both
    directions modulo 2**32, and `unacknowledged` the stanzas of ours after that: (XML, id).
    """

    id: str
    jid: Jid
    location: str = ""
    handled: int = 0
    acknowledged: int = 0
    unacknowledged: tuple[tuple[str, str], ...] = ()
