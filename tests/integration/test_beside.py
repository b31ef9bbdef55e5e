"""Two termxmpp of one account at the same time, on the same records: processes, as users have."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from termxmpp.demo.server import PrivateProsody
from termxmpp.mainloop import EpollMainLoop, run
from tests.faults.person import Person
from tests.support.account import PATIENCE
from tests.support.proxy import FaultProxy

ALICE, BOB = "alice@localhost", "bob@localhost"
CONFIRMED = {"ACKNOWLEDGED", "RECEIVED"}

# Enough that both write into the file while the other does.
ROUNDS = 40


def test_what_one_writes_or_gets_stands_once_in_both_with_its_fate(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    said = {
        *(f"from one, {number}" for number in range(ROUNDS)),
        *(f"from the other, {number}" for number in range(ROUNDS)),
        *(f"to both, {number}" for number in range(ROUNDS)),
    }

    async def main(mainloop: EpollMainLoop) -> None:
        async with FaultProxy(prosody.host, prosody.port) as proxy:
            one, other = (
                Person(ALICE, "wonder", prosody, proxy, tmp_path) for _ in ("one", "other")
            )
            bob = Person(BOB, "build", prosody, proxy, tmp_path)
            people = (one, other, bob)
            try:
                for person in people:
                    await person.starts()
                    await until_settled(person)
                for number in range(ROUNDS):
                    one.writes(BOB, f"from one, {number}")
                    other.writes(BOB, f"from the other, {number}")
                    bob.writes(ALICE, f"to both, {number}")
                for person, peer in ((one, BOB), (other, BOB), (bob, ALICE)):
                    for view in ("screen", "dump"):
                        texts = await until_whole(person, view, peer, said)
                        assert len(texts) == len(set(texts))
                        assert set(texts) == said
                        for own in ("from one", "from the other", "to both"):
                            numbered = [text for text in texts if text.startswith(f"{own},")]
                            assert numbered == [f"{own}, {number}" for number in range(ROUNDS)]
            finally:
                for person in people:
                    await person.ends()

    run(main)


async def until_settled(person: Person) -> None:
    async with asyncio.timeout(PATIENCE):
        while (await person.asks("status"))["link"] != "online":  # noqa: ASYNC110  # a process is asked
            await asyncio.sleep(0.05)


async def until_whole(person: Person, view: str, peer: str, said: set[str]) -> list[str]:
    """What of `said` is there to be seen once it is all there and confirmed.

    The server's archive also has what was said in other tests.
    """
    async with asyncio.timeout(PATIENCE):
        while True:
            lines: list[Any] = (await person.asks(view))["conversations"].get(peer, [])
            ours = [line for line in lines if line[0] in said]
            own = [fate for _, is_own, fate in ours if is_own]
            if len(ours) >= len(said) and all(fate in CONFIRMED for fate in own):
                return [text for text, _, _ in ours]
            await asyncio.sleep(0.05)
