"""XEP-0380 Explicit Message Encryption: what can't be read here is told to be encrypted, and how.

It is read in `xmpp.matters`, along with what is encrypted and does not say so.
"""

from __future__ import annotations

from termxmpp.feature import Feature
from termxmpp.xmpp.matters import ENCRYPTION_NS

__all__ = ["FEATURE"]

FEATURE = Feature("XEP-0380", "Explicit Message Encryption", (ENCRYPTION_NS,), version="0.4.0")
