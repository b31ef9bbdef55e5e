"""The other side of a conversation: a client of ours, in the test's own process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from termxmpp.client import Client
from termxmpp.core.events import Event
from termxmpp.core.jid import Jid
from termxmpp.core.link import Phase
from termxmpp.features import FEATURES
from termxmpp.mainloop import EpollMainLoop
from termxmpp.session import probe_of
from termxmpp.store.records import Records
from termxmpp.store.unstored import Unstored
from termxmpp.transfers.web import Web
from termxmpp.xmpp.connection import Connection, ConnectionObserver, ConnectionSettings
from termxmpp.xmpp.probe import Probe
from termxmpp.xmpp.processor import Processor
from termxmpp.xmpp.resolver import Candidate, Resolver
from termxmpp.xmpp.sasl import Credentials
from termxmpp.xmpp.stream_management import StreamManagement
from termxmpp.xmpp.tls import TlsOptions

__all__ = ["LiveServer", "Place", "happened", "make_client", "online"]

# A loaded machine may take its time; then something is wrong (seconds).
PATIENCE = 20.0


class Place(Protocol):
    """Where to reach a server by STARTTLS, and what to trust there."""

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...

    @property
    def ca_file(self) -> Path: ...


class LiveServer(Place, Protocol):
    """A private server, whichever it is."""

    @property
    def direct_tls_port(self) -> int: ...

    def start(self) -> None: ...

    def stop(self, *, kills: bool = False) -> None: ...

    def restart(self, *, kills: bool = False) -> None: ...

    def log(self) -> str: ...


@asynccontextmanager
async def online(
    mainloop: EpollMainLoop,
    server: Place,
    address: str,
    password: str,
    records: Records | None = None,
) -> AsyncIterator[Client]:
    """The account `address` at `server`, online for as long as the context lasts."""
    client = make_client(mainloop, server, address, password, records)
    try:
        async with happened(client, lambda event: client.state.link.phase is Phase.ONLINE):
            client.connect()
        yield client
    finally:
        await client.close()


def make_client(
    mainloop: EpollMainLoop,
    server: Place,
    address: str,
    password: str,
    records: Records | None = None,
) -> Client:
    """A client for the account `address` at `server`, not connected yet."""
    settings = ConnectionSettings(
        Jid.parse(address), Candidate(server.host, server.port), TlsOptions(ca_file=server.ca_file)
    )

    kept = records or Unstored()

    def connect_by(
        processor: Processor, management: StreamManagement, observer: ConnectionObserver
    ) -> Connection:
        credentials = Credentials(settings.jid.local, password)
        return Connection(
            mainloop, Resolver(), settings, credentials, processor, management, observer, kept
        )

    def probe() -> Probe:
        return probe_of(mainloop, Resolver(), settings, Credentials(settings.jid.local, password))

    def web() -> Web:
        return Web(Resolver(), lambda: settings.tls, lambda: settings.proxy)

    return Client(settings.jid, connect_by, FEATURES, records=kept, probe_by=probe, make_web=web)


@asynccontextmanager
async def happened(client: Client, is_it: Callable[[Event], bool]) -> AsyncIterator[None]:
    """At its end the context waits until something happened that `is_it`."""
    has_happened = asyncio.Event()

    def watch(client: Client, event: Event) -> None:
        if is_it(event):
            has_happened.set()

    client.observers.append(watch)
    try:
        yield
        async with asyncio.timeout(PATIENCE):
            await has_happened.wait()
    finally:
        client.observers.remove(watch)
