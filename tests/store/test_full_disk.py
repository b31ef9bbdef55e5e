"""A disk that fails and lets us again: what was in memory meanwhile is kept without being asked."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from termxmpp.core.events import (
    ArchivePaged,
    CatchUpBegun,
    MessageReceived,
    MessagesPlaced,
    MessageWritten,
    SessionStarted,
)
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Route
from termxmpp.store.store import KEPT_AT_HAND, Store

ALICE, BOB = Jid.parse("alice@example.org/here"), Jid.parse("bob@example.org")
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
HELLO = MessageReceived(BOB, Message("m1", BOB, "hello", NOON))


def written(number: int) -> MessageWritten:
    """One of ours, which the server has."""
    text = f"m{number}"
    fate = Fate.ACKNOWLEDGED
    return MessageWritten(
        BOB,
        Message(text, ALICE, text, NOON, is_own=True, fate=fate, route=Route.WRITTEN),
    )


def archived(number: int) -> Message:
    """The same as the archive has it."""
    message = written(number).message
    return replace(message, route=Route.ARCHIVE, archive_id=f"a{number}", origin_id=message.id)


def kept(path: Path) -> list[str]:
    """What another process would find."""
    db = sqlite3.connect(path)
    texts = [text for (text,) in db.execute("SELECT text FROM message")]
    db.close()
    return texts


def test_it_is_tried_again_though_nothing_more_comes(tmp_path: Path) -> None:
    path = tmp_path / "alice.sqlite"

    async def main() -> None:
        store = Store(path)
        store.commit()
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        store.record(HELLO)
        store.commit()
        assert store.is_failing
        holder.execute("COMMIT")
        holder.close()
        async with asyncio.timeout(10):
            while store.is_failing:  # noqa: ASYNC110  # nothing tells what the disk has
                await asyncio.sleep(0.05)
        assert kept(path) == ["hello"]
        store.close()

    asyncio.run(main())


def test_what_the_archive_shows_again_is_known_again(tmp_path: Path) -> None:
    """However long ago it was: what a gap may hold is at hand without the disk too."""
    store = Store(tmp_path / "alice.sqlite")
    for number in range(KEPT_AT_HAND + 100):
        store.record(written(number))
    store.record(SessionStarted(ALICE, is_resumed=False))
    store.record(CatchUpBegun())
    store.commit()
    holder = sqlite3.connect(tmp_path / "alice.sqlite", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    store.record(HELLO)
    assert store.is_failing
    page = ArchivePaged(1, [(BOB, archived(0)), (BOB, archived(1))], "a0", is_last=False)
    [placed] = [event for event in store.record(page) if isinstance(event, MessagesPlaced)]
    keys = {message.text: message.key for message in placed.messages}
    assert (keys["m0"], keys["m1"]) == (1, 2)
    holder.close()
    store.close()
