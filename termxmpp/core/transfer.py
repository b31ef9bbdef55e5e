"""A file on its way: how much of it has gone over the wire."""

from __future__ import annotations

from termxmpp.core.jid import Jid
from termxmpp.values import dataclass

__all__ = ["Transfer"]


@dataclass(frozen=True, slots=True)
class Transfer:
    """The sending (`is_upload`) or saving of the file `name`, for the conversation with `peer`.

    `number` tells it from the account's others. `done` of `size` bytes have come over; `size` is
    None where nobody has said how many there are.
    """

    number: int
    peer: Jid | None
    name: str
    is_upload: bool
    done: int = 0
    size: int | None = None

    @property
    def percent(self) -> int | None:
        """How much of it is done, 0 to 100; None where that is unknown."""
        return min(100, self.done * 100 // self.size) if self.size else None
