"""Rooms that the user wants to find again, on all devices (XEP-0402): values."""

from __future__ import annotations

from termxmpp.core.jid import Jid
from termxmpp.values import dataclass

__all__ = ["Bookmark"]


@dataclass(frozen=True, slots=True)
class Bookmark:
    """The bookmark of `room` (bare), which the user calls `name`, if anything.

    `is_autojoin`: every device is to be in it, as `nick`, by the `password`. `is_due`: it was
    changed here, and the server may not know; it may then also be one that `is_removed`.
    """

    room: Jid
    name: str = ""
    is_autojoin: bool = False
    nick: str = ""
    password: str = ""
    is_due: bool = False
    is_removed: bool = False
