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
from dataclasses import field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from termxmpp.account_link import AccountLink, ConnectBy
from termxmpp.core import events
from termxmpp.core.disclosure import Disclosure
from termxmpp.core.files import SharedFile
from termxmpp.core.jid import Jid
from termxmpp.core.link import Phase
from termxmpp.core.mentions import marked
from termxmpp.core.message import Act, Message, Notice, Reply
from termxmpp.core.state import State
from termxmpp.errors import TermxmppError, UserError
from termxmpp.feature import Feature
from termxmpp.filling import Filled, Question
from termxmpp.outbox import Outbox
from termxmpp.recall import Recall
from termxmpp.store.records import Due, Records
from termxmpp.store.unstored import Unstored
from termxmpp.transfers.carrier import Carrier
from termxmpp.uplink import Server
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.writing import Writing
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.probe import Probe
from termxmpp.xmpp.processor import Processor
from termxmpp.xmpp.stanzas import IncomingIq, IncomingMessage, Outgoing

if TYPE_CHECKING:
    from termxmpp.transfers.web import Web

__all__ = ["Client", "Observer", "Server", "World"]

logger = logging.getLogger(__name__)

Observer = Callable[["Client", events.Event], None]


@dataclass(frozen=True, slots=True)
class World:
    """What a client needs of the world, so that tests can give it another one."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    new_id: Callable[[], str] = lambda: secrets.token_urlsafe(12)
    jitter: Callable[[], float] = field(default=lambda: random.uniform(0.8, 1.2))


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
    Files are carried over what `make_web` makes, if anything does. `is_behind_proxy` is asked
    before anything else is fetched.
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
        is_behind_proxy: Callable[[], bool] = lambda: False,
    ) -> None:
        self.account = jid
        self.state = State(jid)
        # A method that is chosen by its argument is made anew each time that it is looked up.
        self._apply = self.state.apply
        self.features = tuple(features)
        self.observers: list[Observer] = []
        self._world = world or World()
        self._probe_by = probe_by
        self.take_password = take_password
        self._is_behind_proxy = is_behind_proxy
        self._answer_timeout = answer_timeout
        self._handlers = [feature.handler(self) for feature in features if feature.handler]
        self._processor = Processor(self._handlers, on_bug=self._tell_error)
        self._records: Records = records or Unstored()
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
        self._writing = Writing(self, self._outbox)
        self.link = AccountLink(
            self,
            connect_by,
            self._handlers,
            self._processor,
            self._outbox,
            self._records,
            jitter=self._world.jitter,
            reconnects=reconnects,
            ping_interval=ping_interval,
        )
        self._is_active = True
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_checked = False
        self._records.watch(self._tell_error)
        for event in self._records.restore():
            self.state.apply(event)
        self._outbox.restore(
            self._records.pending(),
            self.link.management.unacknowledged,
            had_management=self.link.management.was_enabled,
            is_in_doubt=self._records.ended_badly,
        )

    # What features act by (`feature.Context`).

    @property
    def jid(self) -> Jid:
        return self.link.jid

    @property
    def is_online(self) -> bool:
        return self.link.is_online

    @property
    def is_behind_proxy(self) -> bool:
        return self._is_behind_proxy()

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
        return self.link.features

    @property
    def enabled(self) -> frozenset[str]:
        return self.link.enabled

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
            self._apply(news)
            self._outbox.observe(news)
            for handler in self._handlers:
                handler.happened(news)
            for observer in self.observers:
                observer(self, news)

    def send(self, stanza: Outgoing) -> None:
        self.link.server.send(stanza)

    def can_reach(self, peer: Jid) -> bool:
        room = self.state.rooms.get(peer.bare)
        return room is None or room.is_in

    @property
    def longest_text(self) -> int:
        """How many bytes the text of a message may have (`stanzas.size`)."""
        return self.link.longest_text

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
        return self._writing.write(
            peer,
            text,
            subject=subject,
            reply=reply,
            spoiler=spoiler,
            is_unstyled=is_unstyled,
            act=act,
            files=files,
        )

    def retract(self, peer: Jid, message: Message, words: str) -> None:
        self._writing.retract(peer, message, words)

    def send_element(self, element: Element) -> None:
        self.link.server.send_element(element)

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
        return await self.link.request(
            stanzas.iq_get(to, payload, id=self.new_id()), self._answer_timeout
        )

    async def set(self, to: Jid | None, payload: Payload) -> IncomingIq:
        return await self.link.request(
            stanzas.iq_set(to, payload, id=self.new_id()), self._answer_timeout
        )

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
        task = asyncio.get_running_loop().create_task(self.guarded(work))
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
        self.link.uplink.listen_anew(ping_interval, is_online=is_online)

    # The life of the link.

    @property
    def failure(self) -> TermxmppError | None:
        """Why the last link ended or never began."""
        return self.link.uplink.failure

    @property
    def ping_interval(self) -> float:
        return self.link.uplink.ping_interval

    def connect(self) -> None:
        """Be online from now on; while waiting for the next try, try at once."""
        if not self._is_checked:
            self._is_checked = True
            self.spawn(self._records.check())
        self.link.uplink.connect()

    async def disconnect(self) -> None:
        """Be offline from now on, leaving the server in good manners if it answers in time."""
        await self.link.uplink.disconnect()

    async def close(self) -> None:
        """End everything of this account."""
        await self.disconnect()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._records.close()

    # What the link needs (`account_link.Account`).

    @property
    def reads_archive(self) -> bool:
        return any(feature.reads_archive for feature in self.features)

    async def leave_questions(self) -> None:
        for question in self._questions:
            question.cancel()
        await asyncio.gather(*self._questions, return_exceptions=True)
        # Whoever asked has been woken before us, and says so to whom it asked for.
        await asyncio.sleep(0)

    async def guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except TermxmppError as error:
            self._tell_error(str(error))
        except Exception:
            logger.exception("a task of %s failed", self.account)
            self._tell_error(_("Something failed: a bug of termxmpp; the log has the details."))

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
        return self.link.management.is_enabled

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
        self.link.uplink.flush()

    def world_changed(self) -> None:
        """The machine has slept, or its network is another: prove the link, or replace it."""
        self.link.uplink.world_changed()

    def nothing_is_confirmed(self, words: str) -> None:
        """The server has confirmed nothing for too long: another connection, at once."""
        self.link.nothing_is_confirmed(words)

    def link_is_dead(self, words: str) -> None:
        """The server gave no sign of life: another connection, at once."""
        self.link.uplink.is_dead(words)

    def send_xml(self, text: str) -> None:
        """Send the stanza that `text` is; UserError if it is none."""
        self.send(stanzas.from_xml(text, id=self.new_id()))

    async def prove(self, timeout: float) -> None:
        """Wait until the server has confirmed all that was sent (`Server.prove`)."""
        await self.link.uplink.prove(timeout)

    def _has(self, news: events.MessageReceived) -> bool:
        """Whether the screen has the message already: another termxmpp recorded it first."""
        return self.state.has(news.peer, news.message.key)

    def _tell_error(self, text: str) -> None:
        self.emit(events.NoticeGiven(Notice(text, self.now(), is_error=True)))
