"""XEP-0388 Extensible SASL Profile: the log-in, and the session along with it, in one answer.

What is asked along: the session that is to go on (XEP-0198), else a resource (XEP-0386) with
what features want enabled there, and a token for the next time (XEP-0484).
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, Self
from xml.etree.ElementTree import Element, SubElement

from pyxmpp2.interfaces import StreamFeatureHandled, stream_element_handler

from termxmpp.core.jid import Jid
from termxmpp.core.session import Token
from termxmpp.errors import LoginRefused, RemoteError, TermxmppError, UserError
from termxmpp.standard import Standard
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.xmpp import fast
from termxmpp.xmpp.fast import TokenExchange, best_mechanism, is_usable, read_token
from termxmpp.xmpp.sasl import (
    Credentials,
    LoginHandler,
    by_password,
    channel_binding,
    condition_of,
    decoded,
    refusal,
)
from termxmpp.xmpp.stream_management import NS as SM_NS
from termxmpp.xmpp.stream_management import StreamManagement

__all__ = ["Inline", "Instance", "Offer", "Sasl2Handler", "Stranger"]

BIND2 = Standard("XEP-0386", "Bind 2", "1.1.0")
SASL2 = Standard(
    "XEP-0388",
    "Extensible SASL Profile",
    "1.0.4",
    note="no tasks behind the log-in",
    is_partial=True,
)

NS = "urn:xmpp:sasl:2"
BIND_NS = "urn:xmpp:bind:0"

# What others may see of us in the resource (XEP-0386 §4.2).
TAG = "termxmpp"


class Instance(Protocol):
    """What the server knows one installation by, of several that one account may have."""

    @property
    def user_agent(self) -> str:
        """A UUID of version 4 that stays the same (XEP-0388 §2.3)."""
        ...

    @property
    def token(self) -> Token | None:
        """What logs in instead of the password, if anything."""
        ...

    def keep_token(self, token: Token | None) -> None:
        """Keep `token` instead of the one before; None forgets that."""
        ...


class Stranger:
    """An instance that nobody knows yet, and that keeps nothing."""

    token = None

    def __init__(self) -> None:
        self.user_agent = str(uuid.uuid4())

    def keep_token(self, token: Token | None) -> None:
        """It goes with the process."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What `<authentication/>` offers: mechanisms, and what can be done along with them.

    `tokens` are the mechanisms of tokens, `binds` tells whether a resource can be bound and
    `bound_features` what can be enabled there; `resumes` whether a session can go on.
    """

    mechanisms: frozenset[str]
    tokens: frozenset[str] = frozenset()
    binds: bool = False
    bound_features: frozenset[str] = frozenset()
    resumes: bool = False

    @classmethod
    def from_features(cls, features: Element) -> Self | None:
        """The offer in these stream features, if there is one."""
        offer = features.find(f"{{{NS}}}authentication")
        if offer is None:
            return None
        inline = f"{{{NS}}}inline"
        bind = offer.find(f"{inline}/{{{BIND_NS}}}bind")
        listed = () if bind is None else bind.iter(f"{{{BIND_NS}}}feature")
        return cls(
            _texts(offer, f"{{{NS}}}mechanism"),
            _texts(offer, f"{inline}/{{{fast.NS}}}fast/{{{fast.NS}}}mechanism"),
            bind is not None,
            frozenset(each.get("var", "") for each in listed),
            offer.find(f"{inline}/{{{SM_NS}}}sm") is not None,
        )


class Inline:
    """What is asked along with one log-in, and what comes of it.

    `wishes` are what features want enabled where a resource is bound; with `binds` false the
    resource is bound afterwards, by a name of the user's. A log-in `by_password` leaves the
    token that there may be. `enabled` are the namespaces of the wishes that were granted, and
    `is_let_in` tells that the server has said so, whoever it may be.
    """

    def __init__(
        self,
        management: StreamManagement,
        instance: Instance,
        wishes: Sequence[Element],
        *,
        binds: bool,
        by_password: bool,
    ) -> None:
        self._management = management
        self._instance = instance
        self._wishes = wishes
        self._binds = binds
        self._by_password = by_password
        self._token_mechanism = ""
        self.uses_token = self.is_let_in = False
        self.enabled: frozenset[str] = frozenset()

    @property
    def is_token_at_fault(self) -> bool:
        """Whether the log-in was tried by a token and nobody let us in."""
        return self.uses_token and not self.is_let_in

    def token_exchange(
        self, offer: Offer, username: str, binding: bytes | None
    ) -> TokenExchange | None:
        """The log-in by the token that is kept, if there is one that will do."""
        token = self._instance.token
        if token is None or self._by_password:
            return None
        if not is_usable(token, offer.tokens, datetime.now(UTC), can_bind=binding is not None):
            return None
        self.uses_token, self._token_mechanism = True, token.mechanism
        return TokenExchange(token, username, binding or b"")

    def requests(self, offer: Offer, *, can_bind: bool) -> list[Element]:
        """What goes into `<authenticate/>` beside the mechanism's message."""
        asked = [self._user_agent()]
        if self.uses_token:
            asked.append(Element(f"{{{fast.NS}}}fast"))
        else:
            mechanism = best_mechanism(offer.tokens, can_bind=can_bind)
            if mechanism is not None:
                self._token_mechanism = mechanism
                asked.append(Element(f"{{{fast.NS}}}request-token", {"mechanism": mechanism}))
        goes_on = self._management.can_resume
        if goes_on and offer.resumes:
            asked.append(self._management.resumption())
        # A session that can only be asked for after the log-in must find no resource bound.
        if self._binds and offer.binds and (offer.resumes or not goes_on):
            asked.append(self._bind(offer))
        return asked

    def take(self, success: Element) -> Jid | None:
        """What has come along with `<success/>`: the address, if a resource was bound.

        A session that goes on is told by the management.
        """
        token = success.find(f"{{{fast.NS}}}token")
        if token is not None:
            self._instance.keep_token(read_token(token, self._token_mechanism))
        for name, take in (
            ("failed", self._management.failed),
            ("resumed", self._management.resumed),
        ):
            answer = success.find(f"{{{SM_NS}}}{name}")
            if answer is not None:
                take(answer)
        bound = success.find(f"{{{BIND_NS}}}bound")
        return None if bound is None else self._bound(success, bound)

    def refused(self) -> None:
        """The token is good for nothing (any more)."""
        if self.uses_token:
            self._instance.keep_token(None)

    def _user_agent(self) -> Element:
        element = Element(f"{{{NS}}}user-agent", {"id": self._instance.user_agent})
        SubElement(element, f"{{{NS}}}software").text = TAG
        return element

    def _bind(self, offer: Offer) -> Element:
        bind = Element(f"{{{BIND_NS}}}bind")
        SubElement(bind, f"{{{BIND_NS}}}tag").text = TAG
        granted = [wish for wish in self._wishes if _namespace(wish) in offer.bound_features]
        bind.extend(granted)
        self.enabled = frozenset(map(_namespace, granted))
        if SM_NS in offer.bound_features:
            bind.append(self._management.enabling())
        return bind

    def _bound(self, success: Element, bound: Element) -> Jid:
        try:
            jid = Jid.parse(success.findtext(f"{{{NS}}}authorization-identifier") or "")
        except UserError:
            raise RemoteError(_("The server bound no address that can be read.")) from None
        enabled = bound.find(f"{{{SM_NS}}}enabled")
        if enabled is None:
            self._management.give_up()
        else:
            self._management.begin(jid)
            self._management.enabled(enabled)
        return jid


