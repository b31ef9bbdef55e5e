"""The wire form of XEP-0145 Annotations: the user's own notes about others."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement

from termxmpp.core.jid import Jid
from termxmpp.errors import DataError
from termxmpp.xmpp.stanzas import xml_text

__all__ = ["STORAGE", "note_in", "with_note"]

NS = "storage:rosternotes"

STORAGE = f"{{{NS}}}storage"
"""The element that holds all of them."""

_NOTE = f"{{{NS}}}note"


def note_in(storage: Element | None, jid: Jid) -> str:
    """What is noted about the bare `jid`; empty if nothing is."""
    found = _note(storage, jid)
    return (found.text or "").strip() if found is not None else ""


def with_note(storage: Element | None, jid: Jid, text: str, now: datetime) -> Element:
    """A copy of `storage` in which `text` is noted about `jid`, nothing if it is empty."""
    made = copy.deepcopy(storage) if storage is not None else Element(STORAGE)
    note = _note(made, jid)
    stamp = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if not text:
        if note is not None:
            made.remove(note)
        return made
    if note is None:
        note = SubElement(made, _NOTE, {"jid": str(jid), "cdate": stamp})
    note.set("mdate", stamp)
    note.text = xml_text(text)
    return made


def _note(storage: Element | None, jid: Jid) -> Element | None:
    for each in storage.iterfind(_NOTE) if storage is not None else ():
        try:
            if Jid.parse(each.get("jid", "")).bare == jid:
                return each
        except DataError:
            continue
    return None
