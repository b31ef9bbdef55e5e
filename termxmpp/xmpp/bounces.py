"""Why a message of ours came back, in words for the one who wrote it (RFC 6120 §8.3)."""

from __future__ import annotations

from collections.abc import Mapping

from termxmpp.xmpp.stanzas import StanzaError

__all__ = ["bounce_reason"]

# What the conditions of RFC 6120 §8.3.3 that bounce messages mean to the one who wrote.
_REASONS = {
    "service-unavailable": "nobody there can take it: no such user, or out of reach",
    "item-not-found": "there is no such user",
    "remote-server-not-found": "there is no such server",
    "remote-server-timeout": "the other server does not answer",
    "recipient-unavailable": "the recipient is not reachable now",
    "forbidden": "you are not allowed to write there",
    "not-allowed": "the recipient's server does not allow it",
    "not-acceptable": "the recipient does not accept messages from you",
    "subscription-required": "the recipient wants you to be a contact first",
    "registration-required": "you are not a member there",
    "policy-violation": "a rule of the server forbids it",
    "resource-constraint": "the recipient's mailbox is full",
    "jid-malformed": "the address is malformed",
    "gone": "the recipient has moved or is gone",
    "redirect": "the recipient is to be reached elsewhere",
}


def bounce_reason(error: StanzaError | None, special: Mapping[str, str] | None = None) -> str:
    """The condition of `error` in words, and what the server said.

    `special` are the words for where the message went, which come before the general ones.
    """
    if error is None:
        return "it came back without a reason"
    words = (special or {}).get(error.condition) or _REASONS.get(error.condition)
    reason = f"{words} ({error.condition})" if words else error.condition
    return f"{reason}: {error.text}" if error.text else reason
