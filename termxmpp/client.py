"""One account: its state, its features, its records, and its link to the server.

`emit` is synchronous: the records first, which know what of an event is news, then the state,
then the observers, in the turn in which the stanza came.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from termxmpp.core import events
from termxmpp.core.disclosure import Disclosure
from termxmpp.core.files import SharedFile
from termxmpp.core.jid import Jid
from termxmpp.core.link import Link, Phase
from termxmpp.core.mentions import marked
from termxmpp.core.message import Act, Deed, Fate, Message, Notice, Reply, Route
from termxmpp.core.state import State
from termxmpp.errors import (
    ConnectionFailed,
    DataError,
    TermxmppError,
    UserError,
)
from termxmpp.feature import Feature
from termxmpp.filling import Filled, Question
from termxmpp.outbox import Outbox
from termxmpp.recall import Recall
from termxmpp.store.records import Due, Records
from termxmpp.store.unstored import Unstored
from termxmpp.transfers.carrier import Carrier
from termxmpp.uplink import Server, Uplink
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.connection import Opened
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.probe import Probe
from termxmpp.xmpp.processor import Processor
from termxmpp.xmpp.stanzas import IncomingIq, IncomingMessage, Outgoing
from termxmpp.xmpp.stream_management import StreamManagement
from termxmpp.xmpp.traffic import Traffic

if TYPE_CHECKING:
    from termxmpp.transfers.web import Web

__all__ = ["Client", "Observer", "Server", "World"]

logger = logging.getLogger(__name__)

# What no stanza of ours may exceed if the server does not say (XEP-0478): Prosody and ejabberd as
# they are shipped end the stream of who sends more. So much of it is left for all but the text.
MAX_BYTES, ENVELOPE = 262_144, 4096

Observer = Callable[["Client", events.Event], None]


@dataclass(frozen=True, slots=True)
class World:
    """What a client needs of the world, so that tests can give it another one."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    new_id: Callable[[], str] = lambda: secrets.token_urlsafe(12)
    jitter: Callable[[], float] = field(default=lambda: random.uniform(0.8, 1.2))


ConnectBy = Callable[[Processor, StreamManagement, "Client"], Server]


