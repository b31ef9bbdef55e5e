"""The wire form of XEP-0231 Bits of Binary: a little data, called by the hash of it."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Self
from xml.etree.ElementTree import Element

from termxmpp.values import dataclass
from termxmpp.xmpp.binary import decoded
from termxmpp.xmpp.payload import Payload, payload

__all__ = ["LARGEST", "NS", "BitsPayload", "is_bits"]

NS = "urn:xmpp:bob"

LARGEST = 65536
"""How many bytes are taken. The XEP says eight times less (§2.1), and servers' riddles are more."""

_SCHEME = "cid:"

# §2.5: as IANA calls them, but for SHA-1.
_NAME = re.compile(r"(sha1|sha-256|sha-384|sha-512|sha3-256|sha3-512)\+([0-9a-fA-F]{40,128})@.+")


@payload(f"{{{NS}}}data")
@dataclass(frozen=True)
class BitsPayload(Payload):
    """`<data/>`: what is called `cid`; without `data` it asks for that.

    What comes is what its name says, or else it is refused (ValueError).
    """

    cid: str
    data: bytes | None = None

    @classmethod
    def of(cls, address: str) -> BitsPayload | None:
        """The question for what is at `address`, a `cid:` URI; None if nobody could check it."""
        name = address[len(_SCHEME) :] if is_bits(address) else ""
        return cls(name) if _NAME.fullmatch(name) else None

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        cid = element.get("cid", "")
        if not (element.text or "").strip():
            return cls(cid)
        data = decoded(element.text, LARGEST)
        if data is None:
            raise ValueError("no Base64, or more than a bit")
        named = _NAME.fullmatch(cid)
        if named is None or _hashed(named[1], data) != named[2].lower():
            raise ValueError("other data than its name says")
        return cls(cid, data)

    def as_xml(self) -> Element:
        element = Element(f"{{{NS}}}data", {"cid": self.cid})
        if self.data is not None:
            element.text = base64.b64encode(self.data).decode()
        return element


def is_bits(address: str) -> bool:
    """Whether `address` names data that whoever has said so keeps."""
    return address.lower().startswith(_SCHEME)


def _hashed(algorithm: str, data: bytes) -> str:
    name = algorithm.replace("sha-", "sha").replace("sha3-", "sha3_")
    return hashlib.new(name, data, usedforsecurity=False).hexdigest()
