"""Two termxmpp of one account at the same time, on the same records."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from termxmpp.client import Client
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message
from termxmpp.demo.server import PrivateProsody
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.store.store import Store
from tests.support.account import PATIENCE, online

SAID = {"from one", "from the other", "to both"}
ALICE, BOB = Jid.parse("alice@localhost"), Jid.parse("bob@localhost")


def lines(client: Client, peer: Jid) -> list[tuple[str, Fate | None]]:
    entries = client.state.conversation(peer).entries
    return [(entry.text, entry.fate) for entry in entries if isinstance(entry, Message)]


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110  # what is waited for is on several sides
            await asyncio.sleep(0.01)


def test_what_one_writes_or_gets_stands_once_in_both_with_its_fate(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    path = tmp_path / "alice.sqlite"
    fates = {Fate.ACKNOWLEDGED, Fate.RECEIVED}

    async def main(mainloop: EpollMainLoop) -> None:
        async with (
            online(mainloop, prosody, "bob@localhost", "build") as bob,
            online(mainloop, prosody, "alice@localhost", "wonder", Store(path)) as one,
            online(mainloop, prosody, "alice@localhost", "wonder", Store(path)) as other,
        ):
            for client in (one, other):
                # They share a loop here: nobody may hold the file while the other has its turn.
                client.observers.append(lambda client, event: client.settle())
            one.write(BOB, "from one")
            await until(lambda: ("from one", None) in lines(bob, ALICE))
            other.write(BOB, "from the other")
            await until(lambda: ("from the other", None) in lines(bob, ALICE))
            bob.write(ALICE, "to both")
            for client in (one, other):
                await until(lambda client=client: {text for text, _ in lines(client, BOB)} >= SAID)  # type: ignore[misc]  # bound at once
                await until(
                    lambda client=client: all(  # type: ignore[misc]  # bound at once
                        fate in fates for _, fate in lines(client, BOB) if fate is not None
                    )
                )
                texts = [text for text, _ in lines(client, BOB)]
                # In one loop they may hold each other up, as two processes never do, so the
                # order is not asked for.
                assert len(texts) == len(set(texts))

    run(main)
    with_both = Store(path)
    messages, _ = with_both.older(BOB, None, 100)
    kept = [message.text for message in messages]
    assert set(kept) >= SAID
    assert len(kept) == len(set(kept))
    with_both.close()
