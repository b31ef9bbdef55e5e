"""`--listen`: each message is told once, over lost links and restarts, as a line or to a program.

What comes is recorded before the server hears that we have it, and is told from the records, in
the order of the archives; so what is not read fills the disk and not the memory, and what was
missed is fetched before anything that came after it is told. It counts as told when standard
output has taken it, or its program has ended.
"""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.subprocess import PIPE
from collections import deque
from collections.abc import Callable, Sequence
from typing import IO, Any

from termxmpp.client import Client
from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.link import Phase
from termxmpp.core.message import Fate, Message, Route
from termxmpp.core.text import one_line
from termxmpp.errors import ConnectionFailed, InputError, TermxmppError
from termxmpp.features.receipts import give_receipt
from termxmpp.script import lines
from termxmpp.script.entering import RoomManners, enter_if_room
from termxmpp.script.hearing import Heard
from termxmpp.script.programs import Ended, run_program, variables
from termxmpp.script.readiness import Readiness
from termxmpp.script.replies import Replies
from termxmpp.script.sink import Sink
from termxmpp.store.store import Store
from termxmpp.values import dataclass
from termxmpp.words import _, ngettext

__all__ = ["ListenOptions", "listen"]

# So many messages are taken from the records at once.
BATCH = 50

# What is kept nowhere (presence, receipts) waits here for standard output; more is left out.
MOST_PASSING = 1000

# When it is to end, programs have so long to do so by themselves, and standard output to take
# what is told of that (seconds).
GRACE, LAST_LINES = 5.0, 0.5


@dataclass(frozen=True, slots=True)
class ListenOptions:
    """What `--listen` was asked.

    `sources` are those of whom something is told (an address without a resource is all of its
    resources or occupants, one without a local part all of its domain); without any, everybody
    but rooms. `tells` are those of `config.TELLABLE` that are told besides. `command` are the
    words of a program for each message, of which `programs` run at once and each for `patience`
    seconds; with `replies` what it prints is the answer. In rooms we are called `nick`.
    """

    sources: tuple[Jid, ...] = ()
    as_json: bool = False
    tells: frozenset[str] = frozenset()
    command: tuple[str, ...] = ()
    replies: bool = False
    programs: int = 4
    patience: float = 60.0
    nick: str = ""
    room_password: str = ""


async def listen(
    client: Client,
    store: Store,
    heard: Heard,
    options: ListenOptions,
    out: int,
    err: Callable[[str], None],
    readiness: Readiness,
) -> None:
    """Tell what comes to `client`, whose records are in `store`, until it is cancelled.

    Lines go to the descriptor `out`, what goes wrong is told to `err`. Raises TermxmppError where
    there is no connection at first or never will be again, and BrokenPipeError where nobody reads.
    """
    listener = _Listener(client, store, heard, options, Sink(out), err, readiness)
    try:
        await listener.run()
    finally:
        await listener.close()


