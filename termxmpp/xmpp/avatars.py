"""Pictures of people on the wire: XEP-0084 User Avatar, and those of vCards (XEP-0054)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from xml.etree.ElementTree import Element

from termxmpp.values import dataclass

__all__ = ["DATA_NODE", "METADATA_NODE", "AvatarInfo", "avatar_data", "avatar_info", "card_picture"]

DATA_NODE = "urn:xmpp:avatar:data"
METADATA_NODE = "urn:xmpp:avatar:metadata"

# No picture that is sent inside of stanzas is larger (bytes).
LARGEST = 1_000_000

# Every picture is there as the first (XEP-0084 §4.2); the others save bytes.
_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")

_SPACE = str.maketrans("", "", " \t\r\n")


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
    data = _decoded(element.text)
    if data is None or hashlib.sha1(data, usedforsecurity=False).hexdigest() != info.id:
        return None
    return data


def card_picture(card: Element | None) -> bytes | None:
    """The picture that stands in a vcard-temp; one that is elsewhere is not fetched."""
    found = card.find("{vcard-temp}PHOTO/{vcard-temp}BINVAL") if card is not None else None
    return _decoded(found.text) if found is not None else None


def _is_hash(text: str) -> bool:
    return len(text) == 40 and all(char in "0123456789abcdefABCDEF" for char in text)


def _decoded(text: str | None) -> bytes | None:
    plain = (text or "").translate(_SPACE)
    if not plain or len(plain) > LARGEST * 4 // 3 + 4:
        return None
    try:
        return base64.b64decode(plain, validate=True)
    except (binascii.Error, ValueError):
        return None
