"""Whom a script means: an address, or an `xmpp:` link that says more (RFC 5122, XEP-0147)."""

from __future__ import annotations

from termxmpp.core.jid import Jid
from termxmpp.errors import DataError
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["Recipient"]

# RFC 6121 §5.2.2, but for `error`, which nobody writes by hand.
TYPES = ("chat", "normal", "headline", "groupchat")


@dataclass(frozen=True, slots=True)
class Recipient:
    """One `--send TO`: `given` as it was, and what the link said besides the address.

    `text` is the message of the link, None where it holds none. `type` is empty where nobody has
    said one. `joins`: the link is one to a room; `password` is what it lets us in by.
    """

    given: str
    jid: Jid
    text: str | None = None
    subject: str = ""
    type: str = ""
    joins: bool = False
    password: str = ""

    @classmethod
    def parse(cls, given: str) -> Recipient:
        """Whom `given` names; DataError if nobody, or if the link asks for something else."""
        if not given.strip().lower().startswith("xmpp:"):
            return cls(given, Jid.parse(given))
        # Few are links, and it takes urllib to read one.
        from termxmpp.core.uris import XmppUri

        link = XmppUri.parse(given)
        values = link.values
        match link.action:
            case "":
                return cls(given, link.jid)
            case "join":
                return cls(given, link.jid, joins=True, password=values.get("password", ""))
            case "message":
                kind = values.get("type", "")
                if kind not in ("", *TYPES):
                    raise DataError(
                        _("{link}: there are no messages of type {type!r}, but {types}.").format(
                            link=given, type=kind, types=", ".join(TYPES)
                        )
                    )
                return cls(given, link.jid, values.get("body"), values.get("subject", ""), kind)
        raise DataError(
            _("{link} asks for {action!r}; --send can do message and join.").format(
                link=given, action=link.action
            )
        )
