"""A link that is dead is noticed, and replaced as soon as the network is there again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from termxmpp.client import Client
from termxmpp.core.link import Phase
from termxmpp.demo.server import PrivateProsody
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.store.store import Store
from termxmpp.uplink import SUSPICION
from tests.support.account import happened, make_client
from tests.support.proxy import FaultProxy

# Within so many seconds of the network being there again the link is proven or replaced.
BACK_WITHIN = 5.0


class Place:
    def __init__(self, port: int, ca_file: Path) -> None:
        self.host, self.port, self.ca_file = "127.0.0.1", port, ca_file


Scenario = Callable[[Client, FaultProxy], Awaitable[None]]


def play(prosody: PrivateProsody, path: Path, scenario: Scenario) -> None:
    """Run `scenario` with alice online behind a proxy."""

    async def main(mainloop: EpollMainLoop) -> None:
        async with FaultProxy(prosody.host, prosody.port) as proxy:
            place = Place(proxy.port, prosody.ca_file)
            alice = make_client(mainloop, place, "alice@localhost", "wonder", Store(path))
            try:
                async with becomes(alice, Phase.ONLINE):
                    alice.connect()
                await scenario(alice, proxy)
            finally:
                proxy.thaw()
                await alice.close()

    run(main)


def becomes(client: Client, *phases: Phase) -> AbstractAsyncContextManager[None]:
    return happened(client, lambda event: client.state.link.phase in phases)


@pytest.mark.parametrize("times", [1, 3])
def test_a_link_that_lives_is_proven_and_stays(
    prosody: PrivateProsody, tmp_path: Path, times: int
) -> None:
    async def scenario(alice: Client, proxy: FaultProxy) -> None:
        await alice.prove(BACK_WITHIN)
        proxy.mark()
        for _ in range(times):
            alice.world_changed()
        await asyncio.sleep(SUSPICION + 0.2)
        assert proxy.flights
        assert alice.state.link.phase is Phase.ONLINE
        assert proxy.accepted == 1

    play(prosody, tmp_path / "alice.sqlite", scenario)


def test_after_a_sleep_in_which_the_connection_was_forgotten_another_is_made(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    """The network is there, but not for the old connection: a NAT that lost its entry."""

    async def scenario(alice: Client, proxy: FaultProxy) -> None:
        proxy.swallow("down")
        proxy.swallow("up")
        alice.world_changed()
        async with asyncio.timeout(BACK_WITHIN):
            async with becomes(alice, Phase.RECONNECTING, Phase.CONNECTING):
                pass
            proxy.pass_all()
            async with becomes(alice, Phase.ONLINE):
                pass
        assert proxy.accepted > 1

    play(prosody, tmp_path / "alice.sqlite", scenario)


def test_a_network_that_comes_back_while_dialling_is_used_at_once(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    async def scenario(alice: Client, proxy: FaultProxy) -> None:
        async with becomes(alice, Phase.CONNECTING):
            proxy.freeze()
            proxy.cut()
            await asyncio.sleep(0)
            alice.connect()
        await proxy.connected()
        proxy.cut()
        proxy.thaw()
        async with asyncio.timeout(BACK_WITHIN), becomes(alice, Phase.ONLINE):
            alice.world_changed()

    play(prosody, tmp_path / "alice.sqlite", scenario)


def test_a_network_that_comes_back_while_waiting_is_used_at_once(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    async def scenario(alice: Client, proxy: FaultProxy) -> None:
        proxy.refuse()
        async with becomes(alice, Phase.RECONNECTING):
            proxy.cut()
        for _ in range(6):
            # The delay has grown to half a minute by then.
            async with becomes(alice, Phase.CONNECTING):
                alice.connect()
            async with becomes(alice, Phase.RECONNECTING):
                pass
        retry_at = alice.state.link.retry_at
        assert retry_at is not None
        assert (retry_at - alice.now()).total_seconds() > BACK_WITHIN
        proxy.accept()
        async with asyncio.timeout(BACK_WITHIN), becomes(alice, Phase.ONLINE):
            alice.world_changed()

    play(prosody, tmp_path / "alice.sqlite", scenario)
