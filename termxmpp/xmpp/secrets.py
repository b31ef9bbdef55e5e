"""Passwords in stanzas: seen by the server only, not on the screen, in the log, or on the disk.

One rule says what is one, wherever it stands: in registrations (XEP-0077), rooms and invitations
to them (XEP-0045, XEP-0249), bookmarks (XEP-0048, XEP-0402), forms (XEP-0004), services (XEP-0215),
the tokens of invitations (XEP-0445), and what lets a file be put (XEP-0363 §4).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement

from pyxmpp2.constants import STANZA_CLIENT_NS

__all__ = ["has_secret", "kept", "shown"]

_IQ = f"{{{STANZA_CLIENT_NS}}}iq"
_FIELD, _VALUE = "{jabber:x:data}field", "{jabber:x:data}value"

# Elements whose text is one, whatever namespace they are of: a server or a room may use its own.
_ELEMENTS = frozenset({"password"})
# Attributes that are one; a token is only where it lets somebody in.
_ATTRIBUTES = frozenset({"password"})
_TOKENS = frozenset({"{urn:xmpp:pars:0}preauth"})
_HEADER = "{urn:xmpp:http:upload:0}header"

# What fields of forms are called that hold one; a submitted form does not tell their types. That
# a room has a password is none.
_NAMED = re.compile("pass(?:word|phrase|wd)(?!protected)|secret|preauth|token", re.IGNORECASE)
_PRIVATE = "text-private"

MASK = "***"

# What is asked in place of a presence needs an id, which a presence need not have.
UNNAMED = "left-out"


def has_secret(element: Element) -> bool:
    """Whether there is a secret in `element`, which must not be kept anywhere."""
    return any(True for _found in _secrets(element))


def shown(element: Element) -> Element:
    """The stanza `element` as the user may see it."""
    if not has_secret(element):
        return element
    masked = copy.deepcopy(element)
    for each, attribute in list(_secrets(masked)):
        if attribute:
            each.set(attribute, MASK)
        else:
            each.text = MASK
            # Whatever stands in it is part of it.
            del each[:]
    return masked


def kept(element: Element) -> Element:
    """What stands for `element` among the stanzas of a session that are kept for another run.

    That would send a password once more, maybe long after the user has taken another: instead it
    asks something that changes nothing.
    """
    if not has_secret(element):
        return element
    ping = Element(_IQ, {"type": "get", "id": element.get("id") or UNNAMED})
    SubElement(ping, "{urn:xmpp:ping}ping")
    return ping


def _secrets(element: Element) -> Iterator[tuple[Element, str]]:
    """The secrets in `element`: what holds one, and in which attribute, empty for its text."""
    for each in element.iter():
        if each.tag == _FIELD:
            if each.get("type") == _PRIVATE or _NAMED.search(each.get("var", "")):
                yield from ((value, "") for value in each.iterfind(_VALUE) if _has_content(value))
            continue
        is_one = each.tag == _HEADER or each.tag.rpartition("}")[2].lower() in _ELEMENTS
        if is_one and _has_content(each):
            yield each, ""
        for attribute, value in each.items():
            is_token = attribute == "token" and each.tag in _TOKENS
            if value and (is_token or attribute.lower() in _ATTRIBUTES):
                yield each, attribute


def _has_content(element: Element) -> bool:
    return bool(element.text) or len(element) > 0
