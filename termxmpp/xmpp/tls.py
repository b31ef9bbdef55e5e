"""TLS as termxmpp requires it (RFC 7590, RFC 6125): always, verified, before anything else.

Nothing but the STARTTLS negotiation itself is sent in the clear, and nothing that came in the
clear counts after it.
"""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from pyxmpp2.constants import TLS_QNP
from pyxmpp2.interfaces import (
    StreamFeatureHandled,
    StreamFeatureHandler,
    stream_element_handler,
)

from termxmpp.dialling import read_pin
from termxmpp.errors import CertificateError, ConfigError, TlsFailed
from termxmpp.standard import Standard
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.xmpp.transport import Transport

__all__ = [
    "CertificateShown",
    "StartTlsHandler",
    "TlsOptions",
    "describe",
    "end_point_binding",
    "fingerprint",
    "parse_pin",
    "secure",
]

TLS = Standard("RFC 7590", "Use of TLS in XMPP")

STARTTLS_TAG = TLS_QNP + "starttls"
PROCEED_TAG = TLS_QNP + "proceed"
FAILURE_TAG = TLS_QNP + "failure"

# What XEP-0368 §3 registers for client connections that begin with TLS.
ALPN = "xmpp-client"


@dataclass(frozen=True, slots=True)
class TlsOptions:
    """Whom to trust: the system's authorities, those of `ca_file`, or the one `pin`.

    `pin` is the SHA-256 digest of the server's certificate in DER, in lower-case hexadecimal;
    it replaces the checks of chain and name. With `is_look` nobody is trusted: the handshake
    ends with CertificateError, which holds what the server showed.
    """

    ca_file: Path | None = None
    pin: str = ""
    is_look: bool = False


def parse_pin(text: str) -> str:
    """The digest that `sha256:HEX` names; ConfigError for anything else."""
    try:
        digest = read_pin(text)
    except ValueError as error:
        raise ConfigError(_pin_words(text, str(error))) from None
    if not digest:
        kind = _("sha256: and 64 hexadecimal digits, as certificate errors print it")
        raise ConfigError(_pin_words(text, kind))
    return digest


def _pin_words(text: str, kind: str) -> str:
    return _("The pin {text!r} must be {kind}.").format(text=text, kind=kind)


def secure(
    transport: Transport,
    name: str,
    options: TlsOptions,
    *,
    is_direct: bool,
    on_secured: Callable[[], None],
) -> None:
    """Begin TLS on `transport` with the server that must prove to be `name`.

    `is_direct`: TLS from the first byte (XEP-0368). `on_secured` is called only if the peer
    proved itself. What goes wrong is raised, here or out of the transport, as TlsFailed or
    CertificateError.
    """
    context = _context(options)
    if is_direct:
        context.set_alpn_protocols([ALPN])

    def verify() -> None:
        tls = transport.tls
        assert tls is not None
        certificate = tls.getpeercert(binary_form=True)
        if certificate is None:
            raise TlsFailed(_("The server showed no certificate."))
        if options.is_look:
            raise CertificateShown(certificate)
        if options.pin and fingerprint(certificate) != options.pin:
            raise CertificateError(
                _("The server's certificate is not the pinned one. {about}").format(
                    about=describe(certificate, name)
                )
            )
        binding = end_point_binding(certificate)
        transport.bind_channel({"tls-server-end-point": binding} if binding else {})
        on_secured()

    transport.starttls(context, name, verify)


class CertificateShown(CertificateError):
    """The answer to a look: `certificate` is what the server showed, in DER."""

    def __init__(self, certificate: bytes) -> None:
        super().__init__("The certificate was only looked at.")
        self.certificate = certificate


def fingerprint(certificate: bytes) -> str:
    """The SHA-256 digest of a DER `certificate`, in lower-case hexadecimal."""
    return hashlib.sha256(certificate).hexdigest()


