"""XEP-0428 Fallback Indication: read and written with what it is the fallback of."""

from __future__ import annotations

from termxmpp.feature import Feature
from termxmpp.xmpp.replies import FALLBACK_NS

__all__ = ["FEATURE"]

FEATURE = Feature("XEP-0428", "Fallback Indication", (FALLBACK_NS,), version="0.2.1")
