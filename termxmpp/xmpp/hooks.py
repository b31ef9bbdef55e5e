"""pyxmpp2's handler decorators, typed: how a feature says which stanzas it wants.

A handled method gets an `Incoming…` value. For messages and presences, True means "mine, ask
no further feature". For iq, the method returns the payload of the result, None for an empty
one, or raises `RemoteError` with the condition of the error to answer with.

Only here does `Any` from pyxmpp2 meet typed code.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from pyxmpp2.exceptions import ProtocolError
from pyxmpp2.interfaces import (
    XMPPFeatureHandler,
    iq_get_stanza_handler,
    iq_set_stanza_handler,
    message_stanza_handler,
    presence_stanza_handler,
)

from termxmpp.errors import RemoteError
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.stanzas import IncomingIq, IncomingMessage, IncomingPresence

__all__ = ["StanzaHandler", "on_iq_get", "on_iq_set", "on_message", "on_presence"]

Self = TypeVar("Self")
MessageMethod = Callable[[Self, IncomingMessage], bool | None]
PresenceMethod = Callable[[Self, IncomingPresence], bool | None]
IqMethod = Callable[[Self, IncomingIq], Payload | None]


class StanzaHandler(XMPPFeatureHandler):  # type: ignore[misc]  # pyxmpp2 is untyped
    """The base of all handlers of features."""


def on_message(
    type: str = "normal", payload: type[Payload] | None = None
) -> Callable[[MessageMethod[Self]], Callable[..., Any]]:
    """Handle messages of `type`; `normal` takes every type but `error` that nobody handled.

    With `payload`, only messages that hold one.
    """
    return _hook(message_stanza_handler(type, payload), IncomingMessage)


def on_presence(
    type: str | None = None,
) -> Callable[[PresenceMethod[Self]], Callable[..., Any]]:
    """Handle presences of `type`; None is the available one."""
    return _hook(presence_stanza_handler(type), IncomingPresence)


def on_iq_get(payload: type[Payload]) -> Callable[[IqMethod[Self]], Callable[..., Any]]:
    """Answer questions that hold `payload`."""
    return _iq_hook(iq_get_stanza_handler(payload))


def on_iq_set(payload: type[Payload]) -> Callable[[IqMethod[Self]], Callable[..., Any]]:
    """Obey orders that hold `payload`; who may give them is for the handler to check."""
    return _iq_hook(iq_set_stanza_handler(payload))


def _hook(decorate: Any, incoming: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def wrap(method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def handle(self: Any, stanza: Any) -> bool:
            return bool(method(self, incoming(stanza)))

        wrapped: Callable[..., Any] = decorate(handle)
        return wrapped

    return wrap


def _iq_hook(decorate: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def wrap(method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def handle(self: Any, stanza: Any) -> Any:
            try:
                answer = method(self, IncomingIq(stanza))
            except RemoteError as error:
                return stanza.make_error_response(error.condition or "undefined-condition")
            except ProtocolError as error:
                return stanza.make_error_response(error.xmpp_name)
            response = stanza.make_result_response()
            if answer is not None:
                response.add_payload(answer)
            return response

        wrapped: Callable[..., Any] = decorate(handle)
        return wrapped

    return wrap
