"""Records that are not kept: for scripts, whose caller knows what was sent and what was not."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.core.session import Session, Token
from termxmpp.store.records import Due, Pending, SearchPage

__all__ = ["Unstored"]


class Unstored:
    """Everything is news, nothing survives the process (`records.Records`)."""

    def __init__(self) -> None:
        self.handled = 0
        self.keeps_history = False
        self.ended_badly = False
        self.user_agent = str(uuid.uuid4())
        self.token: Token | None = None
        self._messages = 0

    def watch(self, on_problem: Callable[[str], None]) -> None:
        """Nothing can fail that is not done."""

    async def check(self) -> None:
        """There is nothing to look at."""

    def restore(self) -> Sequence[events.Event]:
        return ()

    def record(self, event: events.Event) -> Sequence[events.Event]:
        if isinstance(event, (events.MessageReceived, events.MessageWritten)):
            if event.message.act is not None:
                # There is nothing that could be changed.
                return ()
            self._messages += 1
            place = self._messages
            return (replace(event, message=replace(event.message, key=place, rank=place)),)
        return (event,)

    def commit(self) -> None:
        """There is nothing to wait for."""

    def older(self, peer: Jid, before: Message | None, count: int) -> tuple[list[Message], bool]:
        return [], False

    def peers(self) -> Sequence[Jid]:
        return ()

    def newer(self, peer: Jid, after: Message | None, count: int) -> tuple[list[Message], bool]:
        return [], False

    def get(self, peer: Jid, key: int) -> Message | None:
        return None

    def since(self, peer: Jid, at: datetime) -> Message | None:
        return None

    def search(self, words: str, peer: Jid | None, start: int | None) -> SearchPage:
        return SearchPage()

    def lines(self, peer: Jid | None) -> Sequence[str]:
        return ()

    def pending(self) -> Sequence[Pending]:
        return ()

    def markers_due(self) -> Sequence[Due]:
        return ()

    def readings_due(self) -> Sequence[Due]:
        return ()

    def session(self) -> Session | None:
        return None

    def session_began(self, session: Session) -> None:
        self.handled = session.handled

    def session_ended(self) -> None:
        """Nothing was kept of it."""

    def stanza_sent(self, stanza: str, stanza_id: str) -> None:
        """The session itself remembers it for as long as we run."""

    def stanzas_acknowledged(self, count: int, total: int) -> None:
        """The session itself forgets them."""

    def stanzas_handled(self, total: int) -> None:
        self.handled = total

    def keep_token(self, token: Token | None) -> None:
        self.token = token

    def close(self) -> None:
        """There is nothing to close."""
