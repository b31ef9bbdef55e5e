"""What the user has begun to write and not sent: a value."""

from __future__ import annotations

from termxmpp.values import dataclass

__all__ = ["NO_DRAFT", "Draft"]


@dataclass(frozen=True, slots=True)
class Draft:
    """The `text` of an input line, and how many of its characters stand before the cursor."""

    text: str
    cursor: int


NO_DRAFT = Draft("", 0)
