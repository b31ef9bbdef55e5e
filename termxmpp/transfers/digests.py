"""Hashes of a file (XEP-0300), made while it goes by."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from termxmpp.core.files import Digest
from termxmpp.standard import Standard

__all__ = ["ALGORITHMS", "OURS", "Digests", "is_same"]

RECOMMENDED = Standard("XEP-0414", "Cryptographic Hash Function Recommendations for XMPP", "0.4.0")

OURS = "sha-256"
"""What we say of our own files: the hash that everybody must know (XEP-0414 §3)."""

# XEP-0414 §3 lets nobody rely on MD5 or SHA-1 any more: what these say is not looked at.
_MAKERS: dict[str, Callable[[], Any]] = {
    "sha-256": hashlib.sha256,
    "sha-384": hashlib.sha384,
    "sha-512": hashlib.sha512,
    "sha3-256": hashlib.sha3_256,
    "sha3-512": hashlib.sha3_512,
    "blake2b-256": functools.partial(hashlib.blake2b, digest_size=32),
    "blake2b-512": functools.partial(hashlib.blake2b, digest_size=64),
}
# As XEP-0300 called them before its version 1.0.
_MAKERS["id-blake2b256"] = _MAKERS["blake2b-256"]
_MAKERS["id-blake2b512"] = _MAKERS["blake2b-512"]

ALGORITHMS = tuple(_MAKERS)
"""What can be made and checked here."""


class Digests:
    """The hashes by those of `algorithms` that are known here."""

    def __init__(self, algorithms: Iterable[str]) -> None:
        self._made = {name: _MAKERS[name]() for name in algorithms if name in _MAKERS}

    def update(self, chunk: bytes) -> None:
        for each in self._made.values():
            each.update(chunk)

    def all(self) -> tuple[Digest, ...]:
        """The digests of all that came so far, in Base64."""
        return tuple(
            (name, base64.b64encode(each.digest()).decode()) for name, each in self._made.items()
        )


def is_same(one: str, other: str) -> bool:
    """Whether two digests in Base64 are one, however their ends are filled."""
    return one.rstrip("=") == other.rstrip("=")
