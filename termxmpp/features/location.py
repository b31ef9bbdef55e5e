"""XEP-0080 User Location: where somebody says to be in a message is told; read in `xmpp.matters`.

What contacts publish of themselves is not asked for.
"""

from __future__ import annotations

from termxmpp.feature import Feature

__all__ = ["FEATURE"]

FEATURE = Feature(
    "XEP-0080",
    "User Location",
    version="1.10.0",
    note="told where a message holds it",
    is_partial=True,
)
