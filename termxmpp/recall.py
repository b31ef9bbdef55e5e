"""What was said in an account's conversations, taken from its records as the user goes through it.

The state holds a part of each conversation; what lies before it, or around something found, is
taken in when it is looked at, and let go of again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.core.state import State
from termxmpp.store.records import Records, SearchPage

__all__ = ["OLDER", "Recall"]

# How many older messages are taken from the store at once.
OLDER = 100

# How much is shown before and behind a message of the past.
AROUND = 60


class Recalling(Protocol):
    """What is needed of the account."""

    @property
    def state(self) -> State: ...

    def emit(self, event: events.Event) -> None: ...


class Recall:
    """What `records` have of the conversations of `account`."""

    def __init__(self, account: Recalling, records: Records) -> None:
        self._account = account
        self._records = records

    def load_older(self, peer: Jid) -> None:
        """Take older messages with `peer` from the records, before what is looked at."""
        state, emit = self._account.state, self._account.emit
        is_past = peer in state.pasts
        entries = state.shown(peer).entries
        first = next((entry for entry in entries if isinstance(entry, Message)), None)
        messages, has_older = self._records.older(peer, first, OLDER)
        emit(events.HistoryLoaded(peer, tuple(messages), has_older, is_past))
        shown = state.shown(peer)
        if shown.is_far and self._records.keeps_history:
            # What is looked at is far from the end, which goes on apart from it.
            oldest, has_older = shown.oldest(), shown.has_older
            if not is_past:
                emit(events.HistoryForgotten(peer))
            emit(events.PastShown(peer, oldest, has_older, has_newer=True))

    def load_newer(self, peer: Jid) -> None:
        """Take newer messages with `peer` from the records, behind the past looked at."""
        state, emit = self._account.state, self._account.emit
        past = state.pasts.get(peer)
        last = past.entries[-1] if past is not None else None
        if isinstance(last, Message):
            messages, has_newer = self._records.newer(peer, last, OLDER)
            emit(events.NewerLoaded(peer, tuple(messages), has_newer))
            shown = state.shown(peer)
            if shown.is_far and shown.has_newer and self._records.keeps_history:
                newest = shown.newest()
                emit(events.PastShown(peer, newest, has_older=True, has_newer=True))

    def show_past(self, peer: Jid, key: int) -> bool:
        """Look at what was said with `peer` around the message with that key; if it is there."""
        if key in self._account.state.shown(peer):
            return True
        message = self._records.get(peer, key)
        if message is None:
            return False
        before, has_older = self._records.older(peer, message, AROUND)
        behind, has_newer = self._records.newer(peer, message, AROUND)
        around = (*before, message, *behind)
        self._account.emit(events.PastShown(peer, around, has_older, has_newer))
        return True

    def first_since(self, peer: Jid, at: datetime) -> Message | None:
        """The first message with `peer` from `at` on, if there is one."""
        found = self._records.since(peer, at)
        if found is not None:
            return found
        # What is kept nowhere may still be at hand.
        entries = self._account.state.conversation(peer).entries
        return next((each for each in entries if isinstance(each, Message) and each.at >= at), None)

    def leave_past(self, peer: Jid) -> None:
        """Look at the present of the conversation with `peer`."""
        if peer in self._account.state.pasts:
            self._account.emit(events.PastLeft(peer))

    def forget_older(self, peer: Jid | None) -> None:
        """Keep less at hand of the conversation with `peer`, if the records have the rest."""
        if peer is None or self._records.keeps_history:
            self._account.emit(events.HistoryForgotten(peer))

    def page(self, peer: Jid, after: Message | None, count: int) -> tuple[Sequence[Message], bool]:
        """Messages with `peer` from the records (`Records.newer`)."""
        return self._records.newer(peer, after, count)

    def peers(self) -> Sequence[Jid]:
        """With whom something was said, as far as that is kept, or else is known."""
        if self._records.keeps_history:
            return self._records.peers()
        return tuple(self._account.state.conversations)

    def search(self, words: str, peer: Jid | None, start: int | None) -> SearchPage:
        """A part of the messages that hold `words` (`Records.search`)."""
        return self._records.search(words, peer, start)

    def lines(self, peer: Jid | None) -> Sequence[str]:
        """What the user has entered in the window of `peer`, None the console, oldest first."""
        return self._records.lines(peer)