class Sasl2Handler(LoginHandler):
    """Logs `credentials` in by this profile where it is offered, with `inline` along.

    `authenticated` is called when the server has let us in, before `bound` is, with the address
    if a resource was bound. `is_pinned`: the certificate is known by its pin.
    """

    def __init__(
        self,
        credentials: Credentials,
        inline: Inline,
        authenticated: Callable[[], None],
        bound: Callable[[Jid], None],
        fail: Callable[[TermxmppError], None],
        *,
        is_pinned: bool = False,
    ) -> None:
        super().__init__(fail)
        self._credentials = credentials
        self._inline = inline
        self._authenticated = authenticated
        self._bound = bound
        self._is_pinned = is_pinned

    def handle_stream_features(self, stream: Any, features: Element) -> Any:
        """Begin the log-in if this profile is offered."""
        offer = Offer.from_features(features)
        if stream.authenticated or not stream.tls_established or offer is None:
            return None
        binding = channel_binding(stream)
        username = self._credentials.username
        exchange = self._exchange = self._inline.token_exchange(
            offer, username, binding
        ) or by_password(
            offer.mechanisms, features, stream, self._credentials, is_pinned=self._is_pinned
        )
        element = Element(f"{{{NS}}}authenticate", {"mechanism": exchange.mechanism})
        first = SubElement(element, f"{{{NS}}}initial-response")
        first.text = base64.b64encode(exchange.first()).decode()
        element.extend(self._inline.requests(offer, can_bind=binding is not None))
        stream.write_element(element)
        return StreamFeatureHandled("SASL2", mandatory=True)

    @stream_element_handler(f"{{{NS}}}challenge", "initiator")  # type: ignore[untyped-decorator]  # pyxmpp2
    def challenged(self, stream: Any, element: Element) -> bool:
        """The server's challenge (§2.5)."""
        self._take_challenge(stream, element, f"{{{NS}}}response")
        return True

    @stream_element_handler(f"{{{NS}}}success", "initiator")  # type: ignore[untyped-decorator]  # pyxmpp2
    def succeeded(self, stream: Any, element: Element) -> bool:
        """The server lets us in, if it proved itself; no new stream begins (§2.6.1)."""
        if self._exchange is None:
            raise LoginRefused(_("The server answers a log-in that was not begun."))
        self._inline.is_let_in = True
        proof = element.find(f"{{{NS}}}additional-data")
        try:
            self._exchange.check(b"" if proof is None else decoded(proof))
        except LoginRefused:
            self._inline.refused()
            raise
        self._authenticated()
        jid = self._inline.take(element)
        if jid is not None:
            self._bound(jid)
        return True

    @stream_element_handler(f"{{{NS}}}failure", "initiator")  # type: ignore[untyped-decorator]  # pyxmpp2
    def failed(self, stream: Any, element: Element) -> bool:
        """The server refuses (§2.6.2)."""
        error = refusal(*condition_of(element))
        if isinstance(error, LoginRefused):
            self._inline.refused()
        raise error

    @stream_element_handler(f"{{{NS}}}continue", "initiator")  # type: ignore[untyped-decorator]  # pyxmpp2
    def continued(self, stream: Any, element: Element) -> bool:
        """The server wants more than a password (§2.6.3)."""
        tasks = ", ".join(sorted(_texts(element, f"{{{NS}}}tasks/{{{NS}}}task"))) or "unnamed"
        raise LoginRefused(
            _("The server wants a further step that termxmpp does not know: {tasks}.").format(
                tasks=tasks
            )
        )


def _texts(element: Element, path: str) -> frozenset[str]:
    return frozenset((each.text or "").strip() for each in element.iterfind(path))


def _namespace(element: Element) -> str:
    return element.tag[1:].partition("}")[0]
