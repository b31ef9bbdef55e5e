"""Between our `Jid` and pyxmpp2's `JID`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pyxmpp2.jid import JID

from termxmpp.core.jid import Jid

__all__ = ["from_pyxmpp", "to_pyxmpp"]


@lru_cache(maxsize=1024)
def from_pyxmpp(jid: Any) -> Jid:
    """Our value for a pyxmpp2 `JID`, which has prepared its parts already.

    While an address is kept here, pyxmpp2 need not prepare it again: it forgets those that
    nobody holds.
    """
    return Jid(jid.local or "", jid.domain, jid.resource or "")


def to_pyxmpp(jid: Jid) -> Any:
    """pyxmpp2's `JID` for ours; it isn't prepared a second time."""
    return JID(jid.local or None, jid.domain, jid.resource or None, check=False)
