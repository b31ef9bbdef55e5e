"""Pictures of people on the wire: XEP-0084 User Avatar, and those of vCards (XEP-0054)."""

from __future__ import annotations

import base64
import copy
import hashlib
from collections.abc import Collection
from typing import Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.core.picture import Portrait
from termxmpp.standard import Standard
from termxmpp.values import dataclass
from termxmpp.xmpp.binary import decoded
from termxmpp.xmpp.disco import DiscoPayload
from termxmpp.xmpp.muc import ROOM_INFO
from termxmpp.xmpp.payload import Payload, payload

__all__ = [
    "CONVERSION",
    "DATA_NODE",
    "METADATA_NODE",
    "UPDATE_NS",
    "AvatarInfo",
    "UpdatePayload",
    "avatar_data",
    "avatar_info",
    "card_hash",
    "card_picture",
    "data_element",
    "hash_of",
    "metadata_element",
    "portraits_in",
    "with_picture",
]

CONVERTING = Standard("XEP-0398", "User Avatar to vCard-Based Avatars Conversion", "1.0.0")

DATA_NODE = "urn:xmpp:avatar:data"
METADATA_NODE = "urn:xmpp:avatar:metadata"
UPDATE_NS = "vcard-temp:x:update"

CONVERSION = "urn:xmpp:pep-vcard-conversion:0"
"""What a server announces that puts what is published into the vCard and our presence itself."""

# No picture that is sent inside of stanzas is larger (bytes).
LARGEST = 1_000_000

# Every picture is there as the first (XEP-0084 §4.2); the others save bytes.
_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")

# Where a room tells of its picture: by the XEP, and as Prosody has done before that.
_HASH_FIELDS = ("muc#roominfo_avatarhash", "{http://modules.prosody.im/mod_vcard_muc}avatar#sha1")

# In so many formats one picture may be there.
MOST_FORMATS = 8

_BINVAL = "{vcard-temp}PHOTO/{vcard-temp}BINVAL"


@dataclass(frozen=True, slots=True)
class AvatarInfo:
    """A picture that somebody has published: its `id`, the SHA-1 of it in hex, type and bytes."""

    id: str
    type: str
    size: int


def avatar_info(metadata: Element | None) -> AvatarInfo | None:
    """The picture to fetch of those that `<metadata/>` names; None if there is none for us."""
    if metadata is None or metadata.tag != f"{{{METADATA_NODE}}}metadata":
        return None
    found = []
    for each in metadata.iterfind(f"{{{METADATA_NODE}}}info"):
        id, kind, size = each.get("id", ""), each.get("type", ""), each.get("bytes", "")
        is_number = size.isascii() and size.isdecimal() and len(size) <= len(str(LARGEST))
        # What lies behind an address elsewhere is not fetched: who does tells where he is.
        if each.get("url") or not is_number or kind not in _TYPES or not _is_hash(id):
            continue
        found.append(AvatarInfo(id.lower(), kind, int(size)))
    fitting = [each for each in found if each.size <= LARGEST]
    return min(fitting, key=lambda each: _TYPES.index(each.type), default=None)


def avatar_data(element: Element | None, info: AvatarInfo) -> bytes | None:
    """The picture that `<data/>` holds; None if it is not the one of `info`."""
    if element is None or element.tag != f"{{{DATA_NODE}}}data":
        return None
    data = decoded(element.text, LARGEST)
    if data is None or hash_of(data) != info.id:
        return None
    return data


def data_element(portrait: Portrait) -> Element:
    """`<data/>`: the picture itself, for the data node (XEP-0084 §3.1)."""
    element = Element(f"{{{DATA_NODE}}}data")
    element.text = base64.b64encode(portrait.data).decode()
    return element


def metadata_element(portrait: Portrait | None) -> Element:
    """`<metadata/>`: what the picture is (§4.2); an empty one where there is none any more."""
    metadata = Element(f"{{{METADATA_NODE}}}metadata")
    if portrait is not None:
        facts = {
            "id": hash_of(portrait.data),
            "type": "image/png",
            "bytes": str(len(portrait.data)),
            "width": str(portrait.side),
            "height": str(portrait.side),
        }
        SubElement(metadata, f"{{{METADATA_NODE}}}info", facts)
    return metadata


def hash_of(data: bytes) -> str:
    """What a picture is called: the SHA-1 of it, in hex."""
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


@payload(f"{{{UPDATE_NS}}}x")
@dataclass(frozen=True)
class UpdatePayload(Payload):
    """`<x/>` in presence: the hash of the picture in the vCard (XEP-0153), empty if it has none.

    None says nothing of that.
    """

    hash: str | None = None

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        photo = element.find(f"{{{UPDATE_NS}}}photo")
        if photo is None:
            return cls()
        text = (photo.text or "").strip().lower()
        if text and not _is_hash(text):
            raise ValueError("no hash of a picture")
        return cls(text)

    def as_xml(self) -> Element:
        element = Element(f"{{{UPDATE_NS}}}x")
        if self.hash is not None:
            SubElement(element, f"{{{UPDATE_NS}}}photo").text = self.hash or None
        return element


def portraits_in(found: DiscoPayload) -> tuple[str, ...]:
    """The hashes of the pictures that a room announces (XEP-0486 §3.3)."""
    values = found.values(ROOM_INFO)
    told = [each for name in _HASH_FIELDS for each in values.get(name, ())]
    return tuple(each.lower() for each in told if _is_hash(each))[:MOST_FORMATS]


def card_picture(card: Element | None, hashes: Collection[str] = ()) -> bytes | None:
    """The picture that stands in a vcard-temp, with `hashes` one that is called by one of them.

    One that is elsewhere is not fetched.
    """
    found = card.findall(_BINVAL)[:MOST_FORMATS] if card is not None else []
    pictures = (decoded(each.text, LARGEST) for each in found)
    named = (each for each in pictures if each and (not hashes or hash_of(each) in hashes))
    return next(named, None)


def card_hash(card: Element | None) -> str | None:
    """The hash of that picture, empty if there is none; None if what is there can't be read."""
    picture = card_picture(card)
    if picture is not None:
        return hash_of(picture)
    found = card.find(_BINVAL) if card is not None else None
    return None if found is not None and (found.text or "").strip() else ""


def with_picture(card: Element | None, portrait: Portrait | None) -> Element:
    """A copy of `card`, or a new one, with that picture instead of those that it has."""
    made = copy.deepcopy(card) if card is not None else Element("{vcard-temp}vCard")
    for each in made.findall("{vcard-temp}PHOTO"):
        made.remove(each)
    if portrait is not None:
        photo = SubElement(made, "{vcard-temp}PHOTO")
        SubElement(photo, "{vcard-temp}TYPE").text = "image/png"
        SubElement(photo, "{vcard-temp}BINVAL").text = base64.b64encode(portrait.data).decode()
    return made


def _is_hash(text: str) -> bool:
    return len(text) == 40 and all(char in "0123456789abcdefABCDEF" for char in text)
