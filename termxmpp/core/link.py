"""The state of the way to the server, in the words that the status bar shows."""

from __future__ import annotations

import enum
from datetime import datetime

from termxmpp.values import dataclass

__all__ = ["Link", "Phase"]


class Phase(enum.Enum):
    """What an account is doing about its connection; the value is the word shown for it."""

    OFFLINE = "offline"
    CONNECTING = "connecting"
    ONLINE = "online"
    RECONNECTING = "reconnecting"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Link:
    """Where an account stands.

    `step` is told while connecting: `resolving`, `tcp host:port`, `tls`, `login`, `sync`.
    `retry_at` is the wall-clock time of the next try while reconnecting. `problem` is what
    went wrong last, in one line that says what to do.
    """

    phase: Phase = Phase.OFFLINE
    step: str = ""
    retry_at: datetime | None = None
    problem: str = ""

    @property
    def words(self) -> str:
        """The state in exactly the words of the status bar."""
        if self.phase is Phase.RECONNECTING and self.retry_at is not None:
            return f"reconnecting at {self.retry_at.astimezone():%H:%M:%S}"
        if self.phase is Phase.CONNECTING and self.step:
            return f"connecting: {self.step}"
        return self.phase.value
