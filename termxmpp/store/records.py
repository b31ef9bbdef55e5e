"""What the client asks of its records, whether they are kept or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from termxmpp.core.events import Event
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.core.session import Session, Token
from termxmpp.values import dataclass

__all__ = ["Due", "Pending", "Records", "SearchPage"]


@dataclass(frozen=True, slots=True)
class Pending:
    """A message of ours whose fate is open, to `peer`."""

    peer: Jid
    message: Message


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be told of the conversation with `peer`: the user has read the message `id`.

    `archive` is the room whose id it is, if one's; else it is that of the peer or of the
    account's own archive.
    """

    peer: Jid
    id: str
    archive: Jid | None = None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A part of what a search has found: messages and their peers, the newest first.

    `next` is where the next part begins; None if there is none.
    """

    found: tuple[tuple[Jid, Message], ...] = ()
    next: int | None = None


class Records(Protocol):
    """The records of one account."""

    def watch(self, on_problem: Callable[[str], None]) -> None:
        """Tell `on_problem` in one line when nothing can be kept, and when it can again."""
        ...

    async def check(self) -> None:
        """Look whether the records are whole, if there is reason to doubt it; beside the loop."""
        ...

    def restore(self) -> Sequence[Event]:
        """What earlier runs knew, as events for a fresh state."""
        ...

    def record(self, event: Event) -> Sequence[Event]:
        """Keep `event`; what of it is news, in the form in which it is known from now on."""
        ...

    def commit(self) -> None:
        """Make all that was recorded durable: before the screen shows it or the wire has it."""
        ...

    def older(self, peer: Jid, before: Message | None, count: int) -> tuple[list[Message], bool]:
        """At most `count` messages with `peer` before that one, and whether there are more."""
        ...

    def newer(self, peer: Jid, after: Message | None, count: int) -> tuple[list[Message], bool]:
        """At most `count` messages with `peer` behind that one, and whether there are more.

        With None they are the first ones.
        """
        ...

    def peers(self) -> Sequence[Jid]:
        """With whom something was said, in the order of their addresses."""
        ...

    def get(self, peer: Jid, key: int) -> Message | None:
        """The message with `peer` of that key, if it is kept."""
        ...

    def since(self, peer: Jid, at: datetime) -> Message | None:
        """The first message with `peer` of the aware time `at` or later, None if there is none.

        Where times do not follow the order of what was said, it is one before which `at` lies.
        """
        ...

    def search(self, words: str, peer: Jid | None, start: int | None) -> SearchPage:
        """The next part of what holds all `words`, with `peer` or with None everywhere.

        The last of the words need only begin so. `start` is where the part before has ended,
        None at first. A part takes some milliseconds and may be empty.
        """
        ...

    @property
    def keeps_history(self) -> bool:
        """Whether each message that is not transient can be taken from here again."""
        ...

    def pending(self) -> Sequence[Pending]:
        """Messages of ours whose fate is open, in the order in which they were written."""
        ...

    def lines(self, peer: Jid | None) -> Sequence[str]:
        """The newest lines that the user entered in the window of `peer`, oldest first."""
        ...

    @property
    def ended_badly(self) -> bool:
        """Whether the run before did not end in good order: it may have done more than is kept."""
        ...

    def markers_due(self) -> Sequence[Due]:
        """The newest message of each peer that was read here and wants that told (XEP-0333)."""
        ...

    def readings_due(self) -> Sequence[Due]:
        """How far each conversation was read here, by archive id, if not published (XEP-0490)."""
        ...

    def session(self) -> Session | None:
        """The session that an earlier run did not end."""
        ...

    def session_began(self, session: Session) -> None:
        """The server agreed to keep a session."""
        ...

    def session_ended(self) -> None:
        """There is no session to go on with any more."""
        ...

    def stanza_sent(self, stanza: str, stanza_id: str) -> None:
        """A stanza of the session is about to leave."""
        ...

    def stanzas_acknowledged(self, count: int, total: int) -> None:
        """The server has taken the `count` oldest ones; `total` is its counter."""
        ...

    def stanzas_handled(self, total: int) -> None:
        """We have handled so many stanzas of the session; to be committed with what they did."""
        ...

    @property
    def handled(self) -> int:
        """The number of handled stanzas that is committed: what may be acknowledged."""
        ...

    @property
    def user_agent(self) -> str:
        """A UUID by which the server knows this instance of termxmpp (XEP-0388 §2.3)."""
        ...

    @property
    def token(self) -> Token | None:
        """What logs this instance in instead of the password (XEP-0484), if anything."""
        ...

    def keep_token(self, token: Token | None) -> None:
        """Keep `token` instead of the one before; None forgets that."""
        ...

    def close(self) -> None:
        """Commit and close."""
        ...