class Client:
    """The account `jid` with its `features`; `connect_by` makes a `Server` for each try.

    What happens is kept in `records`; they are the client's from now on. After `ping_interval`
    seconds of silence the server is asked whether it is there, with 0 never. `sends_markers`:
    contacts are told how far the user has read; `sends_typing`: they are told that the user is
    writing; `disclosure` is what else they are told. `answer_timeout` is how long any one answer
    may take, in seconds. `observers` are called with every event, in order, after the state has
    changed. What holds one of `mention_words` is for the user in particular. `tells_comings`: who
    comes into rooms and leaves them is told. `on_form` lets the user fill in a form,
    `take_password` lets the next log-in be by another password. `probe_by` makes a probe for each
    examination of the way to the server. `recall` is what the records have of what was said.
    Files are carried over what `make_web` makes, if anything does.
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
        disclosure: Disclosure | None = None,
        reconnects: bool = True,
        answer_timeout: float = 30.0,
        probe_by: Callable[[], Probe] | None = None,
        take_password: Callable[[str], None] = lambda password: None,
        make_web: Callable[[], Web] | None = None,
    ) -> None:
        self.account = jid
        self.state = State(jid)
        self.features = tuple(features)
        self.observers: list[Observer] = []
        self._jid = jid
        self._world = world or World()
        self._connect_by = connect_by
        self._probe_by = probe_by
        self.take_password = take_password
        self._answer_timeout = answer_timeout
        self._handlers = [feature.handler(self) for feature in features if feature.handler]
        self._processor = Processor(self._handlers, on_bug=self._tell_error)
        self._records: Records = records or Unstored()
        self._uplink = Uplink(
            self, jitter=self._world.jitter, reconnects=reconnects, ping_interval=ping_interval
        )
        self.recall = Recall(self, self._records)
        self.sends_markers = sends_markers
        self.sends_typing = sends_typing
        self._disclosure = disclosure or Disclosure()
        self._idle_since: datetime | None = None
        self.tells_comings = True
        self.mention_words: tuple[str, ...] = ()
        self.on_form: Callable[[Question], Awaitable[Filled | None]] | None = None
        self._questions: set[asyncio.Future[Filled | None]] = set()
        self.carrier = Carrier(self.emit, make_web)
        self._outbox = Outbox(self)
        self._given_up: list[tuple[str, str]] = []
        self._management = StreamManagement(
            self._records, self._outbox.acknowledged, self._keep_given_up, resumes=reconnects
        )
        self._stream_features: frozenset[str] = frozenset()
        self._max_bytes = MAX_BYTES
        self._enabled: frozenset[str] = frozenset()
        self._is_active = True
        self._is_synchronised = False
        self._shown_xml: Traffic | None = None
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
        return self._uplink.server is not None

    @property
    def namespaces(self) -> tuple[str, ...]:
        announced = (each.namespaces for each in self.features if each.is_announced(self))
        return tuple(sorted({name for namespaces in announced for name in namespaces}))

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
        self._online().send(stanza)

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
        is_unstyled: bool = False,
        act: Act | None = None,
        files: tuple[SharedFile, ...] = (),
    ) -> str:
        room = self.state.rooms.get(peer.bare)
        if room is not None and not room.is_wanted:
            raise UserError(_("You are not in {jid}: /join {jid} enters it.").format(jid=room.jid))
        blocked = self.state.block_of(peer)
        if blocked is not None:
            raise UserError(
                _("You have blocked {jid}: /unblock {jid} lets you write.").format(jid=blocked)
            )
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
            is_unstyled=is_unstyled,
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
        self._online().send_element(element)

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

    async def ask(self, question: Question) -> Filled | None:
        if self.on_form is None:
            raise UserError(_("There is nobody here to fill in a form."))
        work = asyncio.ensure_future(self.on_form(question))
        self._questions.add(work)
        try:
            return await work
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
            # It is the account that is left, not who asks.
            return None
        finally:
            work.cancel()
            self._questions.discard(work)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def disclosure(self) -> Disclosure:
        return self._disclosure

    @property
    def idle_since(self) -> datetime | None:
        return self._idle_since

    def set_idle(self, since: datetime | None) -> None:
        """Nobody has touched a key `since` then, or with None somebody does."""
        self._idle_since = since
        self._appearance_changed()

    def _appearance_changed(self) -> None:
        for handler in self._handlers:
            handler.appearance_changed()

    def configure(
        self,
        *,
        ping_interval: float,
        sends_markers: bool,
        sends_typing: bool,
        disclosure: Disclosure,
    ) -> None:
        """Let these hold from now on; see the class."""
        self.sends_markers = sends_markers
        self.sends_typing = sends_typing
        if disclosure != self._disclosure:
            self._disclosure = disclosure
            self._appearance_changed()
        is_online = self.state.link.phase is Phase.ONLINE
        self._uplink.listen_anew(ping_interval, is_online=is_online)

    # The life of the link.

    @property
    def failure(self) -> TermxmppError | None:
        """Why the last link ended or never began."""
        return self._uplink.failure

    @property
    def ping_interval(self) -> float:
        return self._uplink.ping_interval

    def connect(self) -> None:
        """Be online from now on; while waiting for the next try, try at once."""
        if not self._is_checked:
            self._is_checked = True
            self.spawn(self._records.check())
        self._uplink.connect()

    async def disconnect(self) -> None:
        """Be offline from now on, leaving the server in good manners if it answers in time."""
        await self._uplink.disconnect()

    async def close(self) -> None:
        """End everything of this account."""
        await self.disconnect()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._records.close()

    # What the link needs (`uplink.Linked`).

    def dial(self) -> Server:
        return self._connect_by(self._processor, self._management, self)

    def link_is(self, link: Link) -> None:
        if link != self.state.link:
            self.emit(events.LinkChanged(link))

    def opened(self, opened: Opened) -> None:
        self._stream_features = opened.features
        self._max_bytes = opened.max_bytes or MAX_BYTES

    async def synchronise(self) -> None:
        # A session that broke off before the features had all they need is as good as new.
        is_new, self._is_synchronised = not self._is_synchronised, False
        for handler in self._handlers:
            await self._guarded(handler.online() if is_new else handler.resumed())
        self._send_given_up()
        self._is_synchronised = self.is_online

    def went_online(self) -> None:
        self._outbox.flush()

    async def say_last_words(self) -> None:
        for question in self._questions:
            question.cancel()
        await asyncio.gather(*self._questions, return_exceptions=True)
        # Whoever asked has been woken before us, and says so to whom it asked for.
        await asyncio.sleep(0)
        for handler in self._handlers:
            await self._guarded(handler.leaving())

    @property
    def has_unconfirmed(self) -> bool:
        return self._management.can_resume and self._outbox.is_unconfirmed

    def link_gone(self, error: TermxmppError | None) -> None:
        self._processor.unbound(error)
        self._outbox.link_lost(
            can_resume=self._management.can_resume,
            had_management=self._management.was_enabled,
        )

    # What the connection tells (`xmpp.connection.ConnectionObserver`).

    def step(self, text: str) -> None:
        self.link_is(Link(Phase.CONNECTING, step=text))

    def lost(self, error: TermxmppError | None) -> None:
        self._uplink.lost(error)

    def bound(self, opened: Opened) -> None:
        self._jid = opened.jid
        self._uplink.bound()
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
        text = self._shown_xml.lines(element, is_ours=is_ours) if self._shown_xml else ""
        if text:
            self.emit(events.NoticeGiven(Notice(text, self.now())))

    # What the world and the user do besides.

    def settle(self) -> None:
        """Make durable what has happened: the screen is about to show it."""
        self._records.commit()

    def first_since(self, peer: Jid, at: datetime) -> Message | None:
        return self.recall.first_since(peer, at)

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
        self._uplink.flush()

    def world_changed(self) -> None:
        """The machine has slept, or its network is another: prove the link, or replace it."""
        self._uplink.world_changed()

    def nothing_is_confirmed(self, words: str) -> None:
        """The server has confirmed nothing for too long: another connection, at once.

        One that has gone on with the session, and nothing more, never will.
        """
        if self._management.is_mute:
            self._management.end()
        self.link_is_dead(words)

    def link_is_dead(self, words: str) -> None:
        """The server gave no sign of life: another connection, at once."""
        self._uplink.is_dead(words)

    def show_xml(self, wanted: Traffic | None) -> None:
        """Show the stanzas that are `wanted` in the console, or none any longer."""
        self._shown_xml = wanted

    def send_xml(self, text: str) -> None:
        """Send the stanza that `text` is; UserError if it is none."""
        self.send(stanzas.from_xml(text, id=self.new_id()))

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

    async def prove(self, timeout: float) -> None:
        """Wait until the server has confirmed all that was sent (`Server.prove`)."""
        await self._uplink.prove(timeout)

    async def _request(self, stanza: Outgoing) -> IncomingIq:
        self._online()
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

    def _online(self) -> Server:
        """The server; ConnectionFailed if there is none."""
        server = self._uplink.server
        if server is None:
            raise ConnectionFailed(
                _("{account} is not online: /connect first.").format(account=self.account.bare)
            )
        return server
