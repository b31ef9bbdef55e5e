"""SCRAM against the RFCs' vectors and against pyxmpp2's own server side."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from typing import Any

import pytest
from pyxmpp2.sasl.core import Challenge, PasswordDatabase, Success
from pyxmpp2.sasl.scram import SCRAMServerAuthenticator

from termxmpp.errors import LoginRefused
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.xmpp.scram import INLINE_ROUNDS, KeyCache, ScramExchange, prepared, salted_password

# RFC 5802 §5 and RFC 7677 §3; no RFC has one for SHA-512.
RFC_5802 = (
    "SCRAM-SHA-1",
    "fyko+d2lbbFgONRv9qkxdawL",
    b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
    b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
)
RFC_7677 = (
    "SCRAM-SHA-256",
    "rOprNGfwEbeRWgbNEkqO",
    b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    b"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
)


def keys(scram: ScramExchange, challenge: bytes, password: str) -> bytes:
    salt, rounds = scram.read_challenge(challenge)

    async def compute(mainloop: EpollMainLoop) -> bytes:
        return await salted_password(scram.hash, password, salt, rounds, {})

    return run(compute)


@pytest.mark.parametrize("vector", [RFC_5802, RFC_7677], ids=["RFC 5802", "RFC 7677"])
def test_the_vectors_of_the_rfcs(vector: tuple[str, str, bytes, bytes, bytes]) -> None:
    mechanism, nonce, challenge, final, server_final = vector
    scram = ScramExchange(mechanism, "user", new_nonce=lambda: nonce)
    assert scram.first() == f"n,,n=user,r={nonce}".encode()
    assert scram.final(challenge, keys(scram, challenge, "pencil")) == final
    scram.check_server(server_final)


class Passwords(PasswordDatabase):  # type: ignore[misc]  # pyxmpp2 is untyped
    """One user, `user`, with the password `pencil`."""

    def get_password(self, username: str, formats: Any, properties: Any) -> tuple[str | None, str]:
        return ("pencil" if username == "user,=" else None), "plain"


def server_for(mechanism: str) -> Any:
    name = mechanism.removeprefix("SCRAM-").removesuffix("-PLUS")
    return SCRAMServerAuthenticator(name, mechanism.endswith("-PLUS"), Passwords())


@pytest.mark.parametrize("hash_name", ["SHA-1", "SHA-256", "SHA-512"])
@pytest.mark.parametrize("is_bound", [False, True], ids=["plain", "PLUS"])
def test_pyxmpp2s_own_server_side_agrees(hash_name: str, is_bound: bool) -> None:
    mechanism = f"SCRAM-{hash_name}" + ("-PLUS" if is_bound else "")
    binding = ("tls-server-end-point", b"\x00certificate\xff") if is_bound else None
    server = server_for(mechanism)
    properties = {"channel-binding": {"tls-server-end-point": b"\x00certificate\xff"}}
    scram = ScramExchange(mechanism, "user,=", binding)
    challenge = server.start(properties, scram.first())
    assert isinstance(challenge, Challenge)
    final = scram.final(challenge.data, keys(scram, challenge.data, "pencil"))
    success = server.response(final)
    assert isinstance(success, Success)
    scram.check_server(success.data)
    with pytest.raises(LoginRefused, match="did not prove"):
        scram.check_server(success.data[:-6] + b"AAAA==")


def test_a_channel_that_is_not_the_servers_is_refused_by_it() -> None:
    """What binding is for: somebody in between has another certificate."""
    server = server_for("SCRAM-SHA-1-PLUS")
    properties = {"channel-binding": {"tls-server-end-point": b"the server's own"}}
    scram = ScramExchange(
        "SCRAM-SHA-1-PLUS", "user,=", ("tls-server-end-point", b"somebody else's")
    )
    challenge = server.start(properties, scram.first())
    final = scram.final(challenge.data, keys(scram, challenge.data, "pencil"))
    assert not isinstance(server.response(final), Success)


@pytest.mark.parametrize(
    "challenge",
    [
        b"",
        b"r=,s=QSXCR+Q6sek8bf92,i=4096",
        b"r=ours,s=QSXCR+Q6sek8bf92,i=4096",
        b"r=other-theirs,s=QSXCR+Q6sek8bf92,i=4096",
        b"r=ours-theirs,s=QSXCR+Q6sek8bf92",
        b"r=ours-theirs,s=QSXCR+Q6sek8bf92,i=0",
        b"r=ours-theirs,s=QSXCR+Q6sek8bf92,i=-4096",
        b"r=ours-theirs,s=QSXCR+Q6sek8bf92,i=1000001",
        b"r=ours-theirs,s=QSXCR+Q6sek8bf92,i=99999999999999999999",
        b"r=ours-theirs,s=AAA,i=4096",
        b"m=ext,r=ours-theirs,s=QSXCR+Q6sek8bf92,i=4096",
        b"r=ours-theirs,i=4096,s=QSXCR+Q6sek8bf92",
        b"\xff\xfe",
    ],
)
def test_a_bad_challenge_is_refused(challenge: bytes) -> None:
    scram = ScramExchange("SCRAM-SHA-1", "user", new_nonce=lambda: "ours")
    scram.first()
    with pytest.raises(LoginRefused):
        scram.read_challenge(challenge)


@pytest.mark.parametrize("final", [b"", b"v=", b"v=AAAA", b"e=other-error", b"x=1", b"\xff"])
def test_a_server_that_proves_nothing_is_refused(final: bytes) -> None:
    scram = ScramExchange("SCRAM-SHA-1", "user", new_nonce=lambda: RFC_5802[1])
    scram.first()
    scram.final(RFC_5802[2], keys(scram, RFC_5802[2], "pencil"))
    with pytest.raises(LoginRefused):
        scram.check_server(final)


def test_a_success_before_the_exchange_proves_nothing() -> None:
    scram = ScramExchange("SCRAM-SHA-1", "user")
    scram.first()
    with pytest.raises(LoginRefused):
        scram.check_server(b"v=")


@pytest.mark.parametrize(
    ("password", "octets"),
    [
        ("pencil", b"pencil"),
        ("I\u00adX", b"IX"),
        ("\u2168", b"IX"),
        ("\u00aa", b"a"),
        ("pa\u00a0ss", b"pa ss"),
    ],
)
def test_passwords_are_prepared(password: str, octets: bytes) -> None:
    """The examples of RFC 4013 §3."""
    assert prepared(password) == octets


def test_many_rounds_are_done_beside_the_loop_and_only_once() -> None:
    """Nobody's keystroke waits for them, no thread is made, and a reconnect needs nothing."""
    rounds = INLINE_ROUNDS * 60
    cache: KeyCache = {}

    async def compute(mainloop: EpollMainLoop) -> tuple[bytes, int]:
        ticks = 0
        computing = asyncio.ensure_future(
            salted_password("sha256", "pencil", b"salt", rounds, cache)
        )
        while not computing.done():
            await asyncio.wait({computing}, timeout=0.005)
            ticks += 1
        assert threading.active_count() == 1
        return computing.result(), ticks

    salted, ticks = run(compute)
    assert salted == hashlib.pbkdf2_hmac("sha256", b"pencil", b"salt", rounds)
    assert ticks > 5
    again = salted_password("sha256", "pencil", b"salt", rounds, cache)
    with pytest.raises(StopIteration) as answered:
        again.send(None)
    assert answered.value.value == salted
