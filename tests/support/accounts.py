"""More accounts in an actor's workspace, whose servers do not let them in."""

from __future__ import annotations

from termxmpp.client import Client, World
from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.roster import Contact
from termxmpp.errors import TermxmppError
from termxmpp.features import FEATURES
from termxmpp.xmpp.connection import ConnectionObserver, Opened
from termxmpp.xmpp.processor import Processor
from termxmpp.xmpp.stanzas import Outgoing
from termxmpp.xmpp.stream_management import StreamManagement
from tests.support.harness import NOON, Actor

__all__ = ["Closed", "opens_account"]

# So long is the time to the next try that none is seen (seconds).
FAR = 3600.0


class Closed:
    """A server that ends each try with `error`."""

    def __init__(self, error: TermxmppError) -> None:
        self._error = error

    async def open(self) -> Opened:
        raise self._error

    def send(self, stanza: Outgoing) -> None:
        raise self._error

    def send_element(self, element: object) -> None:
        raise self._error

    def flush(self) -> None: ...

    async def prove(self, timeout: float) -> None:
        raise self._error

    heard_at = 0.0

    async def close(self) -> None: ...

    def abort(self) -> None: ...


def opens_account(
    actor: Actor, address: str, error: TermxmppError, *contacts: str, connects: bool = True
) -> Client:
    """Open the account `address` in the actor's workspace; each try to connect it ends so."""

    def connect_by(
        processor: Processor, management: StreamManagement, observer: ConnectionObserver
    ) -> Closed:
        return Closed(error)

    def make(jid: Jid, password: str) -> Client:
        world = World(lambda: NOON, jitter=lambda: FAR)
        return Client(jid, connect_by, FEATURES, world=world)

    def open_() -> None:
        actor.workspace.new_client = make
        client = actor.workspace.open_account(Jid.parse(address), "")
        client.emit(events.RosterReceived(tuple(Contact(Jid.parse(each)) for each in contacts)))
        if connects:
            client.connect()

    actor.run_now(open_)
    return actor.workspace.clients[-1]
