"""The socket of the running termxmpp: scripts of its user ask what is unread, and send through it.

A line of JSON each way (README, "Beside the running termxmpp"); only processes of the same user
are answered. What somebody else could do better, as entering a room that we are not in, is left
to who asks.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any

from termxmpp import rendezvous
from termxmpp.client import Client
from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate
from termxmpp.errors import ConnectionFailed, DataError, RemoteError, TermxmppError, UserError
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.workspace import Workspace
from termxmpp.xmpp.disco import DiscoPayload

__all__ = ["Gate"]

logger = logging.getLogger(__name__)

# Who asks for more at once has forgotten to hang up.
CONNECTIONS = 64

# So much may wait for somebody who does not read it (bytes).
UNREAD_ANSWERS = 4 << 20

# With so many messages under way no more are read from a connection.
UNDER_WAY = 500

# What a script may end with for it (sysexits.h).
WRONG_USAGE, UNAVAILABLE = UserError.exit_status, ConnectionFailed.exit_status

_OF_SEND = frozenset({"account", "to", "text", "subject", "wait"})

# When nothing more is told of a message, by what was to be waited for.
_SETTLED = {
    "none": frozenset(Fate),
    "ack": frozenset({Fate.ACKNOWLEDGED, Fate.RECEIVED, Fate.READ, Fate.FAILED}),
    "receipt": frozenset({Fate.RECEIVED, Fate.READ, Fate.FAILED}),
}


class Gate:
    """Answers the user's scripts in the name of `workspace`, from `open` to `close`.

    Where the system permits no socket there is none, and scripts connect by themselves.
    """

    def __init__(self, workspace: Workspace, place: Path | None = None) -> None:
        self._workspace = workspace
        self._place = place or rendezvous.folder(os.environ)
        self.path: Path | None = None
        self._server: asyncio.Server | None = None
        self._callers: set[_Caller] = set()

    async def open(self) -> None:
        """Listen from now on."""
        try:
            sock, self.path = rendezvous.listening(self._place)
        except OSError as error:
            logger.info("no socket in %s: %s", self._place, error)
            return
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(self._caller, sock=sock)

    async def close(self) -> None:
        """Listen no more, and let those go who are connected."""
        if self._server is None or self.path is None:
            return
        self._server.close()
        self.path.unlink(missing_ok=True)
        for caller in list(self._callers):
            caller.hang_up()
        # Their connections are gone in the next turn.
        await asyncio.sleep(0)

    def _caller(self) -> _Caller:
        return _Caller(self._workspace, self._callers)


@dataclass(frozen=True, slots=True)
class _Request:
    """`send`: the words in which it was asked are `tag`."""

    tag: object
    client: Client
    to: Jid
    text: str
    subject: str
    wait: str


class _Refused(Exception):
    """What was asked is not done; `is_elsewhere`: a connection of one's own can do it."""

    def __init__(self, words: str, status: int, *, is_elsewhere: bool = False) -> None:
        super().__init__(words)
        self.status = status
        self.is_elsewhere = is_elsewhere


