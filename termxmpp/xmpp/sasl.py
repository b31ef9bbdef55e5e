"""The log-in: which SASL mechanism, by what credentials, and what a refusal means (RFC 6120 §6).

A password leaves only inside TLS, and as itself (PLAIN) only where nothing better is offered.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable, Collection, Coroutine
from dataclasses import field
from typing import Any, Protocol
from xml.etree.ElementTree import Element

from pyxmpp2.constants import SASL_QNP
from pyxmpp2.interfaces import (
    StreamFeatureHandled,
    StreamFeatureHandler,
    stream_element_handler,
)

from termxmpp.errors import ConnectionFailed, LoginRefused, TermxmppError
from termxmpp.standard import Standard
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.xmpp.scram import HASHES, KeyCache, ScramExchange, salted_password

__all__ = [
    "Choice",
    "Credentials",
    "Exchange",
    "LoginHandler",
    "PasswordExchange",
    "PausingHandler",
    "SaslHandler",
    "by_password",
    "channel_binding",
    "choose",
    "condition_of",
    "decoded",
    "listed_bindings",
    "offered_mechanisms",
    "refusal",
]

BINDINGS = Standard(
    "XEP-0440",
    "SASL Channel-Binding Type Capability",
    "1.0.0",
    note="the only binding that Python has is tls-server-end-point",
    is_partial=True,
)

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
        raise LoginRefused(_("The server lets nobody in without an account."))
    if credentials.has_certificate and "EXTERNAL" in offered:
        return Choice("EXTERNAL")
    is_plus_offered = any(f"{name}-PLUS" in offered for name in _SCRAM)
    is_cut = bool(bindings) and not is_plus_offered and any(name in offered for name in _SCRAM)
    if can_bind and is_cut and not is_pinned:
        # XEP-0440 §4; but for a server that has no SCRAM, and lists what its TLS could do.
        raise LoginRefused(
            _(
                "The server lists channel bindings and no log-in that uses one: "
                "somebody in between may have changed its list. If the server's "
                "operator says that it is so, log in with --pin."
            )
        )
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
        _("The server offers no log-in that termxmpp has: {names}.").format(
            names=", ".join(sorted(offered)) or _("none")
        )
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


class Exchange(Protocol):
    """The messages of one mechanism, whichever profile carries them."""

    @property
    def mechanism(self) -> str: ...

    def first(self) -> bytes:
        """What the client says first."""
        ...

    def answer(self, challenge: bytes) -> Coroutine[Any, Any, bytes]:
        """The answer to `challenge`, when it has been computed; LoginRefused if there is none."""
        ...

    def check(self, final: bytes) -> None:
        """LoginRefused unless what the server said last proves what it has to."""
        ...


class PasswordExchange:
    """The log-in of `credentials` by `choice`; `binding` is the data of the channel binding."""

    def __init__(self, choice: Choice, credentials: Credentials, binding: bytes) -> None:
        self._credentials = credentials
        self._scram: ScramExchange | None = None
        self._is_answered = False
        self.mechanism = choice.mechanism
        if choice.mechanism.removesuffix("-PLUS") in HASHES:
            self._scram = ScramExchange(
                choice.mechanism,
                credentials.username,
                (BINDING, binding) if choice.flag == "p" else None,
                choice.flag,
            )

    def first(self) -> bytes:
        if self._scram is not None:
            return self._scram.first()
        if self.mechanism == "PLAIN":
            return f"\0{self._credentials.username}\0{self._credentials.password}".encode()
        return b""

    def answer(self, challenge: bytes) -> Coroutine[Any, Any, bytes]:
        if self._scram is None or self._is_answered:
            raise LoginRefused(_("The server asks for more than the log-in holds."))
        self._is_answered = True
        salt, rounds = self._scram.read_challenge(challenge)
        return self._final(self._scram, challenge, salt, rounds)

    def check(self, final: bytes) -> None:
        if self._scram is not None:
            self._scram.check_server(final)

    async def _final(
        self, scram: ScramExchange, challenge: bytes, salt: bytes, rounds: int
    ) -> bytes:
        keys = await salted_password(
            scram.hash, self._credentials.password, salt, rounds, self._credentials.keys
        )
        return scram.final(challenge, keys)


class LoginHandler(StreamFeatureHandler):  # type: ignore[misc]  # pyxmpp2 is untyped
    """What both profiles of SASL do alike, on one stream.

    `fail` ends the connection with an error that comes between two turns.
    """

    def __init__(self, fail: Callable[[TermxmppError], None]) -> None:
        self._fail = fail
        self._exchange: Exchange | None = None
        self._answering: asyncio.Task[None] | None = None

    def make_stream_features(self, stream: Any, features: Element) -> None:
        """A client offers nothing."""

    def cancel(self) -> None:
        """The stream is gone: no answer is needed any more."""
        if self._answering is not None:
            self._answering.cancel()

    def _take_challenge(self, stream: Any, element: Element, tag: str) -> None:
        """Answer a challenge by an element called `tag` as soon as that can be done."""
        if self._exchange is None:
            raise LoginRefused(_("The server answers a log-in that was not begun."))
        answer = self._exchange.answer(decoded(element))
        self._answering = asyncio.get_running_loop().create_task(self._respond(stream, answer, tag))

    async def _respond(self, stream: Any, answer: Coroutine[Any, Any, bytes], tag: str) -> None:
        try:
            element = Element(tag)
            element.text = base64.b64encode(await answer).decode()
            stream.write_element(element)
        except TermxmppError as error:
            self._fail(error)
        except (OSError, TimeoutError) as error:
            self._fail(
                LoginRefused(
                    _("The keys for the log-in can't be computed: {error}.").format(error=error)
                )
            )


class PausingHandler(LoginHandler):
    """Stops where others log in, and says that the stream is there to be used: `reached`."""

    def __init__(self, reached: Callable[[], None]) -> None:
        super().__init__(lambda error: None)
        self._reached = reached

    def handle_stream_features(self, stream: Any, features: Element) -> Any:
        """Go no further, once TLS has been done and as long as nobody has logged in."""
        if stream.authenticated or not stream.tls_established:
            return None
        self._reached()
        return StreamFeatureHandled("pause", mandatory=True)


class SaslHandler(LoginHandler):
    """Logs `credentials` in by the profile of RFC 6120 §6.

    `authenticated` is called when the server has let us in. `is_pinned`: the certificate is
    known by its pin.
    """

    def __init__(
        self,
        credentials: Credentials,
        authenticated: Callable[[], None],
        fail: Callable[[TermxmppError], None],
        *,
        is_pinned: bool = False,
    ) -> None:
        super().__init__(fail)
        self._credentials = credentials
        self._is_pinned = is_pinned
        self._authenticated = authenticated

    def handle_stream_features(self, stream: Any, features: Element) -> Any:
        """Begin the log-in, unless it has been done or TLS has not."""
        if stream.authenticated or not stream.tls_established:
            return None
        exchange = self._exchange = by_password(
            offered_mechanisms(features),
            features,
            stream,
            self._credentials,
            is_pinned=self._is_pinned,
        )
        element = Element(SASL_QNP + "auth", {"mechanism": exchange.mechanism})
        # An empty first message is written as one sign (§6.4.2).
        element.text = base64.b64encode(exchange.first()).decode() or "="
        stream.write_element(element)
        return StreamFeatureHandled("SASL", mandatory=True)

    @stream_element_handler(SASL_QNP + "challenge", "initiator")  # type: ignore[untyped-decorator]  # pyxmpp2
    def challenged(self, stream: Any, element: Element) -> bool:
        """The server's challenge: SCRAM's is answered as soon as the keys are there."""
        self._take_challenge(stream, element, SASL_QNP + "response")
        return True

    @stream_element_handler(SASL_QNP + "success", "initiator")  # type: ignore[untyped-decorator]  # pyxmpp2
    def succeeded(self, stream: Any, element: Element) -> bool:
        """The server lets us in; with SCRAM only if it proved itself."""
        if self._exchange is None:
            raise LoginRefused(_("The server answers a log-in that was not begun."))
        self._exchange.check(decoded(element))
        self._authenticated()
        return True

    @stream_element_handler(SASL_QNP + "failure", "initiator")  # type: ignore[untyped-decorator]  # pyxmpp2
    def failed(self, stream: Any, element: Element) -> bool:
        """The server refuses (§6.5)."""
        raise refusal(*condition_of(element))


def by_password(
    offered: Collection[str],
    features: Element,
    stream: Any,
    credentials: Credentials,
    *,
    is_pinned: bool,
) -> PasswordExchange:
    """The exchange that fits what is `offered`, with the bindings that `features` list.

    Raises LoginRefused as `choose` does.
    """
    ours = channel_binding(stream)
    bindings = listed_bindings(features)
    choice = choose(offered, bindings, credentials, can_bind=ours is not None, is_pinned=is_pinned)
    return PasswordExchange(choice, credentials, ours or b"")


def offered_mechanisms(features: Element) -> frozenset[str]:
    """What `features` offer by the profile of RFC 6120 §6."""
    return frozenset(each.text or "" for each in features.iterfind(f"{SASL_QNP}mechanisms/*"))


def listed_bindings(features: Element) -> frozenset[str] | None:
    """The channel bindings that `features` list (XEP-0440), None if there is no list."""
    listed = features.find(BINDINGS_TAG)
    if listed is None:
        return None
    return frozenset(each.get("type", "") for each in listed.iterfind(BINDING_TAG))


def channel_binding(stream: Any) -> bytes | None:
    """What a log-in on `stream` can be bound to (`BINDING`), if anything."""
    bindings: dict[str, bytes] = stream.transport.auth_properties.get("channel-binding", {})
    return bindings.get(BINDING)


def condition_of(failure: Element) -> tuple[str, str]:
    """The condition and the text of a `<failure/>` of either profile."""
    condition, text = "", ""
    for child in failure:
        name = child.tag.rpartition("}")[2]
        if name == "text":
            text = child.text or ""
        elif child.tag.startswith(SASL_QNP) or not condition:
            condition = name
    return condition or "not-authorized", text


def refusal(condition: str, text: str) -> TermxmppError:
    """The error for a SASL failure: only `temporary-auth-failure` is worth another try."""
    words = _REFUSALS.get(condition)
    told = f"{words} ({condition})" if words else condition
    said = " ".join(text.split()).rstrip(".")
    if said:
        told += f": {said}"
    error: TermxmppError
    if condition == "temporary-auth-failure":
        error = ConnectionFailed(
            _("The server can't log anybody in at the moment ({told}).").format(told=told)
        )
    else:
        error = LoginRefused(_("Log-in refused: {told}.").format(told=told), condition)
    error.said = said
    return error


def decoded(element: Element) -> bytes:
    """The message that `element` carries; LoginRefused where that can't be read."""
    text = (element.text or "").strip()
    try:
        return base64.b64decode(text if text != "=" else "", validate=True)
    except (binascii.Error, ValueError):
        raise LoginRefused(_("The server's part of the log-in can't be read.")) from None
