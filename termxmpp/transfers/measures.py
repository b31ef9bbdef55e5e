"""How large the pictures are that we send: told by their first bytes, without decoding them.

PNG, GIF, WebP and JPEG; of a picture that is to be turned (EXIF) it is the size that is seen.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

__all__ = ["LOOKED_AT", "pixels_of"]

LOOKED_AT = 256 * 1024
"""So many bytes from the beginning tell it, if any do."""

# What begins a frame in a JPEG, which says how large it is (ITU-T T.81 B.1.1.3).
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}

# Markers that stand alone.
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})

_ORIENTATION = 0x0112


def pixels_of(head: bytes) -> tuple[int, int] | None:
    """Width and height, in pixels, of the picture that begins with `head`; None if it is none."""
    try:
        found = _pixels(head)
    except (struct.error, IndexError):
        # It ends too soon.
        return None
    return found if found is not None and min(found) > 0 else None


def _pixels(head: bytes) -> tuple[int, int] | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR":
        width, height = struct.unpack_from(">II", head, 16)
        return width, height
    if head.startswith((b"GIF87a", b"GIF89a")):
        width, height = struct.unpack_from("<HH", head, 6)
        return width, height
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return _webp(head)
    return _jpeg(head) if head.startswith(b"\xff\xd8") else None


def _webp(head: bytes) -> tuple[int, int] | None:
    """RFC 9649 §2.5 to §2.7."""
    kind = head[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(head[at : at + 3], "little") for at in (24, 27))
        return width + 1, height + 1
    if kind == b"VP8L" and head[20] == 0x2F:
        (bits,) = struct.unpack_from("<I", head, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", head, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg(head: bytes) -> tuple[int, int] | None:
    is_turned = False
    for marker, at, end in _segments(head):
        if marker == 0xE1 and head[at : at + 6] == b"Exif\0\0":
            is_turned = _is_turned(head[at + 6 : end])
        elif marker in _FRAMES:
            height, width = struct.unpack_from(">HH", head, at + 1)
            return (height, width) if is_turned else (width, height)
    return None


def _segments(head: bytes) -> Iterator[tuple[int, int, int]]:
    """The markers of a JPEG, and from where to where what follows each stands."""
    at = 2
    while head[at] == 0xFF:
        marker = head[at + 1]
        if marker == 0xFF or marker in _ALONE:
            at += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", head, at + 2)
        yield marker, at + 4, at + 2 + length
        at += 2 + max(2, length)


def _is_turned(exif: bytes) -> bool:
    """Whether width and height change places when it is shown."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return False
    try:
        (first,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, first)
        for number in range(min(count, 100)):
            tag, _kind, _count, value = struct.unpack_from(
                f"{order}HHIH", exif, first + 2 + 12 * number
            )
            if tag == _ORIENTATION:
                return value in (5, 6, 7, 8)
    except struct.error:
        pass
    return False
