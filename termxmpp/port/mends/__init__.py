"""The mends: every change to pyxmpp2 that converting alone does not make, by theme."""

from __future__ import annotations

from termxmpp.port.mends.language import LANGUAGE

__all__ = ["MENDS"]

MENDS = (*LANGUAGE,)
