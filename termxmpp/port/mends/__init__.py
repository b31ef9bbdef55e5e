"""The mends: every change to pyxmpp2 that converting alone does not make, by theme."""

from __future__ import annotations

from termxmpp.port.mends.language import LANGUAGE
from termxmpp.port.mends.parser import PARSER
from termxmpp.port.mends.stanza import STANZA
from termxmpp.port.mends.transport import TRANSPORT

__all__ = ["MENDS"]

MENDS = (*LANGUAGE, *PARSER, *STANZA, *TRANSPORT)
