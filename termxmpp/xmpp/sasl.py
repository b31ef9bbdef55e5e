"""The log-in: which SASL mechanism, by what credentials, and what a refusal means (RFC 6120 §6).

A password leaves only inside TLS, and as itself (PLAIN) only where nothing better is offered.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from pyxmpp2.constants import SASL_QNP
from pyxmpp2.interfaces import (
    StreamFeatureHandled,
    StreamFeatureHandler,
    stream_element_handler,
)

from termxmpp.errors import ConnectionFailed, LoginRefused, TermxmppError
from termxmpp.xmpp.scram import HASHES, KeyCache, ScramExchange, salted_password

__all__ = ["Choice", "Credentials", "SaslHandler", "choose"]

BINDINGS_TAG = "{urn:xmpp:sasl-cb:0}sasl-channel-binding"
BINDING_TAG = "{urn:xmpp:sasl-cb:0}channel-binding"

# From the strongest on; CPython can bind a log-in to the certificate only (RFC 5929 §4).
_SCRAM = ("SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1")
BINDING = "tls-server-end-point"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who logs in, and by what: a `password`, the TLS client certificate, or as nobody.

    `keys` keeps what was computed from the password for the next log-in.
    """

    username: str
    password: str = field(default="", repr=False)
    has_certificate: bool = False
    is_anonymous: bool = False
    keys: KeyCache = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """A mechanism, and for SCRAM the gs2 flag: `p` (bound), `y` or `n` (RFC 5802 §6)."""

    mechanism: str
    flag: str = "n"


def choose(
    offered: Collection[str],
    bindings: Collection[str] | None,
    credentials: Credentials,
    *,
    can_bind: bool,
    is_pinned: bool = False,
) -> Choice:
    """The mechanism to log in with.

    `offered` are the server's mechanisms, `bindings` its channel bindings (XEP-0440) or None
    where it lists none; `can_bind` tells whether we have one. Raises LoginRefused where
    nothing fits, or where what is offered looks as if somebody had taken something out: not
    so with `is_pinned`, since a binding to the certificate proves no more than its pin.
    """
    if credentials.is_anonymous:
        if "ANONYMOUS" in offered:
            return Choice("ANONYMOUS")
        raise LoginRefused("The server lets nobody in without an account.")
    if credentials.has_certificate and "EXTERNAL" in offered:
        return Choice("EXTERNAL")
    is_plus_offered = any(f"{name}-PLUS" in offered for name in _SCRAM)
    if can_bind and bindings and not is_pinned:
        _check_bindings(bindings, is_plus_offered)
    if can_bind and bindings and BINDING in bindings:
        for name in _SCRAM:
            if f"{name}-PLUS" in offered:
                return Choice(f"{name}-PLUS", "p")
    # `y` says "I could bind, you can't"; a server that can must refuse that (RFC 5802 §6).
    flag = "y" if can_bind and not is_plus_offered else "n"
    for name in _SCRAM:
        if name in offered:
            return Choice(name, flag)
    if "PLAIN" in offered:
        return Choice("PLAIN")
    raise LoginRefused(
        f"The server offers no log-in that termxmpp has: {', '.join(sorted(offered)) or 'none'}."
    )


def _check_bindings(bindings: Collection[str], is_plus_offered: bool) -> None:
    """XEP-0440 §4: leave where the two lists can only both be whole if nobody is in between."""
    if not is_plus_offered:
        missing = "no log-in that uses one"
    elif BINDING not in bindings:
        missing = f"not {BINDING}, which every server must have"
    else:
        return
    raise LoginRefused(
        f"The server lists channel bindings and {missing}: somebody in between may have changed "
        "its list. If the server's operator says that it is so, log in with --pin."
    )


# What the conditions of RFC 6120 §6.5 ask of the user.
_REFUSALS = {
    "account-disabled": "the account is disabled; ask whoever runs the server",
    "credentials-expired": "the password has expired; set a new one with the server",
    "encryption-required": "it wants an encrypted connection for this log-in",
    "incorrect-encoding": "it could not read the log-in",
    "invalid-authzid": "this account may not act for another",
    "invalid-mechanism": "it does not accept this kind of log-in",
    "malformed-request": "it could not read the log-in",
    "mechanism-too-weak": "it wants a stronger kind of log-in",
    "not-authorized": "wrong user name or password; start again with the right one",
}


