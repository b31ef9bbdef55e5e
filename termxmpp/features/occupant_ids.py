"""XEP-0421 Occupant Ids: who somebody in a room is, whichever the nick; read in `xmpp.reading`."""

from __future__ import annotations

from termxmpp.feature import Feature

__all__ = ["FEATURE"]

FEATURE = Feature("XEP-0421", "Occupant Identifiers for Semi-Anonymous MUCs", version="1.0.1")
