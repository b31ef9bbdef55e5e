"""What is missing of an account's history: ranges of the server's archive not fetched yet."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Gap"]


@dataclass(frozen=True, slots=True)
class Gap:
    """A range of the server's archive that is not here, between two ends (XEP-0313 §4).

    `after` and `before` are the archive ids next to it; an empty `after` is the beginning of
    the archive, an empty `before` its end at the time of asking. `low` and `high` are the
    ranks between which its messages belong. `is_missed`: it holds what came while this client
    was away, so what is found is new. `holds_ours`: something of ours may lie in it of which
    nobody knows yet whether it has arrived. `problem` says why it could not be filled.
    """

    number: int
    after: str
    before: str
    low: int
    high: int
    is_missed: bool = False
    holds_ours: bool = False
    problem: str = ""
