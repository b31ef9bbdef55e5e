"""XEP-0334 Message Processing Hints: obeyed by `xmpp.reading` and the store."""

from __future__ import annotations

from termxmpp.feature import Feature
from termxmpp.xmpp.hints import NS

__all__ = ["FEATURE"]

FEATURE = Feature("XEP-0334", "Message Processing Hints", (NS,), version="1.0.0")
