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
    Mend(
        "plain-domain",
        "pyxmpp2/jid.py",
        "nameprep only lowers ASCII, in 50 µs a label: a roster of 10,000 took seconds of it",
        "labels = [idna.nameprep(label) for label in labels]",
        "labels = [\n"
        "                label.lower() if label.isascii() else idna.nameprep(label)\n"
        "                for label in labels\n"
        "            ]",
    ),
)
