"""What is missing of an account's history: ranges of archives that are not fetched yet."""

from __future__ import annotations

from termxmpp.core.jid import Jid
from termxmpp.values import dataclass

__all__ = ["ARCHIVE", "STANZA_IDS", "Gap"]

# What an account or a room announces that keeps an archive (XEP-0313), and one that takes out
# archive ids which somebody else has put into a message (XEP-0359 §6).
ARCHIVE = "urn:xmpp:mam:2"
STANZA_IDS = "urn:xmpp:sid:0"


@dataclass(frozen=True, slots=True)
class Gap:
    """A range of an archive that is not here, between two ends (XEP-0313 §4).

    `archive` is the room whose it is, None for the account's own. `after` and `before` are the
    archive ids next to it; an empty `after` is the beginning of the archive, an empty `before`
    its end at the time of asking. `low` and `high` are the ranks between which its messages
    belong. `is_missed`: it holds what came while this client was away, so what is found is new.
    `holds_ours`: something of ours may lie in it of which nobody knows yet whether it has
    arrived. `problem` says why it could not be filled.
    """

    number: int
    after: str
    before: str
    low: int
    high: int
    is_missed: bool = False
    holds_ours: bool = False
    problem: str = ""
    archive: Jid | None = None
