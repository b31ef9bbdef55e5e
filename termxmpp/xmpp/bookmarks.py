"""The wire form of bookmarks: one item for each room (XEP-0402), or all of them as one (XEP-0048).

What others have put into a bookmark stays there when we change it.
"""

from __future__ import annotations

import enum
from collections.abc import Set
from copy import deepcopy
from xml.etree.ElementTree import Element, SubElement

from termxmpp.core.bookmarks import Bookmark
from termxmpp.core.jid import Jid
from termxmpp.standard import Standard
from termxmpp.xmpp.notifications import BOOKMARKS, CONFERENCE
from termxmpp.xmpp.private import NS as PRIVATE_NS
from termxmpp.xmpp.pubsub import PUBLISH_OPTIONS, Item
from termxmpp.xmpp.stanzas import xml_text

__all__ = [
    "STORAGE",
    "Place",
    "place_of",
    "read_conference",
    "read_storage",
    "with_bookmark",
    "with_stored",
]

STORED_BOOKMARKS = Standard(
    "XEP-0048", "Bookmarks", "1.2", note="where the server has nothing newer"
)

COMPAT = frozenset({f"{BOOKMARKS}#compat", f"{BOOKMARKS}#compat-pep"})
"""What an account announces whose server keeps the older places in step (XEP-0402 §6)."""

STORAGE_NS = "storage:bookmarks"
STORAGE, STORED = f"{{{STORAGE_NS}}}storage", f"{{{STORAGE_NS}}}conference"

TRUE = frozenset({"1", "true"})

# Nobody calls a room by more; a password of more no room takes.
LONGEST = 1000


class Place(enum.Enum):
    """Where the server keeps bookmarks."""

    NODE = "node"
    STORAGE = "storage"


def place_of(announced: Set[str]) -> Place | None:
    """Where the bookmarks are of an account with these namespaces, if its server keeps any."""
    if announced & COMPAT:
        return Place.NODE
    if PRIVATE_NS in announced:
        return Place.STORAGE
    return Place.NODE if PUBLISH_OPTIONS in announced else None


def read_conference(item: Item) -> Bookmark | None:
    """The bookmark that `item` of the node is, if it is one."""
    if item.element is None or item.element.tag != CONFERENCE:
        return None
    return _read(item.id, item.element, BOOKMARKS)


def read_storage(storage: Element | None) -> list[Bookmark]:
    """The bookmarks of rooms in a storage; those of pages are nothing to us."""
    conferences = storage.iterfind(STORED) if storage is not None else ()
    found = (_read(each.get("jid", ""), each, STORAGE_NS) for each in conferences)
    return [each for each in found if each is not None]


def with_bookmark(conference: Element | None, bookmark: Bookmark) -> Element:
    """A copy of the element that says what `bookmark` does; what else is in it stays."""
    made = Element(CONFERENCE) if conference is None else deepcopy(conference)
    _write(made, bookmark, BOOKMARKS)
    return made


def with_stored(storage: Element | None, bookmark: Bookmark) -> Element:
    """A copy of the storage that has `bookmark`, or has it no more if that is removed."""
    made = Element(STORAGE) if storage is None else deepcopy(storage)
    room = str(bookmark.room)
    found = [each for each in made.iterfind(STORED) if _room(each.get("jid")) == bookmark.room]
    if bookmark.is_removed:
        for each in found:
            made.remove(each)
        return made
    conference = found[0] if found else SubElement(made, STORED, {"jid": room})
    _write(conference, bookmark, STORAGE_NS)
    return made


def _read(address: str, element: Element, namespace: str) -> Bookmark | None:
    room = _room(address)
    if room is None:
        return None
    nick = (element.findtext(f"{{{namespace}}}nick") or "").strip()
    occupant = Jid.parse_or_none(f"{room}/{nick}") if nick else None
    return Bookmark(
        room,
        xml_text(element.get("name", "").strip()[:LONGEST]),
        element.get("autojoin", "") in TRUE,
        occupant.resource if occupant is not None else "",
        xml_text((element.findtext(f"{{{namespace}}}password") or "")[:LONGEST]),
    )


def _write(conference: Element, bookmark: Bookmark, namespace: str) -> None:
    if bookmark.name:
        conference.set("name", xml_text(bookmark.name))
    else:
        conference.attrib.pop("name", None)
    conference.set("autojoin", "true" if bookmark.is_autojoin else "false")
    for name, text in (("nick", bookmark.nick), ("password", bookmark.password)):
        tag = f"{{{namespace}}}{name}"
        if name == "password" and not text:
            # We may just not know it: it is kept nowhere here.
            continue
        for found in conference.findall(tag):
            conference.remove(found)
        if text:
            made = Element(tag)
            made.text = xml_text(text)
            # The schema has the extensions behind them.
            conference.insert(0, made)


def _room(address: str | None) -> Jid | None:
    found = Jid.parse_or_none(address)
    return found if found is not None and found.local and found.is_bare else None
