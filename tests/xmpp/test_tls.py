"""Pins, and what a log-in is bound to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from termxmpp.errors import ConfigError
from termxmpp.xmpp.tls import describe, end_point_binding, fingerprint, parse_pin

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def certificate(key: Key, digest: hashes.HashAlgorithm | None, name: str = "a.example") -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, digest)  # type: ignore[arg-type]  # it takes these digests, and None for Ed25519
    )
    return made.public_bytes(serialization.Encoding.DER)


def sha(digest: hashes.HashAlgorithm, data: bytes) -> bytes:
    hashed = hashes.Hash(digest)
    hashed.update(data)
    return hashed.finalize()


RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize("key", [RSA, EC], ids=["RSA", "ECDSA"])
@pytest.mark.parametrize("digest", [hashes.SHA256(), hashes.SHA384(), hashes.SHA512()])
def test_the_binding_is_the_certificate_by_its_own_digest(
    key: Key, digest: hashes.HashAlgorithm
) -> None:
    """RFC 5929 §4.1, against a second reader of certificates."""
    der = certificate(key, digest)
    assert end_point_binding(der) == sha(digest, der)


def test_a_signature_without_a_digest_binds_nothing() -> None:
    assert end_point_binding(certificate(ed25519.Ed25519PrivateKey.generate(), None)) is None


@pytest.mark.parametrize("der", [b"", b"\x30", b"\x30\x03\x02\x01\x00", b"no certificate at all"])
def test_what_is_no_certificate_binds_nothing(der: bytes) -> None:
    assert end_point_binding(der) is None


def test_a_pin_may_have_colons_and_capitals() -> None:
    digest = fingerprint(certificate(EC, hashes.SHA256()))
    with_colons = ":".join(digest[place : place + 2] for place in range(0, 64, 2))
    assert parse_pin(f"sha256:{digest}") == digest
    assert parse_pin(f" SHA256:{with_colons.upper()} ") == digest


@pytest.mark.parametrize("pin", ["", "sha256:", "sha1:00", "sha256:" + "0" * 63, "0" * 64, "x"])
def test_any_other_pin_is_refused(pin: str) -> None:
    with pytest.raises(ConfigError, match="must be sha256"):
        parse_pin(pin)


def test_a_certificate_without_alternative_names_is_for_its_common_name() -> None:
    words = describe(certificate(EC, hashes.SHA256(), "old.example"), "new.example")
    assert "Expected was new.example; the certificate is for old.example" in words
    assert "Its pin is sha256:" in words


def test_a_certificate_that_can_not_be_read_is_told_to_be_so() -> None:
    assert "can't be read" in describe(b"rubbish", "a.example")
