"""Passwords in stanzas of ours: seen by the server only, not on the screen and not on the disk."""

from __future__ import annotations

import copy
import re
from xml.etree.ElementTree import Element, SubElement

from pyxmpp2.constants import STANZA_CLIENT_NS

from termxmpp.xmpp.stanzas import has_secret

__all__ = ["kept", "shown"]

_IQ = f"{{{STANZA_CLIENT_NS}}}iq"
_PASSWORD = "{jabber:iq:register}password"  # noqa: S105  # the name of an element
_FIELD, _VALUE = "{jabber:x:data}field", "{jabber:x:data}value"

# What fields of forms are called that hold one; a submitted form does not tell their types.
_NAMED = re.compile("pass(?:word|phrase|wd)|secret|preauth|token", re.IGNORECASE)

MASK = "***"

# What is asked in place of a presence needs an id, which a presence need not have.
UNNAMED = "left-out"


def shown(element: Element) -> Element:
    """The stanza `element` as the user may see it."""
    if not _secrets(element):
        return element
    masked = copy.deepcopy(element)
    for each in _secrets(masked):
        each.text = MASK
    return masked


def kept(element: Element) -> Element:
    """What stands for `element` among the stanzas of a session that are kept for another run.

    That would send a password once more, maybe long after the user has taken another: instead it
    asks something that changes nothing.
    """
    if not _secrets(element) and not has_secret(element):
        return element
    ping = Element(_IQ, {"type": "get", "id": element.get("id") or UNNAMED})
    SubElement(ping, "{urn:xmpp:ping}ping")
    return ping


def _secrets(element: Element) -> list[Element]:
    """The elements in the iq `element` whose text is a secret."""
    if element.tag != _IQ:
        return []
    found = list(element.iter(_PASSWORD))
    for field in element.iter(_FIELD):
        if _NAMED.search(field.get("var", "")):
            found += field.iterfind(_VALUE)
    return found
