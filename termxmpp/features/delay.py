"""XEP-0203 Delayed Delivery: read and written by `xmpp.delay`, where messages are made."""

from __future__ import annotations

from termxmpp.feature import Feature
from termxmpp.xmpp.delay import NS

__all__ = ["FEATURE"]

FEATURE = Feature("XEP-0203", "Delayed Delivery", (NS,), version="2.0")
