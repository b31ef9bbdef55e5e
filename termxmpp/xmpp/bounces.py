"""Why a message of ours came back or a request was refused, in words (RFC 6120 §8.3)."""

from __future__ import annotations

from collections.abc import Mapping

from termxmpp.words import _
from termxmpp.xmpp.stanzas import StanzaError

__all__ = ["bounce_reason", "refusal_reason"]

# What the conditions of RFC 6120 §8.3.3 that bounce messages mean to the one who wrote.
_REASONS = {
    "service-unavailable": _("nobody there can take it: no such user, or out of reach"),
    "item-not-found": _("there is no such user"),
    "remote-server-not-found": _("there is no such server"),
    "remote-server-timeout": _("the other server does not answer"),
    "recipient-unavailable": _("the recipient is not reachable now"),
    "forbidden": _("you are not allowed to write there"),
    "not-allowed": _("the recipient's server does not allow it"),
    "not-acceptable": _("the recipient does not accept messages from you"),
    "subscription-required": _("the recipient wants you to be a contact first"),
    "registration-required": _("you are not a member there"),
    "policy-violation": _("a rule of the server forbids it"),
    "resource-constraint": _("the recipient's mailbox is full"),
    "jid-malformed": _("the address is malformed"),
    "gone": _("the recipient has moved or is gone"),
    "redirect": _("the recipient is to be reached elsewhere"),
}

# What they mean to the one who asked for something.
_REFUSALS = {
    "bad-request": _("it does not understand the request"),
    "conflict": _("that is there already"),
    "feature-not-implemented": _("it can't do that"),
    "forbidden": _("you have no right to that"),
    "gone": _("that is gone"),
    "internal-server-error": _("something is broken there"),
    "item-not-found": _("there is no such thing"),
    "jid-malformed": _("the address is malformed"),
    "not-acceptable": _("it does not take that"),
    "not-allowed": _("that is not allowed there"),
    "not-authorized": _("you have no right to that"),
    "policy-violation": _("a rule of the server forbids it"),
    "recipient-unavailable": _("nobody is there now"),
    "registration-required": _("you would have to be registered there"),
    "remote-server-not-found": _("there is no such server"),
    "remote-server-timeout": _("the other server does not answer"),
    "resource-constraint": _("it has too much to do, or no room left"),
    "service-unavailable": _("nobody there answers that"),
    "subscription-required": _("you would have to be a contact first"),
}


def bounce_reason(error: StanzaError | None, special: Mapping[str, str] | None = None) -> str:
    """The condition of `error` in words, and what the server said.

    `special` are the words for where the message went, which come before the general ones.
    """
    if error is None:
        return _("it came back without a reason")
    words = (special or {}).get(error.condition) or _REASONS.get(error.condition)
    reason = f"{words} ({error.condition})" if words else error.condition
    return f"{reason}: {error.text}" if error.text else reason


def refusal_reason(error: StanzaError | None) -> str:
    """Why a request was refused: the condition of `error` in words, and what the peer said."""
    if error is None:
        return _("no reason was given")
    words = _REFUSALS.get(error.condition)
    reason = f"{words} ({error.condition})" if words else error.condition
    return f"{reason}: {error.text}" if error.text else reason
