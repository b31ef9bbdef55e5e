"""A disk that fails and lets us again: what was in memory meanwhile is kept without being asked."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from termxmpp.core.events import MessageReceived
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.store.store import Store

BOB = Jid.parse("bob@example.org")
HELLO = MessageReceived(BOB, Message("m1", BOB, "hello", datetime(2026, 1, 2, 12, 0, tzinfo=UTC)))


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
