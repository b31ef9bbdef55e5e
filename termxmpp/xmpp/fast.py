"""XEP-0484 FAST: a token that the server gave, instead of the password, in one round trip.

The mechanisms are those of draft-schmaus-kitten-sasl-ht: each side shows a hash of the token,
bound to the server's certificate where both can.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection, Coroutine
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element

from termxmpp.core.session import Token
from termxmpp.errors import LoginRefused
from termxmpp.standard import Standard
from termxmpp.words import _
from termxmpp.xmpp.delay import parse_stamp

__all__ = ["NS", "TokenExchange", "best_mechanism", "is_usable", "read_token"]

TOKENS = Standard("XEP-0484", "Fast Authentication Streamlining Tokens", "0.2.0")

NS = "urn:xmpp:fast:0"

# By the names of the mechanisms; CPython can bind to the certificate only.
_HASHES = {"SHA-512": "sha512", "SHA-256": "sha256"}
_MECHANISM = re.compile(r"HT-(?P<hash>SHA-512|SHA-256)-(?P<binding>ENDP|NONE)")

# The strongest first: a bound one before any other (§7).
_PREFERRED = tuple(f"HT-{name}-{binding}" for binding in ("ENDP", "NONE") for name in _HASHES)


def best_mechanism(offered: Collection[str], *, can_bind: bool) -> str | None:
    """The mechanism to ask a token for, or None if none of those `offered` will do."""
    usable = (name for name in _PREFERRED if can_bind or not name.endswith("ENDP"))
    return next((name for name in usable if name in offered), None)


def is_usable(token: Token, offered: Collection[str], now: datetime, *, can_bind: bool) -> bool:
    """Whether `token` is worth a try: not expired, and for a mechanism that is `offered`."""
    return (
        token.mechanism in offered
        and token.expires_at > now
        and best_mechanism([token.mechanism], can_bind=can_bind) is not None
    )


def read_token(element: Element, mechanism: str) -> Token | None:
    """The token for `mechanism` that `<token/>` holds (§3.3), or None if it holds none."""
    secret = element.get("token", "")
    try:
        expires_at = parse_stamp(element.get("expiry", ""))
    except ValueError:
        return None
    return Token(mechanism, secret, expires_at) if secret and mechanism else None


class TokenExchange:
    """The log-in of `username` by `token`; `binding` is the data of the channel binding."""

    def __init__(self, token: Token, username: str, binding: bytes) -> None:
        match = _MECHANISM.fullmatch(token.mechanism)
        assert match is not None
        self.mechanism = token.mechanism
        self._hash = _HASHES[match["hash"]]
        self._secret = token.secret.encode()
        self._username = username
        self._binding = binding if match["binding"] == "ENDP" else b""

    def first(self) -> bytes:
        return self._username.encode() + b"\0" + self._hmac(b"Initiator")

    def answer(self, challenge: bytes) -> Coroutine[Any, Any, bytes]:
        raise LoginRefused(_("The server asks for more than the log-in holds."))

    def check(self, final: bytes) -> None:
        if not hmac.compare_digest(final, self._hmac(b"Responder")):
            raise LoginRefused(
                _(
                    "The server did not prove that it knows the token: somebody else may "
                    "be in its place."
                )
            )

    def _hmac(self, role: bytes) -> bytes:
        return hmac.digest(self._secret, role + self._binding, self._hash)
