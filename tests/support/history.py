"""What alice and bob say to each other, and what a history has of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from termxmpp.core.events import ArchivePaged, Event
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Route
from termxmpp.store.history import History

__all__ = ["ALICE", "BOB", "CAROL", "HELLO", "MINE", "NOON", "by", "kept", "page", "texts"]

ALICE = Jid.parse("alice@example.org/here")
BOB, CAROL = Jid.parse("bob@example.org"), Jid.parse("carol@example.org")
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)

HELLO = Message("a", BOB.with_resource("desk"), "hello", NOON)
MINE = Message(
    "m", ALICE, "hi", NOON, True, Fate.QUEUED, route=Route.WRITTEN, origin_id="m", subject="s"
)


def by(message: Message, route: Route, archive_id: str = "") -> Message:
    """`message` as it comes on that way."""
    fate = Fate.ACKNOWLEDGED if message.is_own else None
    return replace(message, route=route, archive_id=archive_id, fate=fate)


def kept(history: History, peer: Jid = BOB) -> list[Message]:
    messages, _ = history.newest(peer, 1000)
    return messages


def texts(history: History, peer: Jid = BOB) -> list[str]:
    return [message.text for message in kept(history, peer)]


def page(history: History, *messages: tuple[Jid, Message], is_last: bool = True) -> Sequence[Event]:
    """Let a page of the archive come, for a gap that is opened if there is none."""
    if not history.gaps.all():
        history.raise_floor()
        history.gaps.open()
    gap = history.gaps.all()[-1]
    return history.fill(ArchivePaged(gap.number, messages, messages[0][1].archive_id, is_last))
