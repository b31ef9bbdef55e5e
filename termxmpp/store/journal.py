"""What was done since the last commit, in a form in which it can be done once more.

For as long as the disk fails that is all that has happened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from termxmpp.core import events
from termxmpp.core.archive import Gap
from termxmpp.store.tables import Tables
from termxmpp.values import dataclass

__all__ = ["AboutGap", "Change", "Entry", "InGap", "remembered"]

AboutGap = events.ArchivePaged | events.ArchiveEnded | events.GapFailed


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the smaller tables that is no event."""

    apply: Callable[[Tables], None]


@dataclass(frozen=True, slots=True)
class InGap:
    """What happened to `gap`, and is to be done once more only if it is the same still."""

    event: AboutGap
    gap: Gap | None


Entry = events.Event | Change | InGap


def remembered(
    change: events.Event | Change, news: Sequence[events.Event], gap: Gap | None
) -> Entry:
    """`change` as it is to be done once more, with the keys and places that were given."""
    if isinstance(change, (events.MessageReceived, events.MessageWritten)):
        said = next((each for each in news if isinstance(each, type(change))), change).message
        # As it was sent: what was done to it since is done once more.
        return replace(change, message=replace(change.message, key=said.key, rank=said.rank))
    if isinstance(change, events.ArchivePaged):
        placed = (each for each in news if isinstance(each, events.MessagesPlaced))
        keys = {message.archive_id: message.key for each in placed for message in each.messages}
        messages = [
            (peer, replace(message, key=keys.get(message.archive_id, 0)))
            for peer, message in change.messages
        ]
        change = replace(change, messages=messages)
    return InGap(change, gap) if isinstance(change, AboutGap) else change
