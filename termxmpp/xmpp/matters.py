"""The wire form of what messages hold that is no text and can't be shown as it is.

XEP-0380 Explicit Message Encryption and what is encrypted without it, XEP-0080 User Location,
XEP-0353 and XEP-0482 calls, XEP-0144 Roster Item Exchange; and whatever else nobody knows here:
what would be nothing is told to have come. What only a program need know is none of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from xml.etree.ElementTree import Element

from termxmpp.core.jid import Jid
from termxmpp.core.matter import ENCRYPTIONS, LONGEST_DETAIL, Matter, MatterKind
from termxmpp.errors import UserError
from termxmpp.xmpp.stanzas import IncomingMessage

__all__ = ["ENCRYPTION_NS", "GEOLOC_NS", "matter_of"]

ENCRYPTION_NS = "urn:xmpp:eme:0"
GEOLOC_NS = "http://jabber.org/protocol/geoloc"
CALL_NS = "urn:xmpp:jingle-message:0"
INVITES_NS = "urn:xmpp:call-invites:0"
RTP_NS = "urn:xmpp:jingle:apps:rtp:1"
ROSTER_NS = "http://jabber.org/protocol/rosterx"
OMEMO = frozenset({"eu.siacs.conversations.axolotl", "urn:xmpp:omemo:1", "urn:xmpp:omemo:2"})

# Of a suggestion no more contacts are told.
MOST_CONTACTS = 10

# What a text begins with that is one of OTR: a message, a part of one, an offer, an error.
_OTR = re.compile(r"\?OTR(?:[:,|?]|v[0-9x]*\?| Error:)")

_NUMBER = re.compile(r"[+-]?[0-9]{1,9}(?:\.[0-9]{1,20})?", re.ASCII)

# Of these a program has use, not a person: states, marks, ids, hints, what happens in a room and
# what is published; and what only says something of a text, or of another message.
_SIGNALS = frozenset(
    {
        "jabber:client",
        "http://jabber.org/protocol/chatstates",
        "urn:xmpp:receipts",
        "urn:xmpp:chat-markers:0",
        "urn:xmpp:hints",
        "urn:xmpp:carbons:2",
        "urn:xmpp:sid:0",
        "urn:xmpp:occupant-id:0",
        "urn:xmpp:delay",
        "jabber:x:delay",
        "jabber:x:event",
        "jabber:x:signed",
        "jabber:x:conference",
        "jabber:x:roster",
        "urn:xmpp:eme:0",
        "urn:xmpp:attention:0",
        "urn:xmpp:rtt:0",
        "urn:xmpp:styling:0",
        "urn:xmpp:spoiler:0",
        "urn:xmpp:fallback:0",
        "urn:xmpp:reply:0",
        "urn:xmpp:reactions:0",
        "urn:xmpp:message-correct:0",
        "urn:xmpp:message-retract:0",
        "urn:xmpp:message-retract:1",
        "urn:xmpp:message-moderate:0",
        "urn:xmpp:message-moderate:1",
        "urn:xmpp:fasten:0",
        "urn:xmpp:reference:0",
        "urn:xmpp:hashes:2",
        "urn:xmpp:thumbs:1",
        "urn:xmpp:bob",
        "urn:xmpp:captcha",
        "urn:xmpp:hats:0",
        "urn:xmpp:idle:1",
        "urn:xmpp:avatar:metadata",
        "urn:xmpp:mix:core:1",
        "urn:xmpp:presence:0",
        "urn:xmpp:pam:0",
        "urn:xmpp:push:0",
        "urn:xmpp:inbox:1",
        "urn:xmpp:mds:displayed:0",
        "urn:xmpp:jingle:1",
        "urn:xmpp:jingle:errors:1",
        "urn:xmpp:thread:0",
        "urn:ietf:params:xml:ns:xmpp-stanzas",
        "vcard-temp:x:update",
        "http://jabber.org/protocol/address",
        "http://jabber.org/protocol/amp",
        "http://jabber.org/protocol/caps",
        "http://jabber.org/protocol/ibb",
        "http://jabber.org/protocol/muc",
        "http://jabber.org/protocol/nick",
        "http://jabber.org/protocol/pubsub",
        "http://jabber.org/protocol/rsm",
        "http://jabber.org/protocol/shim",
        "http://jabber.org/protocol/sipub",
        "http://jabber.org/protocol/tune",
        "http://jabber.org/protocol/mood",
        "http://jabber.org/protocol/activity",
    }
)

# The same of whole families: versions of archives, of rooms, of what is published, of old talk.
_FAMILIES = (
    "http://jabber.org/protocol/muc#",
    "http://jabber.org/protocol/pubsub#",
    "urn:xmpp:mam:",
    "urn:xmpp:forward:",
    "urn:xmpp:message-attaching:",
    "google:",
)

# What is to be kept nowhere, as it is said now and was said once (XEP-0334).
_PASSING = frozenset(
    f"{{urn:xmpp:hints}}{name}"
    for name in ("no-store", "no-permanent-store", "no-storage", "no-permanent-storage")
)


def matter_of(message: IncomingMessage) -> Matter | None:
    """What `message` holds besides its text, or instead of it, and is to be told; else None."""
    elements = message.elements
    encryption = _encryption(message.body or "", elements)
    if encryption is not None:
        return encryption
    for element in elements:
        make = _KNOWN.get(element.tag)
        matter = make(element) if make is not None else None
        if matter is not None:
            return matter
    return _unknown(message, elements) if message.body is None else None


def _encryption(body: str, elements: Sequence[Element]) -> Matter | None:
    """How it is encrypted: as is said of it, or as it looks.

    A name that the sender gives a way counts only if that is not known here (XEP-0380 §4).
    OMEMO without a payload only exchanges keys.
    """
    found = ""
    for element in elements:
        namespace, name = _split(element.tag)
        if namespace in OMEMO and name == "encrypted":
            if element.find(f"{{{namespace}}}payload") is None:
                return None
            found = found or namespace
        elif (namespace, name) in (("jabber:x:encrypted", "x"), ("urn:xmpp:openpgp:0", "openpgp")):
            found = found or namespace
    hint = next((each for each in elements if each.tag == f"{{{ENCRYPTION_NS}}}encryption"), None)
    if not found and _OTR.match(body):
        found = "urn:xmpp:otr:0"
    if hint is None:
        return Matter(MatterKind.ENCRYPTED, found) if found else None
    namespace = hint.get("namespace", "").strip()
    way = namespace if namespace in ENCRYPTIONS else found
    return Matter(
        MatterKind.ENCRYPTED,
        way or (hint.get("name", "").strip() or namespace)[:LONGEST_DETAIL],
    )


def _place(element: Element) -> Matter | None:
    """Where somebody is, from the near to the far (XEP-0080 §3); None where nothing is said."""

    def word(name: str) -> str:
        return " ".join((element.findtext(f"{{{GEOLOC_NS}}}{name}") or "").split())

    named = [
        word(name)
        for name in (
            *("text", "description", "room", "floor", "building", "area", "street"),
            *("postalcode", "locality", "region", "country"),
        )
    ]
    latitude, longitude = word("lat"), word("lon")
    if _is_between(latitude, 90) and _is_between(longitude, 180):
        accuracy = word("accuracy")
        around = f" ±{accuracy} m" if _NUMBER.fullmatch(accuracy) else ""
        named.append(f"{latitude}, {longitude}{around}")
    words = ", ".join(dict.fromkeys(filter(None, named)))
    return Matter(MatterKind.PLACE, words[:LONGEST_DETAIL]) if words else None


def _is_between(text: str, limit: int) -> bool:
    return _NUMBER.fullmatch(text) is not None and abs(float(text)) <= limit


def _call(element: Element) -> Matter | None:
    """Somebody calls; what is done with that by anybody's devices is their own affair."""
    described = element.findall(f"{{{RTP_NS}}}description")
    media = {each.get("media", "") for each in described}
    if not described:
        return Matter(MatterKind.UNKNOWN, element.tag)
    return Matter(MatterKind.CALL, "video" if "video" in media else "audio")