def describe(certificate: bytes, name: str) -> str:
    """Who the DER `certificate` is for, who says so, since when, and its pin."""
    # Only a certificate that is refused is looked into, and this library takes long to load.
    from termxmpp.xmpp.certificates import summary

    return _("{summary} Its pin is sha256:{digest}.").format(
        summary=summary(certificate, name), digest=fingerprint(certificate)
    )


def _context(options: TlsOptions) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if options.pin or options.is_look:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif options.ca_file is None:
        context.load_default_certs()
    else:
        try:
            context.load_verify_locations(options.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                _("The authorities in {ca_file} can't be read: {error}.").format(
                    ca_file=options.ca_file, error=error
                )
            ) from None
    return context


# The digest of each signature algorithm, by its object identifier in DER (RFC 4055, 5758).
# What is signed with MD5 or SHA-1 is bound by SHA-256 (RFC 5929 §4.1).
_DIGESTS = {
    bytes.fromhex("2a864886f70d010104"): "sha256",
    bytes.fromhex("2a864886f70d010105"): "sha256",
    bytes.fromhex("2a864886f70d01010b"): "sha256",
    bytes.fromhex("2a864886f70d01010c"): "sha384",
    bytes.fromhex("2a864886f70d01010d"): "sha512",
    bytes.fromhex("2a8648ce3d0401"): "sha256",
    bytes.fromhex("2a8648ce3d040302"): "sha256",
    bytes.fromhex("2a8648ce3d040303"): "sha384",
    bytes.fromhex("2a8648ce3d040304"): "sha512",
}


def end_point_binding(certificate: bytes) -> bytes | None:
    """The channel binding `tls-server-end-point` of a DER `certificate` (RFC 5929 §4.1).

    None where it is undefined: the signature has no single digest, or one unknown here.
    """
    try:
        outer = _contents(certificate, 0)[0]
        _signed, behind = _contents(outer, 0)
        algorithm, _ = _contents(outer, behind)
        identifier, _ = _contents(algorithm, 0)
    except IndexError:
        return None
    digest = _DIGESTS.get(identifier)
    return hashlib.new(digest, certificate).digest() if digest else None


def _contents(der: bytes, start: int) -> tuple[bytes, int]:
    """The contents of the DER value at `start`, and the offset behind it (X.690 §8.1)."""
    length = der[start + 1]
    begin = start + 2
    if length & 0x80:
        count = length & 0x7F
        length = int.from_bytes(der[begin : begin + count])
        begin += count
    return der[begin : begin + length], begin + length


class StartTlsHandler(StreamFeatureHandler):  # type: ignore[misc]  # pyxmpp2 is untyped
    """Requires STARTTLS before anything else (RFC 6120 §5).

    `secure_by` begins TLS on the stream's transport.
    """

    def __init__(self, secure_by: Callable[[], None]) -> None:
        self._secure_by = secure_by
        self._is_requested = False

    def make_stream_features(self, stream: Any, features: Element) -> None:
        """A client offers nothing."""

    def handle_stream_features(self, stream: Any, features: Element) -> Any:
        if stream.tls_established:
            return None
        if features.find(STARTTLS_TAG) is None:
            raise TlsFailed(
                _(
                    "The server does not offer TLS, so nothing was sent to it. If it ever "
                    "did, somebody is in between."
                )
            )
        self._is_requested = True
        stream.write_element(Element(STARTTLS_TAG))
        return StreamFeatureHandled("StartTLS", mandatory=True)

    @stream_element_handler(PROCEED_TAG, "initiator")  # type: ignore[untyped-decorator]  # pyxmpp2
    def proceed(self, stream: Any, element: Element) -> bool:
        """The server is ready: the next byte is TLS (§5.4.2.3)."""
        if not self._is_requested:
            raise TlsFailed(_("The server answers a STARTTLS that was not asked for."))
        self._is_requested = False
        self._secure_by()
        return True

    @stream_element_handler(FAILURE_TAG, "initiator")  # type: ignore[untyped-decorator]  # pyxmpp2
    def failure(self, stream: Any, element: Element) -> bool:
        """The server can't (§5.4.2.2)."""
        raise TlsFailed(_("The server can't set up TLS, so nothing was sent to it."))
