"""Mends of stanzas: what a peer wrote may be refused, and must not fail in another way."""

from __future__ import annotations

from termxmpp.port.convert import Mend

__all__ = ["STANZA"]

STANZA = (
    Mend(
        "malformed-jid",
        "pyxmpp2/stanza.py",
        "the exception needs its message: a malformed address was a TypeError without",
        "            raise JIDMalformedProtocolError\n",
        '            raise JIDMalformedProtocolError("an address is malformed")\n',
    ),
)
