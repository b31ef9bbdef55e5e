"""A whole client without a screen, in a process of its own that may be killed at any time.

It obeys lines of JSON on its standard input, and tells on its standard output what a screen
would have shown: only after it has been committed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from termxmpp.client import Client, World
from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.features import FEATURES
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.store.store import Store
from termxmpp.xmpp.connection import Connection, ConnectionObserver, ConnectionSettings
from termxmpp.xmpp.processor import Processor
from termxmpp.xmpp.resolver import Candidate, Resolver
from termxmpp.xmpp.sasl import Credentials
from termxmpp.xmpp.stanzas import as_text
from termxmpp.xmpp.stream_management import StreamManagement
from termxmpp.xmpp.tls import TlsOptions

logger = logging.getLogger(__name__)


class Actor:
    """The account of `order`: `jid`, `password`, `port`, `ca_file`, `records`, `trace`."""

    def __init__(self, mainloop: EpollMainLoop, order: dict[str, Any]) -> None:
        self._skew = timedelta()
        self._untold: list[dict[str, Any]] = []
        self._is_kept = True
        if order["trace"]:
            logging.basicConfig(level=logging.DEBUG, handlers=[_Trace()], force=True)
        self.store = Store(Path(order["records"]))
        settings = ConnectionSettings(
            Jid.parse(order["jid"]),
            Candidate("127.0.0.1", order["port"]),
            TlsOptions(ca_file=Path(order["ca_file"])),
        )
        credentials = Credentials(settings.jid.local, order["password"])
        resolver = Resolver()

        def connect_by(
            processor: Processor, management: StreamManagement, observer: ConnectionObserver
        ) -> Connection:
            told = _Traced(observer) if order["trace"] else observer
            return Connection(
                mainloop, resolver, settings, credentials, processor, management, told, self.store
            )

        # Who waits for minutes between two tries proves nothing in the meantime.
        world = World(now=lambda: datetime.now(UTC) + self._skew, jitter=lambda: 0.05)
        make = _TracedClient if order["trace"] else Client
        self.client = make(settings.jid, connect_by, FEATURES, records=self.store, world=world)
        self.client.observers.append(self._observe)
        if order["trace"]:
            self.client.observers.append(lambda client, event: logger.debug("news %s", event))
        for peer, talk in self.client.state.conversations.items():
            for entry in talk.entries:
                if isinstance(entry, Message):
                    self._show(peer, entry)
        self._tell(kind="ready")
        self.client.connect()

    def obey(self, order: dict[str, Any]) -> None:
        """Do what one line says."""
        match order["do"]:
            case "write":
                self.client.write(Jid.parse(order["to"]), order["text"])
            case "renew":
                self.client.spawn(self._renew())
            case "clock":
                self._skew = timedelta(seconds=order["by"])
            case "status":
                # The store may have had to wait for the disk.
                self.client.settle()
                self._tell(
                    kind="status",
                    link=self.client.state.link.words,
                    pending=len(self.store.pending()),
                    gaps=len(self.client.state.gaps),
                    is_failing=self.store.is_failing,
                )
            case "screen":
                self._tell(kind="screen", conversations=self._screen())
            case "dump":
                self._tell(kind="dump", conversations=self._dump())

    async def _renew(self) -> None:
        await self.client.disconnect()
        self.client.connect()
        self._tell(kind="renew")

    def _dump(self) -> dict[str, list[list[Any]]]:
        """Everything that is recorded, as a screen that scrolls to the beginning shows it."""
        conversations = {}
        for peer in self.client.state.conversations:
            messages, _ = self.store.older(peer, None, 1_000_000)
            conversations[str(peer)] = [
                [each.text, each.is_own, each.fate.name if each.fate else None] for each in messages
            ]
        return conversations

    def _screen(self) -> dict[str, list[list[Any]]]:
        """What the windows show."""
        return {
            str(peer): [
                [each.text, each.is_own, each.fate.name if each.fate else None]
                for each in talk.entries
                if isinstance(each, Message)
            ]
            for peer, talk in self.client.state.conversations.items()
        }

    def _observe(self, client: Client, event: events.Event) -> None:
        match event:
            case events.MessageReceived(peer, message):
                self._show(peer, message, is_live=True)
            case events.MessageWritten(peer, message):
                self._show(peer, message)
            case events.MessagesPlaced(peer, messages) | events.HistoryLoaded(peer, messages):
                for message in messages:
                    self._show(peer, message)
            case events.FateChanged(peer, message_id, fate):
                own = client.state.conversation(peer).own(message_id)
                if own is not None:
                    self._tell(kind="fate", peer=str(peer), text=own.text, fate=fate.name)
            case events.SessionStarted(_, True):
                # By then it is known what the server has counted.
                asyncio.get_running_loop().call_soon(self._tell_resent)

    def _tell_resent(self) -> None:
        resent = set(self.client.link.management.unacknowledged)
        texts = [
            entry.text
            for talk in self.client.state.conversations.values()
            for entry in talk.entries
            if isinstance(entry, Message) and entry.is_own and entry.id in resent
        ]
        self._tell(kind="resent", texts=texts)

    def _show(self, peer: Jid, message: Message, *, is_live: bool = False) -> None:
        text, own = message.text, message.is_own
        self._tell(kind="shown", peer=str(peer), text=text, own=own, live=is_live)

    def _tell(self, **what: Any) -> None:
        if not self._untold:
            asyncio.get_running_loop().call_soon(self._write)
        self._untold.append(what)

    def _write(self) -> None:
        # As the screen does it: what is shown has been kept.
        self.client.settle()
        if self._is_kept == self.store.is_failing:
            self._is_kept = not self.store.is_failing
            self._untold.insert(0, {"kind": "kept", "is_kept": self._is_kept})
        lines = "".join(json.dumps(each) + "\n" for each in self._untold)
        self._untold.clear()
        sys.stdout.write(lines)
        sys.stdout.flush()


class _TracedClient(Client):
    """A client whose every event goes to the log."""

    def emit(self, event: events.Event) -> None:
        logger.debug("event %s", event)
        super().emit(event)


class _Traced:
    """What `observer` is told of a connection; every stanza goes to the log."""

    def __init__(self, observer: ConnectionObserver) -> None:
        self._observer = observer
        self.step, self.bound, self.lost = observer.step, observer.bound, observer.lost
        self.at_bind, self.before_write = observer.at_bind, observer.before_write

    def traffic(self, element: Element, is_ours: bool) -> None:
        logger.debug("%s %s", "out" if is_ours else "in ", as_text(element))
        self._observer.traffic(element, is_ours)


class _Trace(logging.Handler):
    """The log goes where the screen goes: to a pipe, which is never full."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(asctime)s.%(msecs)03d %(message)s", "%H:%M:%S"))

    def emit(self, record: logging.LogRecord) -> None:
        line = json.dumps({"kind": "trace", "text": self.format(record)})
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


async def _main(mainloop: EpollMainLoop) -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=2**24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    actor = Actor(mainloop, json.loads(await lines.readline()))
    try:
        while line := await lines.readline():
            actor.obey(json.loads(line))
    except Exception:
        # Standard error may be a file, and the disk be full.
        print(json.dumps({"kind": "died", "text": traceback.format_exc()}), flush=True)
        raise
    finally:
        await actor.client.close()


if __name__ == "__main__":
    run(_main)
