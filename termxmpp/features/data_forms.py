"""XEP-0004 Data Forms, and what belongs to them: asked by other features, filled in by the user.

None of them is announced: that is for who takes forms in messages by themselves (XEP-0004 §6).
"""

from __future__ import annotations

from termxmpp.feature import Feature

__all__ = ["FEATURE", "MEDIA_FEATURE", "VALIDATION_FEATURE"]

FEATURE = Feature("XEP-0004", "Data Forms", version="2.13.2")
VALIDATION_FEATURE = Feature(
    "XEP-0122",
    "Data Forms Validation",
    version="1.0.2",
    note="all but regular expressions, which are the asker's to check",
    is_partial=True,
)
MEDIA_FEATURE = Feature(
    "XEP-0221", "Data Forms Media Element", version="1.0", note="pictures, others as links"
)
