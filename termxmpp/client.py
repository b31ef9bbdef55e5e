"""One account: its state, its features, its link to the server, and the policy of reconnecting.

Only this module decides when to connect. `emit` is synchronous: the records first, which know
what of an event is news, then the state, then the observers, in the turn in which the stanza
came.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import secrets
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from xml.etree.ElementTree import Element

from termxmpp.core import events
from termxmpp.core.files import SharedFile
from termxmpp.core.jid import Jid
from termxmpp.core.link import Link, Phase
from termxmpp.core.mentions import marked
from termxmpp.core.message import Act, Deed, Fate, Message, Notice, Reply, Route
from termxmpp.core.state import State
from termxmpp.errors import (
    CertificateError,
    ConnectionFailed,
    DataError,
    LoginRefused,
    RemoteError,
    TermxmppError,
    UserError,
)
from termxmpp.feature import Feature
from termxmpp.outbox import Outbox
from termxmpp.store.records import Due, Records, SearchPage
from termxmpp.store.unstored import Unstored
from termxmpp.transfers.carrier import Carrier
from termxmpp.words import _
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.connection import Opened
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.probe import Probe
from termxmpp.xmpp.processor import Processor
from termxmpp.xmpp.stanzas import IncomingIq, IncomingMessage, Outgoing
from termxmpp.xmpp.stream_management import StreamManagement

if TYPE_CHECKING:
    from termxmpp.transfers.web import Web

__all__ = ["Client", "Observer", "Server", "World"]

logger = logging.getLogger(__name__)

# Reconnecting waits 1, 2, 4 … seconds, at most this long: a server that comes back after an
# hour is found within five minutes, and one that is down is not hammered.
LONGEST_DELAY = 300.0

# A server that is asked whether it is there says so within this, or is not there (seconds):
# after a suspend, and after long silence.
SUSPICION, PATIENCE = 3.0, 20.0

# Leaving in good order waits so long for the last words of the features, and so long for the
# word on what was sent last (seconds).
LAST_PROOF = 2.0

# What no stanza of ours may exceed if the server does not say (XEP-0478): Prosody and ejabberd as
# they are shipped end the stream of who sends more. So much of it is left for all but the text.
MAX_BYTES, ENVELOPE = 262_144, 4096

# How many older messages are taken from the store at once.
OLDER = 100

# How much is shown before and behind a message of the past.
AROUND = 60

# A stream error after which coming back at once would only fight with the other session
# (RFC 6120 §4.9.3.3) or repeat a refusal (§4.9.3.12).
FINAL_CONDITIONS = frozenset({"conflict", "host-unknown", "not-authorized", "policy-violation"})

Observer = Callable[["Client", events.Event], None]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class World:
    """What a client needs of the world, so that tests can give it another one."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    new_id: Callable[[], str] = lambda: secrets.token_urlsafe(12)
    jitter: Callable[[], float] = field(default=lambda: random.uniform(0.8, 1.2))


class Server(Protocol):
    """A connection to the account's server, used once."""

    async def open(self) -> Opened:
        """Dial, secure, log in, and go on with the session or bind."""
        ...

    def send(self, stanza: Outgoing) -> None:
        """Send `stanza`; ConnectionFailed if the stream is closed."""
        ...

    def send_element(self, element: Element) -> None:
        """Send `element`, which is no stanza; ConnectionFailed if the stream is closed."""
        ...

    def flush(self) -> None:
        """Let as much leave now as the socket takes."""
        ...

    async def prove(self, timeout: float) -> None:
        """Wait until the server has confirmed all that was sent; RemoteError after `timeout`."""
        ...

    @property
    def heard_at(self) -> float:
        """When the server was last heard, by the monotonic clock."""
        ...

    async def close(self) -> None:
        """Close the stream as RFC 6120 §4.4 asks, and wait for the peer's end a short time."""
        ...

    def abort(self) -> None:
        """Drop the connection at once."""
        ...


ConnectBy = Callable[[Processor, StreamManagement, "Client"], Server]


