"""What an account does with its link: told by `Uplink` how it stands, by a connection what comes.

Here a session begins, goes on and is given up; what that means to messages is the outbox's matter,
what it means to features theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any, Protocol
from xml.etree.ElementTree import Element

from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.link import Link, Phase
from termxmpp.core.message import Notice
from termxmpp.core.state import State
from termxmpp.errors import ConnectionFailed, TermxmppError
from termxmpp.feature import Handler
from termxmpp.outbox import Outbox
from termxmpp.store.records import Records
from termxmpp.uplink import Server, Uplink
from termxmpp.words import _
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.connection import ConnectionObserver, Opened
from termxmpp.xmpp.processor import Processor
from termxmpp.xmpp.stanzas import IncomingIq, Outgoing
from termxmpp.xmpp.stream_management import StreamManagement
from termxmpp.xmpp.terms import longest_text
from termxmpp.xmpp.traffic import Traffic

__all__ = ["AccountLink", "ConnectBy"]

ConnectBy = Callable[[Processor, StreamManagement, ConnectionObserver], Server]


class Account(Protocol):
    """What is needed of the account."""

    @property
    def state(self) -> State: ...

    @property
    def reads_archive(self) -> bool:
        """Whether the archive will tell what of ours has arrived."""
        ...

    def now(self) -> datetime: ...

    def new_id(self) -> str: ...

    def emit(self, event: events.Event) -> None: ...

    def spawn(self, work: Coroutine[Any, Any, None]) -> None: ...

    async def guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Do `work`; what fails in it is told."""
        ...

    async def leave_questions(self) -> None:
        """Nobody will answer what is being asked."""
        ...


class AccountLink:
    """The link of `account`, whose `handlers` follow it.

    `connect_by` makes a `Server` for each try. `jid` is the full address that the server gave, or
    before that `account`'s own. `features` are the tags of what the server has offered behind the
    log-in, `enabled` the namespaces of what was enabled along with it. `longest_text` is how many
    bytes the text of a message may have (`stanzas.size`). `uplink` is when there is a link.
    """

    def __init__(
        self,
        account: Account,
        connect_by: ConnectBy,
        handlers: Sequence[Handler],
        processor: Processor,
        outbox: Outbox,
        records: Records,
        *,
        jitter: Callable[[], float],
        reconnects: bool,
        ping_interval: float,
    ) -> None:
        self.jid = account.state.account
        self.features: frozenset[str] = frozenset()
        self.enabled: frozenset[str] = frozenset()
        self.uplink = Uplink(
            self, jitter=jitter, reconnects=reconnects, ping_interval=ping_interval
        )
        self.management = StreamManagement(
            records, outbox.acknowledged, self._keep_given_up, resumes=reconnects
        )
        self._account = account
        self._connect_by = connect_by
        self._handlers = handlers
        self._processor = processor
        self._outbox = outbox
        self._records = records
        self._given_up: list[tuple[str, str]] = []
        self.longest_text = longest_text()
        self._is_synchronised = False
        self._shown_xml: Traffic | None = None

    @property
    def is_online(self) -> bool:
        return self.uplink.server is not None

    @property
    def server(self) -> Server:
        """The server; ConnectionFailed if there is none."""
        if self.uplink.server is None:
            raise self._offline()
        return self.uplink.server

    # What the uplink needs (`uplink.Linked`).

    def now(self) -> datetime:
        return self._account.now()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._account.spawn(work)

    def dial(self) -> Server:
        return self._connect_by(self._processor, self.management, self)

    def link_is(self, link: Link) -> None:
        if link != self._account.state.link:
            self._account.emit(events.LinkChanged(link))

    def opened(self, opened: Opened) -> None:
        self.features = opened.features
        self.longest_text = longest_text(opened.max_bytes)

    async def synchronise(self) -> None:
        # A session that broke off before the features had all they need is as good as new.
        is_new, self._is_synchronised = not self._is_synchronised, False
        for handler in self._handlers:
            await self._account.guarded(handler.online() if is_new else handler.resumed())
        self._send_given_up()
        self._is_synchronised = self.is_online

    def went_online(self) -> None:
        self._outbox.flush()

    async def say_last_words(self) -> None:
        await self._account.leave_questions()
        for handler in self._handlers:
            await self._account.guarded(handler.leaving())

    @property
    def has_unconfirmed(self) -> bool:
        return self.management.can_resume and self._outbox.is_unconfirmed

    def link_gone(self, error: TermxmppError | None) -> None:
        self._processor.unbound(error)
        self._outbox.link_lost(
            can_resume=self.management.can_resume,
            had_management=self.management.was_enabled,
        )

    # What the connection tells (`xmpp.connection.ConnectionObserver`).

    def step(self, text: str) -> None:
        self.link_is(Link(Phase.CONNECTING, step=text))

    def lost(self, error: TermxmppError | None) -> None:
        self.uplink.lost(error)

    def bound(self, opened: Opened) -> None:
        state = self._account.state
        self.jid = opened.jid
        self.uplink.bound()
        self.enabled = opened.enabled
        self._processor.bound(self.jid, Jid("", self.jid.domain))
        self._account.emit(events.SessionStarted(opened.jid, opened.is_resumed))
        self._outbox.session_started(
            is_resumed=opened.is_resumed,
            will_check=self._account.reads_archive,
            is_in_doubt=any(gap.holds_ours for gap in state.gaps),
            rooms=[room.jid for room in state.rooms.values() if room.is_wanted],
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
            self._account.emit(events.NoticeGiven(Notice(text, self._account.now())))

    # What the account and the user do with it.

    def show_xml(self, wanted: Traffic | None) -> None:
        """Show the stanzas that are `wanted` in the console, or none any longer."""
        self._shown_xml = wanted

    async def request(self, stanza: Outgoing, timeout: float) -> IncomingIq:
        """What `stanza` is answered; ConnectionFailed while offline, where nobody would."""
        if not self.is_online:
            raise self._offline()
        return await self._processor.request(stanza, timeout)

    def nothing_is_confirmed(self, words: str) -> None:
        """The server has confirmed nothing for too long: another connection, at once.

        One that has gone on with the session, and nothing more, never will.
        """
        if self.management.is_mute:
            self.management.end()
        self.uplink.is_dead(words)

    def _offline(self) -> ConnectionFailed:
        account = self._account.state.account.bare
        return ConnectionFailed(
            _("{account} is not online: /connect first.").format(account=account)
        )

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
            self.server.send(stanzas.from_xml(xml, id=stanza_id))
