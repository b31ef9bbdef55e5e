"""Messages of ours on their way: queued, sent, and confirmed by the server.

A message is here from the moment the user wrote it until its fate is known. What the screen
shows of it is never more than what is proven.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterable
from typing import Any, Protocol

from termxmpp.core.events import Event, FateChanged
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message
from termxmpp.errors import ConnectionFailed, RemoteError
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.stanzas import Outgoing

__all__ = ["Outbox"]

# How long the server may take to confirm before the message is told to be unproven (seconds).
PROOF_TIMEOUT = 30.0

UNPROVEN = "The server has not confirmed this message; it may not have arrived."


class Sender(Protocol):
    """What the outbox needs of its client."""

    @property
    def is_online(self) -> bool: ...

    def emit(self, event: Event) -> None: ...

    def send(self, stanza: Outgoing) -> None: ...

    async def prove(self, timeout: float) -> None: ...

    def spawn(self, work: Coroutine[Any, Any, None]) -> None: ...


class Outbox:
    """The messages of one account that the server has not confirmed yet."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._queued: list[tuple[Jid, Message]] = []
        self._sent: dict[str, Jid] = {}
        self._is_proving = False

    def add(self, peer: Jid, message: Message) -> None:
        """Take `message` to `peer`; it leaves now or when the account is online."""
        self._queued.append((peer, message))
        if self._sender.is_online:
            self.flush()

    def flush(self) -> None:
        """Send what is queued, in order."""
        while self._queued:
            peer, message = self._queued[0]
            stanza = stanzas.message(
                peer, message.text, id=message.id, subject=message.subject or None
            )
            try:
                self._sender.send(stanza)
            except ConnectionFailed:
                return
            del self._queued[0]
            self._sent[message.id] = peer
            self._sender.emit(FateChanged(peer, message.id, Fate.SENT))
        if self._sent and not self._is_proving:
            self._is_proving = True
            self._sender.spawn(self._prove())

    def acknowledged(self, message_ids: Iterable[str]) -> None:
        """The server has taken responsibility for these (XEP-0198 §4); others are ignored."""
        for message_id in message_ids:
            peer = self._sent.pop(message_id, None)
            if peer is not None:
                self._sender.emit(FateChanged(peer, message_id, Fate.ACKNOWLEDGED))

    def lost(self) -> None:
        """The link is gone: what was sent and not confirmed stays so."""
        self._tell_unproven()
        self._sent = {}

    def _tell_unproven(self) -> None:
        for message_id, peer in self._sent.items():
            self._sender.emit(FateChanged(peer, message_id, Fate.SENT, UNPROVEN))

    async def _prove(self) -> None:
        """Ask for confirmation as long as something is sent and unconfirmed."""
        try:
            while self._sent:
                asked = list(self._sent)
                await self._sender.prove(PROOF_TIMEOUT)
                self.acknowledged(asked)
        except (ConnectionFailed, RemoteError):
            # A late word of the server still counts.
            self._tell_unproven()
        finally:
            self._is_proving = False