class Client:
    """The account `jid` with its `features`; `connect_by` makes a `Server` for each try.

    What happens is kept in `records`; they are the client's from now on. After `ping_interval`
    seconds of silence the server is asked whether it is there, with 0 never. `sends_markers`:
    contacts are told how far the user has read; `sends_typing`: they are told that the user is
    writing. `answer_timeout` is how long any one answer may
    take, in seconds. `observers` are called with every event, in order, after
    the state has changed. `failure` is why the last link ended or never began. What holds one of
    `mention_words` is for the user in particular. `probe_by` makes a probe for each examination of
    the way to the server. Files are carried over what `make_web` makes, if anything does.
    """

    def __init__(
        self,
        jid: Jid,
        connect_by: ConnectBy,
        features: Sequence[Feature],
        *,
        records: Records | None = None,
        world: World | None = None,
        ping_interval: float = 300.0,
        sends_markers: bool = True,
        sends_typing: bool = True,
        reconnects: bool = True,
        answer_timeout: float = 30.0,
        probe_by: Callable[[], Probe] | None = None,
        make_web: Callable[[], Web] | None = None,
    ) -> None:
        self.account = jid
        self.state = State(jid)
        self.features = tuple(features)
        self.observers: list[Observer] = []
        self.failure: TermxmppError | None = None
        self._jid = jid
        self._world = world or World()
        self._connect_by = connect_by
        self._probe_by = probe_by
        self._reconnects = reconnects
        self._answer_timeout = answer_timeout
        self._handlers = [feature.handler(self) for feature in features if feature.handler]
        self._processor = Processor(self._handlers, on_bug=self._tell_error)
        self._records: Records = records or Unstored()
        self.ping_interval = ping_interval
        self.sends_markers = sends_markers
        self.sends_typing = sends_typing
        self.mention_words: tuple[str, ...] = ()
        self.carrier = Carrier(self.emit, make_web)
        self._outbox = Outbox(self)
        self._given_up: list[tuple[str, str]] = []
        self._management = StreamManagement(
            self._records, self._outbox.acknowledged, self._keep_given_up, resumes=reconnects
        )
        self._server: Server | None = None
        self._opening: Server | None = None
        self._stream_features: frozenset[str] = frozenset()
        self._max_bytes = MAX_BYTES
        self._enabled: frozenset[str] = frozenset()
        self._silence: asyncio.TimerHandle | None = None
        self._is_active = True
        self._is_synchronised = False
        self._lost: asyncio.Future[TermxmppError | None] | None = None
        self._running: asyncio.Task[None] | None = None
        self._skip_delay = asyncio.Event()
        self._has_left = asyncio.Event()
        self._has_left.set()
        self._delay = 1.0
        self._shows_xml = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_checked = False
        self._records.watch(self._tell_error)
        for event in self._records.restore():
            self.state.apply(event)
        self._outbox.restore(
            self._records.pending(),
            self._management.unacknowledged,
            had_management=self._management.was_enabled,
            is_in_doubt=self._records.ended_badly,
        )

    # What features act by (`feature.Context`).

    @property
    def jid(self) -> Jid:
        return self._jid

    @property
    def is_online(self) -> bool:
        return self._server is not None

    @property
    def namespaces(self) -> tuple[str, ...]:
        return tuple(sorted({name for feature in self.features for name in feature.namespaces}))

    def now(self) -> datetime:
        return self._world.now()

    def new_id(self) -> str:
        return self._world.new_id()

    @property
    def stream_features(self) -> frozenset[str]:
        return self._stream_features

    @property
    def enabled(self) -> frozenset[str]:
        return self._enabled

    @property
    def unproven(self) -> list[str]:
        return self._outbox.unproven

    def markers_due(self) -> Sequence[Due]:
        return self._records.markers_due()

    def readings_due(self) -> Sequence[Due]:
        return self._records.readings_due()

    def emit(self, event: events.Event) -> None:
        """Let `event` have happened: records first, then state, then the observers."""
        event = marked(event, self.state, self.mention_words)
        for news in self._records.record(event):
            if isinstance(news, events.MessageReceived) and self._has(news):
                continue
            self.state.apply(news)
            self._outbox.observe(news)
            for handler in self._handlers:
                handler.happened(news)
            for observer in self.observers:
                observer(self, news)

    def send(self, stanza: Outgoing) -> None:
        if self._server is None:
            raise ConnectionFailed(
                _("{account} is not online: /connect first.").format(account=self.account.bare)
            )
        self._server.send(stanza)

    def can_reach(self, peer: Jid) -> bool:
        room = self.state.rooms.get(peer.bare)
        return room is None or room.is_in

    @property
    def longest_text(self) -> int:
        """How many bytes the text of a message may have (`stanzas.size`)."""
        return max(0, self._max_bytes - ENVELOPE)

    def write(
        self,
        peer: Jid,
        text: str,
        *,
        subject: str = "",
        reply: Reply | None = None,
        spoiler: str | None = None,
        act: Act | None = None,
        files: tuple[SharedFile, ...] = (),
    ) -> str:
        room = self.state.rooms.get(peer.bare)
        if room is not None and not room.is_wanted:
            raise UserError(_("You are not in {jid}: /join {jid} enters it.").format(jid=room.jid))
        excess = stanzas.size(text) - self.longest_text
        if excess > 0:
            raise DataError(
                _(
                    "The text is too long for one message by {excess} bytes of {limit}; "
                    "shorten it, or send it as a file."
                ).format(excess=excess, limit=self.longest_text)
            )
        is_groupchat = room is not None and peer == room.jid
        message_id = self.new_id()
        message = Message(
            message_id,
            room.me if room is not None and is_groupchat else self._jid,
            # As it will be sent; what is no text, SQLite would not take either.
            stanzas.xml_text(text),
            self.now(),
            is_own=True,
            fate=Fate.QUEUED,
            subject=stanzas.xml_text(subject),
            route=Route.WRITTEN,
            origin_id=message_id,
            is_groupchat=is_groupchat,
            reply=reply,
            spoiler=spoiler,
            act=act,
            files=files,
        )
        self.emit(events.MessageWritten(peer, message))
        self._outbox.add(peer, message)
        return message_id

    def retract(self, peer: Jid, message: Message, words: str) -> None:
        # In a room by the id that the room gave, else by that of the stanza (XEP-0424 §6.1).
        target = message.reference if message.is_groupchat else message.id
        act = Act(Deed.RETRACTION, target or message.id)
        if not self._outbox.withdraw(message.id):
            self.write(peer, words, act=act)
            return
        retraction = replace(
            message,
            id=self.new_id(),
            text=words,
            at=self.now(),
            fate=Fate.ACKNOWLEDGED,
            key=0,
            rank=0,
            subject="",
            reply=None,
            act=act,
            files=(),
        )
        self.emit(events.MessageWritten(peer, retraction))

    def send_element(self, element: Element) -> None:
        if self._server is None:
            raise ConnectionFailed(
                _("{account} is not online: /connect first.").format(account=self.account.bare)
            )
        self._server.send_element(element)

    def take(self, message: IncomingMessage) -> None:
        self._processor.take(message)

    def presence_payloads(self) -> list[Payload]:
        return [each for handler in self._handlers for each in handler.in_presence()]

    def resend(self, message_id: str) -> None:
        self._outbox.resend(message_id)

    def payloads_for(self, peer: Jid, message: Message) -> Iterable[Payload]:
        """What the features put into `message` to `peer` besides its text."""
        return [each for handler in self._handlers for each in handler.outgoing(peer, message)]

    async def get(self, to: Jid | None, payload: Payload) -> IncomingIq:
        return await self._request(stanzas.iq_get(to, payload, id=self.new_id()))

    async def set(self, to: Jid | None, payload: Payload) -> IncomingIq:
        return await self._request(stanzas.iq_set(to, payload, id=self.new_id()))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def configure(self, *, ping_interval: float, sends_markers: bool, sends_typing: bool) -> None:
        """Let these hold from now on; see the class."""
        self.sends_markers = sends_markers
        self.sends_typing = sends_typing
        if ping_interval != self.ping_interval:
            self.ping_interval = ping_interval
            if self._silence is not None:
                self._silence.cancel()
                self._silence = None
            if self.state.link.phase is Phase.ONLINE:
                self._watch_silence()

    # The life of the link.

    def connect(self) -> None:
        """Be online from now on; while waiting for the next try, try at once."""
        if not self._is_checked:
            self._is_checked = True
            self.spawn(self._records.check())
        if self._running is None or self._running.done():
            self._running = asyncio.get_running_loop().create_task(self._run())
        else:
            self._skip_delay.set()

    async def disconnect(self) -> None:
        """Be offline from now on, leaving the server in good manners if it answers in time."""
        running, self._running = self._running, None
        if running is None:
            await self._has_left.wait()
            return
        self._has_left.clear()
        server = self._server
        try:
            if server is not None:
                await self._take_leave()
                self._server = None
                with contextlib.suppress(TermxmppError):
                    await self._leave(server)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            self._gone(server, None)
            self._set_link(Link(Phase.OFFLINE))
            self._has_left.set()

    async def close(self) -> None:
        """End everything of this account."""
        await self.disconnect()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._records.close()

    async def _take_leave(self) -> None:
        """Let the features say their last word, but not for long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_PROOF):
                for handler in self._handlers:
                    await self._guarded(handler.leaving())

    async def _leave(self, server: Server) -> None:
        """Say good-bye; a session in which a message is not confirmed is kept for later.

        Kept as it is, without a good-bye: who goes on with it has not been away.
        """
        if self._management.can_resume and self._outbox.is_unconfirmed:
            with contextlib.suppress(RemoteError, TimeoutError):
                async with asyncio.timeout(LAST_PROOF):
                    await server.prove(LAST_PROOF)
            if self._outbox.is_unconfirmed:
                return
        server.send(stanzas.presence(type="unavailable"))
        await server.close()

    # What the connection tells (`xmpp.connection.ConnectionObserver`).

    def step(self, text: str) -> None:
        self._set_link(Link(Phase.CONNECTING, step=text))

    def lost(self, error: TermxmppError | None) -> None:
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(error)

    def bound(self, opened: Opened) -> None:
        self._jid = opened.jid
        self._server, self._opening = self._opening, None
        self._enabled = opened.enabled
        self._processor.bound(self._jid, Jid("", self._jid.domain))
        self.emit(events.SessionStarted(opened.jid, opened.is_resumed))
        self._outbox.session_started(
            is_resumed=opened.is_resumed,
            will_check=any(feature.reads_archive for feature in self.features),
            is_in_doubt=any(gap.holds_ours for gap in self.state.gaps),
            rooms=[room.jid for room in self.state.rooms.values() if room.is_wanted],
        )
        if not opened.is_resumed:
            self._is_synchronised = False

    def at_bind(self) -> list[Element]:
        wishes = (each for handler in self._handlers for each in handler.at_bind())
        return [wish.as_xml() for wish in wishes]

    def before_write(self) -> None:
        self._records.commit()

    def traffic(self, element: Element, is_ours: bool) -> None:
        if self._shows_xml:
            way = "out" if is_ours else "in "
            notice = Notice(f"{way} {stanzas.as_text(element)}", self.now())
            self.emit(events.NoticeGiven(notice))

    # What the world and the user do besides.

    def settle(self) -> None:
        """Make durable what has happened: the screen is about to show it."""
        self._records.commit()

    def load_older(self, peer: Jid) -> None:
        """Take older messages with `peer` from the records, before what is looked at."""
        is_past = peer in self.state.pasts
        entries = self.state.shown(peer).entries
        first = next((entry for entry in entries if isinstance(entry, Message)), None)
        messages, has_older = self._records.older(peer, first, OLDER)
        self.emit(events.HistoryLoaded(peer, tuple(messages), has_older, is_past))
        shown = self.state.shown(peer)
        if shown.is_far and self._records.keeps_history:
            # What is looked at is far from the end, which goes on apart from it.
            oldest, has_older = shown.oldest(), shown.has_older
            if not is_past:
                self.emit(events.HistoryForgotten(peer))
            self.emit(events.PastShown(peer, oldest, has_older, has_newer=True))

    def load_newer(self, peer: Jid) -> None:
        """Take newer messages with `peer` from the records, behind the past looked at."""
        past = self.state.pasts.get(peer)
        last = past.entries[-1] if past is not None else None
        if isinstance(last, Message):
            messages, has_newer = self._records.newer(peer, last, OLDER)
            self.emit(events.NewerLoaded(peer, tuple(messages), has_newer))
            shown = self.state.shown(peer)
            if shown.is_far and shown.has_newer and self._records.keeps_history:
                newest = shown.newest()
                self.emit(events.PastShown(peer, newest, has_older=True, has_newer=True))

    def show_past(self, peer: Jid, key: int) -> bool:
        """Look at what was said with `peer` around the message with that key; if it is there."""
        if key in self.state.shown(peer):
            return True
        message = self._records.get(peer, key)
        if message is None:
            return False
        before, has_older = self._records.older(peer, message, AROUND)
        behind, has_newer = self._records.newer(peer, message, AROUND)
        self.emit(events.PastShown(peer, (*before, message, *behind), has_older, has_newer))
        return True

    def leave_past(self, peer: Jid) -> None:
        """Look at the present of the conversation with `peer`."""
        if peer in self.state.pasts:
            self.emit(events.PastLeft(peer))

    def forget_older(self, peer: Jid | None) -> None:
        """Keep less at hand of the conversation with `peer`, if the records have the rest."""
        if peer is None or self._records.keeps_history:
            self.emit(events.HistoryForgotten(peer))

    def search(self, words: str, peer: Jid | None, start: int | None) -> SearchPage:
        """A part of the messages that hold `words` (`Records.search`)."""
        return self._records.search(words, peer, start)

    def lines(self, peer: Jid | None) -> Sequence[str]:
        """What the user has entered in the window of `peer`, None the console, oldest first."""
        return self._records.lines(peer)

    def probe(self) -> Probe:
        """A connection of its own to look at the way to the server; UserError if there is none."""
        if self._probe_by is None:
            raise UserError(_("The way to the server can't be looked at here."))
        return self._probe_by()

    @property
    def has_management(self) -> bool:
        """Whether the server counts what is sent (XEP-0198)."""
        return self._management.is_enabled

    @property
    def keeps_history(self) -> bool:
        """Whether what is said is kept, and can be at the moment."""
        return self._records.keeps_history

    def set_active(self, is_active: bool) -> None:
        """Whether the user looks at the screen (XEP-0352)."""
        if is_active != self._is_active:
            self._is_active = is_active
            for handler in self._handlers:
                handler.attention(is_active=is_active)

    def composing(self, peer: Jid, *, is_composing: bool) -> None:
        """The user is writing something to `peer`, or no longer (XEP-0085)."""
        for handler in self._handlers:
            handler.composing(peer, is_composing=is_composing)

    @property
    def is_active(self) -> bool:
        return self._is_active

    def flush(self) -> None:
        """Let leave now what would leave in the next turn, which may be long in coming."""
        if self._server is not None:
            self._server.flush()

    def world_changed(self) -> None:
        """The machine has slept, or its network is another: prove the link, or replace it."""
        self._delay = 1.0
        if self._server is not None:
            self.spawn(self._prove_link(SUSPICION))
        elif self._opening is not None:
            self.lost(ConnectionFailed(_("The network has changed.")))
            self._opening.abort()
            self._skip_delay.set()
        elif self._running is not None:
            self._skip_delay.set()

    def nothing_is_confirmed(self, words: str) -> None:
        """The server has confirmed nothing for too long: another connection, at once.

        One that has gone on with the session, and nothing more, never will.
        """
        if self._management.is_mute:
            self._management.end()
        self.link_is_dead(words)

    def link_is_dead(self, words: str) -> None:
        """The server gave no sign of life: another connection, at once."""
        if self._server is not None:
            self.lost(ConnectionFailed(words))
            self._skip_delay.set()

    def show_xml(self, is_on: bool) -> None:
        """Show every stanza in the console, or no longer."""
        self._shows_xml = is_on

    def send_xml(self, text: str) -> None:
        """Send the stanza that `text` is; UserError if it is none."""
        self.send(stanzas.from_xml(text, id=self.new_id()))

    async def _run(self) -> None:
        await self._has_left.wait()
        self._delay = 1.0
        while True:
            self._skip_delay.clear()
            try:
                error = await self._one_link()
            except TermxmppError as failure:
                error = failure
            else:
                self._delay = 1.0
            if not self._has_left.is_set():
                # The end is that of our own leaving.
                return
            self.failure = error
            if self._is_final(error):
                self._set_link(Link(Phase.REFUSED, problem=str(error)))
                return
            if not self._reconnects:
                self._set_link(Link(Phase.OFFLINE, problem=str(error or "")))
                return
            wait = self._delay * self._world.jitter()
            self._delay = min(self._delay * 2, LONGEST_DELAY)
            retry_at = self.now() + timedelta(seconds=wait)
            problem = str(error or _("The server closed the connection."))
            self._set_link(Link(Phase.RECONNECTING, retry_at=retry_at, problem=problem))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._skip_delay.wait()

    async def _one_link(self) -> TermxmppError | None:
        """From dialling to the end of the link; returns why it ended, raises why it never began."""
        self._set_link(Link(Phase.CONNECTING, step="resolving"))
        self._lost = asyncio.get_running_loop().create_future()
        server = self._opening = self._connect_by(self._processor, self._management, self)
        error: TermxmppError | None = None
        try:
            opened = await self._unless_lost(server.open())
            self._stream_features = opened.features
            self._max_bytes = opened.max_bytes or MAX_BYTES
            self._set_link(Link(Phase.CONNECTING, step="sync"))
            await self._unless_lost(self._call_handlers())
            self._set_link(Link(Phase.ONLINE))
            self._watch_silence()
            self._outbox.flush()
            error = await self._lost
        except TermxmppError as failure:
            error = failure
            raise
        finally:
            self._gone(server, error)
        return error

    async def _unless_lost(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What `work` gives, unless the link is lost meanwhile: then raises why."""
        assert self._lost is not None
        task = asyncio.ensure_future(work)
        either: list[asyncio.Future[Any]] = [task, self._lost]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if self._lost.done():
                raise self._lost.result() or ConnectionFailed(
                    _("The server closed the connection.")
                )
            return task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _call_handlers(self) -> None:
        """Let the features fetch what they need.

        A session that broke off before they had all of it is as good as new.
        """
        is_new, self._is_synchronised = not self._is_synchronised, False
        for handler in self._handlers:
            await self._guarded(handler.online() if is_new else handler.resumed())
        self._send_given_up()
        self._is_synchronised = self._server is not None

    def _keep_given_up(self, left: list[tuple[str, str]]) -> None:
        """A session ended with stanzas of ours that nobody acknowledged."""
        self._given_up += [
            (xml, stanza_id)
            for xml, stanza_id in left
            if stanzas.outlives_session(stanzas.element_of(xml))
        ]

    def _send_given_up(self) -> None:
        """Send once more what a session before this one has left behind."""
        given_up, self._given_up = self._given_up, []
        for xml, stanza_id in given_up:
            self.send(stanzas.from_xml(xml, id=stanza_id))

    def _watch_silence(self) -> None:
        """Ask for a sign of life when there was none for long; one timer, no more."""
        server = self._server
        if server is None or not self.ping_interval:
            return
        loop = asyncio.get_running_loop()
        quiet_at = server.heard_at + self.ping_interval
        if quiet_at <= loop.time():
            self.spawn(self._prove_link(PATIENCE))
            quiet_at = loop.time() + self.ping_interval
        self._silence = loop.call_at(quiet_at, self._watch_silence)

    async def _prove_link(self, timeout: float) -> None:
        server = self._server
        try:
            await self.prove(timeout)
        except RemoteError:
            if server is self._server:
                self.link_is_dead(
                    _("The server gave no sign of life for {timeout:g} s.").format(timeout=timeout)
                )
        except ConnectionFailed:
            # The link has found its end by itself.
            pass

    def _gone(self, server: Server | None, error: TermxmppError | None) -> None:
        self._server = self._opening = None
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None
        self._processor.unbound(error)
        self._outbox.link_lost(
            can_resume=self._management.can_resume,
            had_management=self._management.was_enabled,
        )
        if server is not None:
            server.abort()

    async def prove(self, timeout: float) -> None:
        """Wait until the server has confirmed all that was sent (`Server.prove`)."""
        if self._server is None:
            raise ConnectionFailed(_("The connection is gone."))
        await self._server.prove(timeout)

    async def _request(self, stanza: Outgoing) -> IncomingIq:
        if self._server is None:
            raise ConnectionFailed(
                _("{account} is not online: /connect first.").format(account=self.account.bare)
            )
        return await self._processor.request(stanza, self._answer_timeout)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except TermxmppError as error:
            self._tell_error(str(error))
        except Exception:
            logger.exception("a task of %s failed", self.account)
            self._tell_error(_("Something failed: a bug of termxmpp; the log has the details."))

    def _has(self, news: events.MessageReceived) -> bool:
        """Whether the screen has the message already: another termxmpp recorded it first."""
        return self.state.has(news.peer, news.message.key)

    def _tell_error(self, text: str) -> None:
        self.emit(events.NoticeGiven(Notice(text, self.now(), is_error=True)))

    def _set_link(self, link: Link) -> None:
        if link != self.state.link:
            self.emit(events.LinkChanged(link))

    @staticmethod
    def _is_final(error: TermxmppError | None) -> bool:
        if isinstance(error, (LoginRefused, CertificateError)):
            return True
        return isinstance(error, RemoteError) and error.condition in FINAL_CONDITIONS
