"""A conversation: its messages in order, and what of it is unread.

Changed by `State.apply` only; everybody else reads.
"""

from __future__ import annotations

from dataclasses import replace

from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Notice

__all__ = ["Conversation"]


class Conversation:
    """The entries of one conversation, oldest first.

    `unread` counts peers' messages since it was last read; `first_unread` is the position of
    the oldest of them in `entries`, or None. `revision` grows with every change, so that a
    drawing of the conversation can be kept until it is out of date.
    """

    def __init__(self, peer: Jid) -> None:
        self.peer = peer
        self.entries: list[Message | Notice] = []
        self.unread = 0
        self.first_unread: int | None = None
        self.revision = 0
        self._own: dict[str, int] = {}

    def add(self, entry: Message | Notice) -> None:
        """Append `entry`; a peer's message counts as unread."""
        if isinstance(entry, Message):
            if entry.is_own:
                self._own[entry.id] = len(self.entries)
            else:
                self.unread += 1
                if self.first_unread is None:
                    self.first_unread = len(self.entries)
        self.entries.append(entry)
        self.revision += 1

    def own(self, message_id: str) -> Message | None:
        """The message of ours with that id."""
        position = self._own.get(message_id)
        entry = self.entries[position] if position is not None else None
        return entry if isinstance(entry, Message) else None

    def set_fate(self, message_id: str, fate: Fate, reason: str = "") -> None:
        """Let the fate of our message come as far as `fate`; unknown ids are ignored."""
        message = self.own(message_id)
        if message is None or message.fate is None:
            return
        now = message.fate.becomes(fate)
        if now is not message.fate or (now is fate and reason != message.reason):
            changed = replace(message, fate=now, reason=reason)
            self.entries[self._own[message_id]] = changed
            self.revision += 1

    def read(self, *, is_seen_coming: bool = False) -> None:
        """Nothing is unread any more.

        The place of the first unread stays until the reader turns away, but for what
        `is_seen_coming`: that is new to nobody.
        """
        if self.unread:
            if is_seen_coming and self.first_unread == len(self.entries) - 1:
                self.first_unread = None
            self.unread = 0
            self.revision += 1

    def leave(self) -> None:
        """The reader turned away: what was read needs no mark of where the new begins."""
        if not self.unread and self.first_unread is not None:
            self.first_unread = None
            self.revision += 1

    def clear(self) -> None:
        """Forget what is shown, but keep messages whose fate is still open."""
        kept = [
            entry
            for entry in self.entries
            if isinstance(entry, Message) and entry.fate in (Fate.QUEUED, Fate.SENT)
        ]
        self.entries = list(kept)
        self._own = {entry.id: place for place, entry in enumerate(kept)}
        self.unread, self.first_unread = 0, None
        self.revision += 1
