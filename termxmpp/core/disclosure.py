"""What others may know of the user besides what is said."""

from __future__ import annotations

from termxmpp.values import dataclass

__all__ = ["Disclosure"]


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What an account tells those who may see its presence.

    `idle`: since when nobody has touched a key (XEP-0319, XEP-0012); `time`: the local time
    (XEP-0202). `priority` is that of its presence, -128 to 127 (RFC 6121 §4.7.2.3).
    `attention`: they may call for the user's attention (XEP-0224).
    """

    idle: bool = True
    time: bool = True
    priority: int = 0
    attention: bool = True
