"""The errors that termxmpp raises on purpose: the type says who must act.

This module imports nothing of termxmpp, so that every layer may use it. Any other exception
is a bug of ours and is caught only at the doors where one can be survived.
"""

from __future__ import annotations

__all__ = [
    "CertificateError",
    "ConfigError",
    "ConnectionFailed",
    "DataError",
    "InputError",
    "LoginRefused",
    "OutputError",
    "RemoteError",
    "ResolveFailed",
    "StoreError",
    "TermxmppError",
    "TlsFailed",
    "UserError",
]


class TermxmppError(Exception):
    """The root of all errors that are told to a person in one line.

    `exit_status` is what a script gets that ends because of it (sysexits.h). `said` is what the
    peer itself has said of it, as it stands in the text, if anything.
    """

    exit_status = 70
    said = ""


class UserError(TermxmppError):
    """What the user asked for can't be done as asked; the text says what to do instead."""

    exit_status = 64


class DataError(UserError):
    """What the user gave is no address or no message."""

    exit_status = 65


class InputError(UserError):
    """A file that the user named can't be read."""

    exit_status = 66


class OutputError(TermxmppError):
    """Standard output takes no more, as where the disk is full."""

    exit_status = 74


class ConfigError(UserError):
    """The configuration is wrong: file, line and key are in the text."""

    exit_status = 78


class RemoteError(TermxmppError):
    """The peer refused a request or broke the protocol.

    `condition` is the defined condition of the stanza, stream or SASL error (RFC 6120 §4.9.3,
    §6.5, §8.3.3), or None where the peer gave none.
    """

    exit_status = 76

    def __init__(self, text: str, condition: str | None = None) -> None:
        super().__init__(text)
        self.condition = condition


class ConnectionFailed(TermxmppError):
    """No address of the server answers, or the link broke."""

    exit_status = 69


class ResolveFailed(ConnectionFailed):
    """The server's name has no address or says it has no such service."""

    exit_status = 68


class TlsFailed(RemoteError):
    """TLS could not be set up as required."""


class CertificateError(TlsFailed):
    """The server's certificate isn't one to trust for the expected name.

    Where it could be looked at, `pin` (as `--pin` takes it) is what would trust it, and `facts`
    say whose it is; both are empty where a pin was set and another certificate shown.
    """

    def __init__(self, text: str, *, facts: str = "", pin: str = "") -> None:
        super().__init__(text)
        self.facts = facts
        self.pin = pin


class LoginRefused(RemoteError):
    """The server refused the log-in; trying again with the same words is no use."""

    exit_status = 77


class StoreError(TermxmppError):
    """History is unavailable: said once, chat goes on."""
