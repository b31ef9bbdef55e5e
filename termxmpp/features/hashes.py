"""XEP-0300 Cryptographic Hashes: by which it is seen that a file is the one that was announced."""

from __future__ import annotations

from termxmpp.feature import Feature
from termxmpp.transfers.digests import ALGORITHMS
from termxmpp.xmpp.sharing import HASHES_NS

__all__ = ["FEATURE"]

# §5: one for each that is known here.
FUNCTIONS = tuple(f"urn:xmpp:hash-function-text-names:{name}" for name in ALGORITHMS)

FEATURE = Feature(
    "XEP-0300", "Use of Cryptographic Hash Functions", (HASHES_NS, *FUNCTIONS), version="1.0.0"
)
