"""One account's way to scripted servers, over real sockets and real TLS."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from termxmpp.core.jid import Jid
from termxmpp.errors import ResolveFailed, TermxmppError
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.store.unstored import Unstored
from termxmpp.xmpp.connection import Connection, ConnectionSettings, Opened, Timeouts
from termxmpp.xmpp.processor import Processor
from termxmpp.xmpp.resolver import Candidate, Resolver
from termxmpp.xmpp.sasl import Credentials
from termxmpp.xmpp.stream_management import StreamManagement
from termxmpp.xmpp.tls import TlsOptions
from tests.support.authority import Authority
from tests.support.leaks import nothing_left
from tests.support.peer import Served

__all__ = ["ALICE", "Trial", "Watcher", "attempt"]

ALICE = Jid.parse("alice@localhost")


class Places(Resolver):
    """Knows where the scripts are."""

    def __init__(self, candidates: Sequence[Candidate] | ResolveFailed) -> None:
        super().__init__([])
        self.candidates = candidates

    async def services(self, domain: str) -> list[Candidate]:
        if isinstance(self.candidates, ResolveFailed):
            raise self.candidates
        return list(self.candidates)


class Watcher:
    """What a connection has told."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.losses: list[TermxmppError | None] = []
        self.confirmed: list[str] = []
        self.opened: list[Opened] = []
        self.writes = 0
        self.is_lost = asyncio.Event()

    def step(self, text: str) -> None:
        self.steps.append(text)

    def lost(self, error: TermxmppError | None) -> None:
        self.losses.append(error)
        self.is_lost.set()

    def bound(self, opened: Opened) -> None:
        self.opened.append(opened)

    def at_bind(self) -> list[Element]:
        return [Element("{urn:xmpp:carbons:2}enable")]

    def before_write(self) -> None:
        self.writes += 1

    def traffic(self, element: Element, is_ours: bool) -> None:
        pass


class Trial:
    """One account's way to scripted servers; `use` makes connections, one for each call."""

    def __init__(self, mainloop: EpollMainLoop, ca_file: Path | None) -> None:
        self.mainloop = mainloop
        self.ca_file = ca_file
        self.watcher: Watcher = Watcher()
        self.processor = Processor()
        self.options = TlsOptions(ca_file=ca_file)
        self.timeouts = Timeouts()
        self.credentials = Credentials("alice", "wonder")
        self.jid = ALICE
        self.instance = Unstored()
        self.management = StreamManagement(Unstored(), self.watcher.confirmed.extend)

    def use(self, *places: Served, is_direct_tls: bool = False) -> Connection:
        candidates = [Candidate("127.0.0.1", place.port, is_direct_tls) for place in places]
        settings = ConnectionSettings(self.jid, None, self.options, self.timeouts)
        return Connection(
            self.mainloop,
            Places(candidates),
            settings,
            self.credentials,
            self.processor,
            self.management,
            self.watcher,
            self.instance,
        )


def attempt(
    authority: Authority, scenario: Callable[[Trial, AsyncExitStack], Awaitable[Any]]
) -> Any:
    """Run `scenario`; whatever came of it, no descriptor, task or thread may be left."""

    async def main(mainloop: EpollMainLoop) -> Any:
        async with nothing_left(), AsyncExitStack() as stack:
            return await scenario(Trial(mainloop, authority.ca_file), stack)

    return run(main)