class SaslHandler(StreamFeatureHandler):  # type: ignore[misc]  # pyxmpp2 is untyped
    """Logs `credentials` in on one stream.

    `fail` ends the connection with an error that comes between two turns; `authenticated` is
    called when the server has let us in. `is_pinned`: the certificate is known by its pin.
    """

    def __init__(
        self,
        credentials: Credentials,
        authenticated: Callable[[], None],
        fail: Callable[[TermxmppError], None],
        *,
        is_pinned: bool = False,
    ) -> None:
        self._credentials = credentials
        self._is_pinned = is_pinned
        self._authenticated = authenticated
        self._fail = fail
        self._scram: ScramExchange | None = None
        self._is_begun = False
        self._answering: asyncio.Task[None] | None = None

    def make_stream_features(self, stream: Any, features: Element) -> None:
        """A client offers nothing."""

    def handle_stream_features(self, stream: Any, features: Element) -> Any:
        """Begin the log-in, unless it has been done or TLS has not."""
        if stream.authenticated or not stream.tls_established:
            return None
        mechanisms = features.find(SASL_QNP + "mechanisms")
        offered = {each.text or "" for each in mechanisms} if mechanisms is not None else set()
        listed = features.find(BINDINGS_TAG)
        bindings = None
        if listed is not None:
            bindings = {each.get("type", "") for each in listed.iterfind(BINDING_TAG)}
        ours = stream.transport.auth_properties.get("channel-binding", {})
        choice = choose(
            offered,
            bindings,
            self._credentials,
            can_bind=BINDING in ours,
            is_pinned=self._is_pinned,
        )
        self._begin(stream, choice, ours.get(BINDING, b""))
        return StreamFeatureHandled("SASL", mandatory=True)

    @stream_element_handler(SASL_QNP + "challenge", "initiator")  # type: ignore[untyped-decorator]  # pyxmpp2
    def challenged(self, stream: Any, element: Element) -> bool:
        """The server's challenge: SCRAM's is answered as soon as the keys are there."""
        challenge = _decoded(element)
        if self._scram is None or self._answering is not None:
            raise LoginRefused("The server asks for more than the log-in holds.")
        salt, rounds = self._scram.read_challenge(challenge)
        self._answering = asyncio.get_running_loop().create_task(
            self._answer(stream, challenge, salt, rounds)
        )
        return True

    @stream_element_handler(SASL_QNP + "success", "initiator")  # type: ignore[untyped-decorator]  # pyxmpp2
    def succeeded(self, stream: Any, element: Element) -> bool:
        """The server lets us in; with SCRAM only if it proved itself."""
        if not self._is_begun:
            raise LoginRefused("The server answers a log-in that was not begun.")
        if self._scram is not None:
            self._scram.check_server(_decoded(element))
        self._authenticated()
        return True

    @stream_element_handler(SASL_QNP + "failure", "initiator")  # type: ignore[untyped-decorator]  # pyxmpp2
    def failed(self, stream: Any, element: Element) -> bool:
        """The server refuses (§6.5)."""
        condition, text = "", ""
        for child in element:
            if child.tag == SASL_QNP + "text":
                text = child.text or ""
            else:
                condition = child.tag.removeprefix(SASL_QNP)
        raise refusal(condition or "not-authorized", text)

    def cancel(self) -> None:
        """The stream is gone: no answer is needed any more."""
        if self._answering is not None:
            self._answering.cancel()

    def _begin(self, stream: Any, choice: Choice, binding: bytes) -> None:
        credentials = self._credentials
        self._is_begun = True
        if choice.mechanism.removesuffix("-PLUS") in HASHES:
            self._scram = ScramExchange(
                choice.mechanism,
                credentials.username,
                (BINDING, binding) if choice.flag == "p" else None,
                choice.flag,
            )
            first = self._scram.first()
        elif choice.mechanism == "PLAIN":
            first = f"\0{credentials.username}\0{credentials.password}".encode()
        else:
            first = b""
        element = Element(SASL_QNP + "auth", {"mechanism": choice.mechanism})
        # An empty first message is written as one sign (§6.4.2).
        element.text = base64.b64encode(first).decode() or "="
        stream.write_element(element)

    async def _answer(self, stream: Any, challenge: bytes, salt: bytes, rounds: int) -> None:
        assert self._scram is not None
        try:
            keys = await salted_password(
                self._scram.hash,
                self._credentials.password,
                salt,
                rounds,
                self._credentials.keys,
            )
            element = Element(SASL_QNP + "response")
            element.text = base64.b64encode(self._scram.final(challenge, keys)).decode()
            stream.write_element(element)
        except TermxmppError as error:
            self._fail(error)
        except (OSError, TimeoutError) as error:
            self._fail(LoginRefused(f"The keys for the log-in can't be computed: {error}."))


def refusal(condition: str, text: str) -> TermxmppError:
    """The error for a SASL failure: only `temporary-auth-failure` is worth another try."""
    words = _REFUSALS.get(condition)
    told = f"{words} ({condition})" if words else condition
    if text:
        told += f": {' '.join(text.split()).rstrip('.')}"
    if condition == "temporary-auth-failure":
        return ConnectionFailed(f"The server can't log anybody in at the moment ({told}).")
    return LoginRefused(f"Log-in refused: {told}.", condition)


def _decoded(element: Element) -> bytes:
    text = (element.text or "").strip()
    try:
        return base64.b64decode(text if text != "=" else "", validate=True)
    except (binascii.Error, ValueError):
        raise LoginRefused("The server's part of the log-in can't be read.") from None
