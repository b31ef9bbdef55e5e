"""`xmpp:` URIs (RFC 5122, XEP-0147): whom they name, and what they ask to be done there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from urllib.parse import unquote

from termxmpp.core.jid import Jid
from termxmpp.errors import DataError
from termxmpp.standard import Standard
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["XmppUri", "is_uri"]

ACTIONS = Standard(
    "XEP-0147",
    "XMPP URI Scheme Query Components",
    "1.2",
    note="roster, subscribe and register",
    is_partial=True,
)
URIS = Standard("RFC 5122", "IRIs and URIs for XMPP")

# Longer than any of use, which hold an address and a token.
LONGEST = 8192


@dataclass(frozen=True, slots=True)
class XmppUri:
    """`xmpp:JID?action;key=value;…`; without a query the action is empty."""

    jid: Jid
    action: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> XmppUri:
        """The URI that `text` is; DataError if it is none."""
        if not is_uri(text) or len(text) > LONGEST:
            raise DataError(_("{text} is no xmpp: address.").format(text=text[:80]))
        rest = text.strip().partition(":")[2].partition("#")[0]
        path, _mark, query = rest.partition("?")
        if path.startswith("//"):
            # The account to act with stands before the path (RFC 5122 §2.2); ours is chosen here.
            path = path[2:].partition("/")[2]
        action, *pairs = query.split(";")
        values = (pair.partition("=") for pair in pairs)
        return cls(
            Jid.parse(unquote(path)),
            unquote(action),
            {unquote(key): unquote(value) for key, _equals, value in values if key},
        )


def is_uri(text: str) -> bool:
    """Whether `text` says of itself that it is one."""
    return text.strip().lower().startswith("xmpp:")
