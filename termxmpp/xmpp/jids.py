"""Addresses on the wire: between our `Jid`, pyxmpp2's `JID`, and the attributes `jid`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

from pyxmpp2.jid import JID

from termxmpp.core.jid import Jid
from termxmpp.errors import DataError

__all__ = ["addresses", "from_pyxmpp", "to_pyxmpp"]


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


def addresses(element: Element, tag: str) -> tuple[Jid, ...]:
    """The `jid`s of the children of `element` called `tag`; what is no address is left out."""
    found = []
    for item in element.iterfind(tag):
        try:
            found.append(Jid.parse(item.get("jid", "")))
        except DataError:
            continue
    return tuple(found)
