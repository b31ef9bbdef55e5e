"""XEP-0004 Data Forms, and what belongs to them: asked by other features, filled in by the user.

None of them is announced: that is for who takes forms in messages by themselves (XEP-0004 §6).
"""

from __future__ import annotations

from termxmpp.feature import Feature

__all__ = ["FEATURE", "MEDIA_FEATURE", "VALIDATION_FEATURE"]

FEATURE = Feature("XEP-0004", "Data Forms")
VALIDATION_FEATURE = Feature("XEP-0122", "Data Forms Validation")
MEDIA_FEATURE = Feature("XEP-0221", "Data Forms Media Element")