class _Listener:
    """One run; `_busy` are the conversations for which a program runs."""

    def __init__(
        self,
        client: Client,
        store: Store,
        heard: Heard,
        options: ListenOptions,
        sink: Sink,
        err: Callable[[str], None],
        readiness: Readiness,
    ) -> None:
        self._client = client
        self._store = store
        self._heard = heard
        self._options = options
        self._sink = sink
        self._err = err
        self._readiness = readiness
        self._wake = asyncio.Event()
        self._refused: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # Lines of what is kept nowhere.
        self._passing: deque[str] = deque()
        self._left_out = 0
        # Messages that are kept nowhere, as their senders ask.
        self._unkept: deque[tuple[Jid, Message]] = deque()
        self._busy: dict[Jid, asyncio.Task[None]] = {}
        self._replies = Replies(client, self._pass, err)
        self._known_rooms = {jid for jid, room in client.state.rooms.items() if room.is_wanted}
        self._new_rooms: set[Jid] = set()
        self._told_problem = ""
        self._was_online = False
        nick = options.nick or client.state.account.local
        self._room = RoomManners(nick, options.room_password, self._complain, err)
        client.observers.append(self._observe)

    async def run(self) -> None:
        """Connect, enter the rooms, and tell until it is over."""
        self._client.connect()
        await self._connected()
        for source in self._options.sources:
            if source.local and source.bare not in self._known_rooms:
                self._client.spawn(enter_if_room(self._client, source.bare, self._room))
        telling = asyncio.ensure_future(self._tell_all())
        ends: set[asyncio.Future[None]] = {telling, self._refused, self._sink.broken}
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            telling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([telling])
        if self._sink.broken.done():
            raise BrokenPipeError
        if telling.done() and not telling.cancelled():
            telling.result()
        raise self._failure()

    async def close(self) -> None:
        """End in good order: programs have ended, and of answers the fate is known or told."""
        self._readiness.stopping()
        running = list(self._busy.values())
        if running:
            await asyncio.wait(running, timeout=GRACE)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._replies.end()
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(LAST_LINES):
                while self._passing and self._sink.is_at_line_start:
                    await self._sink.write(self._passing.popleft())
        await self._client.close()
        self._sink.close()

    # The link, and the rooms.

    async def _connected(self) -> None:
        """Wait for the first connection; TermxmppError where there is none."""
        while (phase := self._client.state.link.phase) in (Phase.CONNECTING, Phase.OFFLINE):
            self._wake.clear()
            await self._wake.wait()
        if phase is not Phase.ONLINE:
            raise self._failure()
        self._readiness.ready(self._client.state.link.words)

    def _failure(self) -> TermxmppError:
        return self._client.failure or ConnectionFailed(_("The server closed the stream."))

    # What happens.

    def _observe(self, client: Client, event: events.Event) -> None:
        match event:
            case events.LinkChanged(link):
                self._readiness.status(link.words)
                if link.phase is Phase.REFUSED and not self._refused.done():
                    self._refused.set_result(None)
                if link.phase is Phase.ONLINE:
                    self._told_problem, self._was_online = "", True
                elif self._was_online:
                    self._complain(link.problem)
            case events.MessageReceived(peer, message):
                self._came(peer, message)
            case events.RoomEntered(room):
                # What a room tells of the time before one first came is not news.
                if room in self._known_rooms:
                    self._new_rooms.discard(room)
                else:
                    self._new_rooms.add(room)
                self._known_rooms.add(room)
            case events.FateChanged(peer, message_id, fate, reason):
                self._fate_changed(peer, message_id, fate, reason)
            case events.ReadByPeer(peer, message_id):
                self._fate_changed(peer, message_id, Fate.READ, "")
            case events.PresenceChanged(jid, presence):
                if "presence" in self._options.tells and self._is_wanted(jid):
                    self._pass(lines.presence_facts(jid, presence, client.now()))
            case events.GapFailed(_number, problem) if problem:
                self._complain(
                    _("The archive can't be read, so what is missed is not told: {problem}").format(
                        problem=problem
                    )
                )
            case events.NoticeGiven(notice) if notice.is_error:
                # Why it does not come online at first is told by its end.
                if self._was_online or notice.text != client.state.link.problem:
                    self._complain(notice.text)
        self._wake.set()

    def _complain(self, problem: str) -> None:
        """Tell `problem` once: each try to be online again may fail in the same way."""
        if problem and problem != self._told_problem:
            self._told_problem = problem
            self._err(problem)

    def _came(self, peer: Jid, message: Message) -> None:
        if message.route is Route.LIVE:
            self._heard.keep(message.key)
        if message.is_own:
            is_other_device = message.route is Route.CARBON
            if is_other_device and "own" in self._options.tells and self._is_wanted(peer):
                self._pass(lines.facts(self._client.state.account, peer, message, "chat"))
        elif message.route is Route.HISTORY and peer in self._new_rooms:
            self._settle(message)
        elif message.key < 0 and message.is_text:
            if len(self._unkept) < MOST_PASSING:
                self._unkept.append((peer, message))
            else:
                self._left_out += 1

    def _fate_changed(self, peer: Jid, message_id: str, fate: Fate, reason: str) -> None:
        is_receipt = fate in (Fate.RECEIVED, Fate.READ)
        if is_receipt and "receipts" in self._options.tells and self._is_wanted(peer):
            self._pass(lines.receipt_facts(peer, message_id, fate, self._client.now()))
        self._replies.fate_changed(message_id, fate, reason)

    def _pass(self, told: dict[str, Any]) -> None:
        """Tell what is kept nowhere, which only JSON can."""
        if not self._options.as_json:
            return
        if len(self._passing) < MOST_PASSING:
            self._passing.append(lines.json_line(told))
            self._wake.set()
        else:
            self._left_out += 1

    # Telling.

    async def _tell_all(self) -> None:
        try:
            while True:
                self._wake.clear()
                if not await self._tell_some():
                    await self._wake.wait()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise InputError(
                _("Standard output can't be written: {strerror}.").format(strerror=error.strerror)
            ) from None

    async def _tell_some(self) -> bool:
        """Tell what can be told now; whether there was something."""
        has_told = False
        while self._passing:
            await self._sink.write(self._passing.popleft())
        if self._left_out:
            count, self._left_out = self._left_out, 0
            self._err(
                ngettext(
                    "{count} line was left out: standard output was not read.",
                    "{count} lines were left out: standard output was not read.",
                    count,
                ).format(count=count)
            )
        for peer, message in self._next():
            if not self._is_wanted(message.author if message.is_groupchat else peer, message):
                self._settle(message)
            elif self._options.command:
                await self._give(peer, message)
                self._begin(peer, message)
            else:
                await self._sink.write(self._line(peer, message))
                self._tell_sender(message)
                self._settle(message)
            has_told = True
            if self._is_full:
                break
        return has_told

    def _next(self) -> Sequence[tuple[Jid, Message]]:
        """What can be told now, in its order."""
        if self._is_full or self._client.state.link.phase is Phase.CONNECTING:
            # What was missed is not known yet.
            return ()
        missing = {
            gap.archive for gap in self._client.state.gaps if gap.is_missed and not gap.problem
        }
        unkept = [each for each in self._unkept if each[0] not in self._busy]
        found = [*unkept, *self._store.untold(list(self._busy), BATCH)]
        chosen: list[tuple[Jid, Message]] = []
        peers: set[Jid] = set()
        for peer, message in found:
            if (peer if message.is_groupchat else None) in missing and message.key > 0:
                continue
            # One program for each conversation at a time, so that their answers are in order.
            if not self._options.command or peer not in peers:
                chosen.append((peer, message))
            peers.add(peer)
        return chosen

    @property
    def _is_full(self) -> bool:
        """Whether no further program is to be begun."""
        options = self._options
        is_full = len(self._busy) >= options.programs or self._replies.is_full
        return bool(options.command) and is_full

    def _is_wanted(self, jid: Jid, message: Message | None = None) -> bool:
        """Whether something of `jid` is to be told; of rooms only if they are asked for."""
        sources = self._options.sources
        if not sources:
            return True
        addresses = {jid, jid.bare, Jid("", jid.domain)}
        if message is not None:
            addresses.add(message.author)
        return not addresses.isdisjoint(sources)

    def _line(self, peer: Jid, message: Message) -> str:
        if self._options.as_json:
            return lines.json_line(self._facts(peer, message))
        return lines.text_line(peer, message)

    def _facts(self, peer: Jid, message: Message) -> dict[str, Any]:
        type = self._heard.of(message.key).type
        return lines.facts(self._client.state.account, peer, message, type)

    def _settle(self, message: Message) -> None:
        """It was told, or is not to be."""
        self._heard.forget(message.key)
        if message.key > 0:
            self._store.told(message.key)
        else:
            self._unkept = deque(each for each in self._unkept if each[1].key != message.key)

    def _tell_sender(self, message: Message) -> None:
        """Who asked for a receipt gets one now."""
        arrival = self._heard.of(message.key)
        if arrival.receipt_to is not None and self._client.is_online:
            give_receipt(self._client, arrival.receipt_to, message.id, arrival.type)

    # Programs.

    async def _give(self, peer: Jid, message: Message) -> None:
        """With JSON what a program gets is told, too."""
        if self._options.as_json:
            await self._sink.write(self._line(peer, message))

    def _begin(self, peer: Jid, message: Message) -> None:
        task = asyncio.get_running_loop().create_task(self._run(peer, message))
        self._busy[peer] = task

        def ended(task: asyncio.Task[None]) -> None:
            del self._busy[peer]
            self._wake.set()
            if not task.cancelled() and (error := task.exception()) is not None:
                self._err(repr(error))

        task.add_done_callback(ended)

    async def _run(self, peer: Jid, message: Message) -> None:
        options = self._options
        told = self._facts(peer, message)
        given = {
            name: told[name]
            for name in ("from", "to", "room", "nick", "type", "id", "subject", "matter", "time")
        }
        given |= {"kind": told["kind"], "delayed": int(message.is_delayed)}
        given |= {"account": self._client.state.account}
        # JSON lines of ours and a program's would be mixed.
        output: int | IO[Any] | None = PIPE if options.replies else 2 if options.as_json else 1
        ended = await run_program(
            options.command,
            lines.words_of(message),
            variables(given),
            timeout=options.patience,
            output=output,
        )
        self._tell_sender(message)
        self._tell_end(peer, message, ended)
        if options.replies and not ended.status and not ended.problem and ended.output.strip():
            self._replies.answer(peer, message, ended.output, self._heard.of(message.key).type)
        # With the answer, in one transaction.
        self._settle(message)

    def _tell_end(self, peer: Jid, message: Message, ended: Ended) -> None:
        if ended.problem:
            who = one_line(str(message.author), 60)
            self._err(
                _("The program for a message of {jid}: {problem}.").format(
                    jid=who, problem=ended.problem
                )
            )
        self._pass(
            {
                "kind": "exit",
                "time": self._client.now().isoformat(timespec="milliseconds"),
                "id": message.id,
                "from": str(message.author),
                "status": ended.status,
                "problem": ended.problem,
            }
        )
