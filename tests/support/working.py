"""A command that is not done with its turn: children work for it."""

from __future__ import annotations

import asyncio

from termxmpp.core.events import NoticeGiven
from tests.support.harness import Actor

__all__ = ["works"]


def works(alice: Actor, line: str) -> str:
    """What is told when `line` was entered and what it needs children for is done."""
    told = asyncio.Event()

    def happened(_client: object, event: object) -> None:
        if isinstance(event, NoticeGiven):
            told.set()

    async def entered() -> None:
        alice.client.observers.append(happened)
        alice.workspace.submit(line)
        async with asyncio.timeout(15):
            await told.wait()
        alice.client.observers.remove(happened)

    alice.run(entered)
    return alice.told()[-1]
