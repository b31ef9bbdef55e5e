"""Data in stanzas: Base64, as peers write it."""

from __future__ import annotations

import base64
import binascii

__all__ = ["decoded"]

_SPACE = str.maketrans("", "", " \t\r\n")


def decoded(text: str | None, largest: int) -> bytes | None:
    """The data that `text` is, which may be broken into lines (RFC 4648 §3.1).

    None where it is empty, no Base64, or more than some `largest` bytes.
    """
    plain = (text or "").translate(_SPACE)
    if not plain or len(plain) > largest * 4 // 3 + 4:
        return None
    try:
        return base64.b64decode(plain, validate=True)
    except (binascii.Error, ValueError):
        return None
