"""SCRAM (RFC 5802, RFC 7677) with SHA-1, SHA-256 and SHA-512, bound to the channel or not.

The password is turned into keys by a slow function on purpose; where that would be felt, it
runs in a child process, so that the loop never waits for it.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass

from pyxmpp2.exceptions import StringprepError
from pyxmpp2.sasl.saslprep import SASLPREP

from termxmpp.errors import LoginRefused
from termxmpp.words import _

__all__ = ["HASHES", "KeyCache", "ScramExchange", "salted_password"]

HASHES = {"SCRAM-SHA-1": "sha1", "SCRAM-SHA-256": "sha256", "SCRAM-SHA-512": "sha512"}

# A server may ask for so many rounds and no more: the rest is an attack on our time. RFC 7677
# §4 asks for at least 4096; servers of today use up to some 100,000.
MOST_ROUNDS = 1_000_000

# Up to so many rounds take less than what is felt as a pause, about 10 ms here.
INLINE_ROUNDS = 10_000

# Seconds that the child process may take for the most rounds.
CHILD_TIMEOUT = 30.0

_SERVER_FIRST = re.compile(
    r"(?P<extension>m=)?.*?r=(?P<nonce>[!-+\--~]+),s=(?P<salt>[A-Za-z0-9/+=]+),i=(?P<rounds>[0-9]{1,9})(?:,.*)?"
)

_CHILD = """\
import base64, hashlib, json, sys
hash, password, salt, rounds = json.load(sys.stdin)
key = hashlib.pbkdf2_hmac(hash, base64.b64decode(password), base64.b64decode(salt), rounds)
print(base64.b64encode(key).decode())
"""

KeyCache = dict[tuple[str, bytes, int], bytes]
"""Salted passwords by hash, salt and rounds: a reconnect needs no slow function."""


@dataclass(slots=True)
class ScramExchange:
    """One log-in with `mechanism`, which may end in `-PLUS`.

    `binding` is (name, data) of the channel binding with `-PLUS`, else None; `flag` is the gs2
    flag `n` or `y` without (RFC 5802 §6).
    """

    mechanism: str
    username: str
    binding: tuple[str, bytes] | None = None
    flag: str = "n"
    new_nonce: Callable[[], str] = lambda: secrets.token_urlsafe(24)
    _nonce: str = ""
    _bare: str = ""
    _expected: bytes = b""

    @property
    def hash(self) -> str:
        """The digest's name in hashlib."""
        return HASHES[self.mechanism.removesuffix("-PLUS")]

    @property
    def _gs2_header(self) -> str:
        return f"{f'p={self.binding[0]}' if self.binding else self.flag},,"

    def first(self) -> bytes:
        """The client's first message (§5)."""
        self._nonce = self.new_nonce()
        name = self.username.replace("=", "=3D").replace(",", "=2C")
        self._bare = f"n={name},r={self._nonce}"
        return f"{self._gs2_header}{self._bare}".encode()

    def read_challenge(self, challenge: bytes) -> tuple[bytes, int]:
        """The salt and the rounds that the server's first message asks for; LoginRefused."""
        match = _SERVER_FIRST.fullmatch(challenge.decode("utf-8", "replace"))
        if match is None or match["extension"]:
            raise LoginRefused(_("The server's SCRAM challenge can't be read."))
        if not match["nonce"].startswith(self._nonce) or match["nonce"] == self._nonce:
            raise LoginRefused(_("The server's SCRAM nonce is not made from ours."))
        rounds = int(match["rounds"])
        if not 1 <= rounds <= MOST_ROUNDS:
            raise LoginRefused(
                _(
                    "The server asks for {rounds} SCRAM rounds; up to {most_rounds} are done here."
                ).format(rounds=rounds, most_rounds=MOST_ROUNDS)
            )
        try:
            return base64.b64decode(match["salt"], validate=True), rounds
        except binascii.Error:
            raise LoginRefused(_("The server's SCRAM salt can't be read.")) from None

    def final(self, challenge: bytes, salted: bytes) -> bytes:
        """The client's final message, with the proof from the `salted` password (§3)."""
        server_first = challenge.decode()
        match = _SERVER_FIRST.fullmatch(server_first)
        assert match is not None
        header = self._gs2_header.encode() + (self.binding[1] if self.binding else b"")
        without_proof = f"c={base64.b64encode(header).decode()},r={match['nonce']}"
        message = f"{self._bare},{server_first},{without_proof}".encode()
        client_key = self._hmac(salted, b"Client Key")
        signature = self._hmac(hashlib.new(self.hash, client_key).digest(), message)
        proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        self._expected = self._hmac(self._hmac(salted, b"Server Key"), message)
        return f"{without_proof},p={base64.b64encode(proof).decode()}".encode()

    def check_server(self, final: bytes) -> None:
        """Raise LoginRefused unless the server has proven that it knows our password too."""
        text = final.decode("utf-8", "replace")
        if text.startswith("e="):
            raise LoginRefused(
                _("The server refused the log-in: {reason}.").format(
                    reason=text[2:].partition(",")[0]
                )
            )
        signature = text.partition(",")[0].removeprefix("v=")
        try:
            given = base64.b64decode(signature, validate=True)
        except (binascii.Error, ValueError):
            given = b""
        if not self._expected or not hmac.compare_digest(given, self._expected):
            raise LoginRefused(
                _(
                    "The server did not prove that it knows the password: somebody else "
                    "may be in its place."
                )
            )

    def _hmac(self, key: bytes, message: bytes) -> bytes:
        return hmac.digest(key, message, self.hash)


def prepared(password: str) -> bytes:
    """`password` as SASLprep has it (RFC 4013), in UTF-8; LoginRefused if it prohibits it."""
    if password.isascii() and password.isprintable():
        return password.encode()
    try:
        return str(SASLPREP.prepare(password)).encode()
    except StringprepError as error:
        raise LoginRefused(
            _("The password holds what none may hold (SASLprep): {error}.").format(error=error)
        ) from None


async def salted_password(
    hash_name: str, password: str, salt: bytes, rounds: int, cache: KeyCache
) -> bytes:
    """`Hi(password, salt, rounds)` of RFC 5802 §2.2; in a child process where it takes long."""
    key = (hash_name, salt, rounds)
    if key not in cache:
        secret = prepared(password)
        if rounds <= INLINE_ROUNDS:
            cache[key] = hashlib.pbkdf2_hmac(hash_name, secret, salt, rounds)
        else:
            cache[key] = await _in_child(hash_name, secret, salt, rounds)
    return cache[key]


async def _in_child(hash_name: str, secret: bytes, salt: bytes, rounds: int) -> bytes:
    order = json.dumps(
        [hash_name, base64.b64encode(secret).decode(), base64.b64encode(salt).decode(), rounds]
    )
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-S",
        "-c",
        _CHILD,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(CHILD_TIMEOUT):
            answer, _ = await child.communicate(order.encode())
    except BaseException:
        if child.returncode is None:
            child.kill()
            await child.wait()
        raise
    return base64.b64decode(answer)
