"""How a message came to be known here."""

from __future__ import annotations

import enum

__all__ = ["Route"]


class Route(enum.Enum):
    """The way on which a message came to be known here.

    HISTORY is what a room without an archive tells to those who enter (XEP-0045 §7.2.13).
    """

    WRITTEN = "written"
    LIVE = "live"
    OFFLINE = "offline"
    CARBON = "carbon"
    ARCHIVE = "archive"
    HISTORY = "history"
