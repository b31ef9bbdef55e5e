"""What of a conversation the user wants to be told: pure.

The rule says which messages; muting ends by itself, at a time that is only looked at when
something comes.
"""

from __future__ import annotations

import enum
from datetime import UTC, datetime

from termxmpp.values import dataclass

__all__ = ["FOREVER", "UNSET", "Rule", "Telling", "is_wanted", "rule_of"]

FOREVER = datetime.max.replace(tzinfo=UTC)
"""Until when a conversation is muted whose muting only the user ends."""


class Rule(enum.Enum):
    """Which messages are told."""

    ALL = "all"
    MENTIONS = "mentions"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Telling:
    """What the user has set for a conversation.

    `rule` is None where nothing was set. `muted_until` is an aware time, None if it is not muted.
    `is_due`: the rule was changed here, and our other devices may not know it.
    """

    rule: Rule | None = None
    muted_until: datetime | None = None
    is_due: bool = False

    def is_muted(self, now: datetime) -> bool:
        """Whether nothing is told at the time `now`."""
        return self.muted_until is not None and now < self.muted_until


UNSET = Telling()


def rule_of(telling: Telling, *, is_room: bool) -> Rule:
    """The rule that holds: where none is set, rooms tell mentions only (XEP-0492 §3)."""
    return telling.rule or (Rule.MENTIONS if is_room else Rule.ALL)


def is_wanted(telling: Telling, now: datetime, *, is_room: bool, is_mention: bool) -> bool:
    """Whether a message that comes at the time `now` is to be told."""
    if telling.is_muted(now):
        return False
    rule = rule_of(telling, is_room=is_room)
    return rule is Rule.ALL or (rule is Rule.MENTIONS and is_mention)