class _Caller(asyncio.Protocol):
    """One connection to a script, and its messages that are under way."""

    def __init__(self, workspace: Workspace, others: set[_Caller]) -> None:
        self._workspace = workspace
        self._others = others
        self._rest = b""
        self._transport: asyncio.Transport | None = None
        # Tag and what is waited for, by account and id of the message.
        self._open: dict[tuple[Client, str], tuple[object, str]] = {}
        self._watched: list[Client] = []
        # What is to be sent to somebody of whom it is not known yet who he is.
        self._waiting: dict[tuple[Client, Jid], list[_Request]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_reading = True

    # What the transport tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        sock: socket.socket = transport.get_extra_info("socket")
        if not rendezvous.is_own(sock) or len(self._others) >= CONNECTIONS:
            transport.abort()
            return
        self._others.add(self)

    def data_received(self, data: bytes) -> None:
        if self not in self._others:
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._take(line)
        if len(self._rest) > rendezvous.LARGEST_LINE:
            self._answer({"error": "The line is too long.", "status": DataError.exit_status})
            self.hang_up()

    def connection_lost(self, error: Exception | None) -> None:
        self._others.discard(self)
        for client in self._watched:
            client.observers.remove(self._observe)
        self._watched.clear()
        for task in self._tasks:
            task.cancel()

    def hang_up(self) -> None:
        assert self._transport is not None
        self._transport.close()

    # What is asked.

    def _take(self, line: bytes) -> None:
        try:
            asked = json.loads(line)
        except (ValueError, RecursionError):
            asked = None
        if not isinstance(asked, dict):
            self._refuse(None, _Refused("That is no JSON object.", DataError.exit_status))
            return
        tag = asked.get("tag")
        try:
            if asked.get("v") != rendezvous.VERSION:
                raise _Refused(f"Only v {rendezvous.VERSION} is spoken here.", WRONG_USAGE)
            match asked.get("do"):
                case "unread":
                    self._answer(self._unread(asked.get("account")) | _tagged(tag))
                case "send":
                    self._send(self._request(asked))
                case _:
                    raise _Refused("What to do is `unread` or `send`.", WRONG_USAGE)
        except _Refused as refused:
            self._refuse(tag, refused)
        except TermxmppError as error:
            self._refuse(tag, _Refused(str(error), error.exit_status))

    def _unread(self, account: object) -> dict[str, Any]:
        """What is unread of `account`, with None of all; of what this termxmpp shows."""
        found = []
        for client in self._workspace.clients:
            if account not in (None, str(client.state.account)):
                continue
            windows = [each for each in self._workspace.windows if each.client is client]
            unread = [each for each in windows if each.peer and each.conversation.unread]
            talks = [
                {
                    "with": str(each.peer),
                    "name": each.title,
                    "unread": each.conversation.unread,
                    "mentions": each.conversation.mentions,
                }
                for each in unread
            ]
            found.append(
                {
                    "account": str(client.state.account),
                    "state": client.state.link.words,
                    "unread": sum(each.conversation.unread for each in unread),
                    "mentions": sum(each.conversation.mentions for each in unread),
                    "conversations": talks,
                }
            )
        return {"accounts": found}

    def _request(self, asked: Mapping[str, Any]) -> _Request:
        unknown = asked.keys() - _OF_SEND - {"v", "do", "tag"}
        if unknown:
            words = f"Unknown: {', '.join(sorted(unknown))}."
            raise _Refused(words, WRONG_USAGE, is_elsewhere=True)
        texts = {"subject": "", "wait": "ack"} | {
            name: asked[name] for name in _OF_SEND & asked.keys()
        }
        if texts.keys() != _OF_SEND or not all(isinstance(each, str) for each in texts.values()):
            raise _Refused(f"{', '.join(sorted(_OF_SEND))} are texts.", WRONG_USAGE)
        account, text, wait = texts["account"], texts["text"], texts["wait"]
        if wait not in _SETTLED:
            raise _Refused("To wait for is `ack`, `receipt` or `none`.", WRONG_USAGE)
        for client in self._workspace.clients:
            if str(client.state.account) == account:
                break
        else:
            raise _Refused(f"{account} is no account here.", UNAVAILABLE, is_elsewhere=True)
        if not text.strip():
            raise DataError(_("The message is empty; nothing was sent."))
        to = Jid.parse(texts["to"])
        return _Request(asked.get("tag"), client, to, text, texts["subject"], wait)

    def _send(self, request: _Request) -> None:
        """Send it, or find out first who that is."""
        client, to = request.client, request.to
        if not client.is_online:
            raise _Refused("That account is not online here.", UNAVAILABLE, is_elsewhere=True)
        if (client, to) in self._waiting:
            self._waiting[client, to].append(request)
        elif _is_known(client, to):
            self._write(request)
        else:
            self._waiting[client, to] = [request]
            self._begin(self._look_at(client, to))
        self._pace()

    async def _look_at(self, client: Client, to: Jid) -> None:
        """A room that we are not in is for others; whoever else it is, is written to."""
        is_room = to.resource != ""
        if not is_room:
            try:
                answer = (await client.get(to, DiscoPayload())).get(DiscoPayload)
            except (ConnectionFailed, RemoteError):
                # Accounts need not answer strangers (XEP-0030 §8); rooms do.
                answer = None
            found = answer.identities if answer is not None else ()
            is_room = any(each.category == "conference" for each in found)
        for request in self._waiting.pop((client, to)):
            if is_room:
                refused = _Refused(
                    "That is not for this connection.", UNAVAILABLE, is_elsewhere=True
                )
                self._refuse(request.tag, refused)
            else:
                self._write(request)
        self._pace()

    def _write(self, request: _Request) -> None:
        client = request.client
        peer = client.state.peer_of(request.to)
        if client not in self._watched:
            self._watched.append(client)
            client.observers.append(self._observe)
        try:
            message_id = client.write(peer, request.text, subject=request.subject)
        except TermxmppError as error:
            self._refuse(request.tag, _Refused(str(error), error.exit_status))
            return
        message = client.state.conversation(peer).own(message_id)
        self._open[client, message_id] = request.tag, request.wait
        self._tell(client, message_id, message.fate if message and message.fate else Fate.QUEUED)

    # What is answered.

    def _observe(self, client: Client, event: events.Event) -> None:
        match event:
            case events.FateChanged(_, message_id, fate, reason):
                self._tell(client, message_id, fate, reason)
            case events.ReadByPeer(_, message_id):
                self._tell(client, message_id, Fate.READ)

    def _tell(self, client: Client, message_id: str, fate: Fate, reason: str = "") -> None:
        """Tell the fate of a message, if it is one of this connection's."""
        tag, wait = self._open.get((client, message_id), (None, ""))
        if not wait:
            return
        told = {"id": message_id, "fate": fate.name.lower(), "reason": reason}
        self._answer(_tagged(tag) | told)
        if fate in _SETTLED[wait]:
            del self._open[client, message_id]
            self._pace()

    def _refuse(self, tag: object, refused: _Refused) -> None:
        told = {"error": str(refused), "status": refused.status, "elsewhere": refused.is_elsewhere}
        self._answer(_tagged(tag) | told)

    def _answer(self, told: Mapping[str, Any]) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        transport.write(json.dumps({"v": rendezvous.VERSION} | dict(told)).encode() + b"\n")
        if transport.get_write_buffer_size() > UNREAD_ANSWERS:
            transport.abort()

    # How.

    def _pace(self) -> None:
        """Read no more while much is under way: who asks then waits, and nothing grows."""
        is_reading = len(self._open) + sum(map(len, self._waiting.values())) < UNDER_WAY
        if is_reading == self._is_reading or self._transport is None:
            return
        self._is_reading = is_reading
        if is_reading:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _is_known(client: Client, to: Jid) -> bool:
    """Whether it is known that `to` is somebody whom this client writes to, or a room it is in."""
    state = client.state
    room = state.rooms.get(to.bare)
    if room is not None:
        return room.is_in
    is_somebody = to in state.contacts or to == state.account
    return not to.resource and is_somebody


def _tagged(tag: object) -> dict[str, Any]:
    return {} if tag is None else {"tag": tag}
