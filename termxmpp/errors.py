"""The errors that termxmpp raises on purpose: the type says who must act.

This module imports nothing of termxmpp, so that every layer may use it. Any other exception
is a bug of ours and is caught only at the doors where one can be survived.
"""

from __future__ import annotations

__all__ = [
    "CertificateError",
    "ConfigError",
    "ConnectionFailed",
    "LoginRefused",
    "RemoteError",
    "ResolveFailed",
    "StoreError",
    "TermxmppError",
    "TlsFailed",
    "UserError",
]


class TermxmppError(Exception):
    """The root of all errors that are told to a person in one line."""


class UserError(TermxmppError):
    """What the user asked for can't be done as asked; the text says what to do instead."""


class ConfigError(UserError):
    """The configuration is wrong: file, line and key are in the text (exit status 78)."""


class RemoteError(TermxmppError):
    """The peer refused a request or broke the protocol.

    `condition` is the defined condition of the stanza, stream or SASL error (RFC 6120 §4.9.3,
    §6.5, §8.3.3), or None where the peer gave none.
    """

    def __init__(self, text: str, condition: str | None = None) -> None:
        super().__init__(text)
        self.condition = condition


class ConnectionFailed(TermxmppError):
    """No address of the server answers, or the link broke (exit status 69)."""


class ResolveFailed(ConnectionFailed):
    """The server's name has no address or says it has no such service (exit status 68)."""


class TlsFailed(RemoteError):
    """TLS could not be set up as required (exit status 76)."""


class CertificateError(TlsFailed):
    """The server's certificate isn't one to trust for the expected name (exit status 76)."""


class LoginRefused(RemoteError):
    """The server refused the log-in; trying again with the same words is no use (77)."""


class StoreError(TermxmppError):
    """History is unavailable: said once, chat goes on."""
