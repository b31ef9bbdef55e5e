"""What a certificate says: for the error that refuses it, and for who looks for what is wrong.

Loaded only then, since the library that reads it takes long to load.
"""

from __future__ import annotations

from datetime import datetime

from cryptography import x509

from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["Reading", "read", "summary"]


@dataclass(frozen=True, slots=True)
class Reading:
    """Who a certificate is for, who says so, and from when to when (aware)."""

    names: tuple[str, ...]
    issuer: str
    since: datetime
    until: datetime
    is_self_signed: bool = False


def read(certificate: bytes) -> Reading:
    """What the DER `certificate` says; ValueError if it can't be read."""
    found = x509.load_der_x509_certificate(certificate)
    return Reading(
        tuple(_names(found)),
        _called(found.issuer),
        found.not_valid_before_utc,
        found.not_valid_after_utc,
        found.issuer == found.subject,
    )


def summary(certificate: bytes, name: str) -> str:
    """One line on the DER `certificate` of a server that should have been `name`."""
    try:
        found = read(certificate)
    except ValueError as error:
        return _("Expected was {name}; the certificate can't be read ({error}).").format(
            name=name, error=error
        )
    names = ", ".join(found.names) or _("nobody")
    since = found.since
    until = found.until
    return _(
        "Expected was {name}; the certificate is for {names}, issued by {issuer}, "
        "valid from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC."
    ).format(name=name, names=names, issuer=found.issuer, since=since, until=until)


def _names(certificate: x509.Certificate) -> list[str]:
    """The names that count (RFC 6125 §6.4): the alternative ones, else the common name."""
    try:
        alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (
        x509.DuplicateExtension,
        x509.ExtensionNotFound,
        x509.UnsupportedGeneralNameType,
        ValueError,
    ):
        return [_called(certificate.subject)]
    return [str(each) for each in alternatives.value.get_values_for_type(x509.DNSName)]


def _called(name: x509.Name) -> str:
    common = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string()