def _invite(element: Element) -> Matter | None:
    is_video = element.get("video") in ("true", "1")
    return Matter(MatterKind.CALL, "video" if is_video else "audio")


def _contacts(element: Element) -> Matter | None:
    """Whom somebody would have in the roster, or not (XEP-0144); nothing is done with it."""
    signs = {"delete": "−", "modify": "±"}
    named = []
    for item in element.iterfind(f"{{{ROSTER_NS}}}item"):
        try:
            jid = Jid.parse(item.get("jid", "")).bare
        except UserError:
            continue
        sign, name = signs.get(item.get("action", ""), "+"), " ".join(item.get("name", "").split())
        named.append(f"{sign}{jid} ({name[:80]})" if name and name != str(jid) else f"{sign}{jid}")
    if not named:
        return None
    more = ["…"] if len(named) > MOST_CONTACTS else []
    return Matter(MatterKind.CONTACTS, ", ".join(named[:MOST_CONTACTS] + more)[:LONGEST_DETAIL])


def _unknown(message: IncomingMessage, elements: Sequence[Element]) -> Matter | None:
    """What nobody here knows, if it is meant for a person.

    Not what is to be kept nowhere (XEP-0334), is news (RFC 6121 §5.2.2), or from a server or room.
    """
    sender = message.sender
    is_room = message.type == "groupchat" and sender is not None and sender.is_bare
    is_person = sender is None or (bool(sender.local) and not is_room)
    if message.type == "headline" or not is_person:
        return None
    if any(each.tag in _PASSING for each in elements):
        return None
    unknown = (each.tag for each in elements if not _is_signal(each.tag))
    tag = next(unknown, None)
    return Matter(MatterKind.UNKNOWN, tag[:LONGEST_DETAIL]) if tag is not None else None


def _is_signal(tag: str) -> bool:
    namespace, _name = _split(tag)
    is_known = namespace in _SIGNALS or namespace in OMEMO or namespace.startswith(_FAMILIES)
    return is_known or namespace in (GEOLOC_NS, CALL_NS, INVITES_NS, ROSTER_NS)


def _split(tag: str) -> tuple[str, str]:
    namespace, _brace, name = tag.removeprefix("{").rpartition("}")
    return namespace, name


_KNOWN: dict[str, Callable[[Element], Matter | None]] = {
    f"{{{GEOLOC_NS}}}geoloc": _place,
    f"{{{CALL_NS}}}propose": _call,
    f"{{{INVITES_NS}}}invite": _invite,
    f"{{{ROSTER_NS}}}x": _contacts,
}
