"""What a feature is: a declaration that the client, disco, the help and the README read.

A feature is one module: payloads, a handler that turns stanzas into events, and commands. It
acts on the world by the verbs of `Context` only and touches no state.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol
from xml.etree.ElementTree import Element

from termxmpp.commands.registry import Command
from termxmpp.core.disclosure import Disclosure
from termxmpp.core.events import Event
from termxmpp.core.files import SharedFile
from termxmpp.core.jid import Jid
from termxmpp.core.message import Act, Mark, Message, Notice, Reply
from termxmpp.core.room import FoundRoom, Room
from termxmpp.core.state import State
from termxmpp.errors import UserError
from termxmpp.filling import Filled, Question
from termxmpp.standard import Standard
from termxmpp.store.records import Due
from termxmpp.transfers.carrier import Carrier
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.xmpp.hooks import StanzaHandler
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.stanzas import IncomingIq, IncomingMessage, Outgoing

__all__ = ["CommandContext", "Context", "Feature", "Handler"]


class Context(Protocol):
    """The account as a feature meets it."""

    @property
    def jid(self) -> Jid:
        """The full address that the server gave us, or the configured one before that."""
        ...

    @property
    def state(self) -> State:
        """What is known; to be read, never changed."""
        ...

    @property
    def is_online(self) -> bool:
        """Whether stanzas can be sent now."""
        ...

    @property
    def is_behind_proxy(self) -> bool:
        """Whether the user lets nothing of the account go but through a proxy."""
        ...

    @property
    def namespaces(self) -> tuple[str, ...]:
        """What the account's features announce, sorted."""
        ...

    def now(self) -> datetime:
        """The wall-clock time, aware."""
        ...

    def new_id(self) -> str:
        """A fresh id that nobody can guess."""
        ...

    def emit(self, event: Event) -> None:
        """Let `event` have happened: state first, then the observers."""
        ...

    def send(self, stanza: Outgoing) -> None:
        """Send `stanza` now; ConnectionFailed while offline."""
        ...

    def send_element(self, element: Element) -> None:
        """Send `element`, which is no stanza; ConnectionFailed while offline."""
        ...

    def take(self, message: IncomingMessage) -> None:
        """Offer a message that came inside another one to the features."""
        ...

    def presence_payloads(self) -> list[Payload]:
        """What the features put into our presence."""
        ...

    @property
    def is_active(self) -> bool:
        """Whether the user looks at the screen."""
        ...

    def resend(self, message_id: str) -> None:
        """Send a message again that nobody confirmed; UserError if it is none such."""
        ...

    @property
    def unproven(self) -> list[str]:
        """The ids of messages that were sent and never confirmed, oldest first."""
        ...

    @property
    def sends_markers(self) -> bool:
        """Whether contacts may know how far the user has read."""
        ...

    @property
    def sends_typing(self) -> bool:
        """Whether contacts may know that the user is writing to them."""
        ...

    @property
    def disclosure(self) -> Disclosure:
        """What else those who may see our presence may know."""
        ...

    @property
    def idle_since(self) -> datetime | None:
        """When the user was last there; None while that is not long ago."""
        ...

    @property
    def tells_comings(self) -> bool:
        """Whether the user wants to be told who comes into rooms and leaves them."""
        ...

    def markers_due(self) -> Sequence[Due]:
        """The newest message of each peer that was read here and wants that told (XEP-0333)."""
        ...

    def readings_due(self) -> Sequence[Due]:
        """How far each conversation was read here, by archive id, if not published (XEP-0490)."""
        ...

    @property
    def stream_features(self) -> frozenset[str]:
        """The tags of what the server offered behind the log-in (RFC 6120 §4.3.2)."""
        ...

    @property
    def enabled(self) -> frozenset[str]:
        """The namespaces of what the log-in itself has enabled (`Handler.at_bind`)."""
        ...

    def first_since(self, peer: Jid, at: datetime) -> Message | None:
        """The first message with `peer` that is here, of the time `at` or later."""
        ...

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
        """Put a message into the outbox, whose fate the conversation with `peer` shows.

        With an `act` it is the fate of the message that this is on. What `reply` quotes stands
        before `text` for those who don't know XEP-0461. Returns the message's id. UserError if
        `peer` is in a room, or is one, that was left, or is blocked; DataError if it is too long.
        """
        ...

    def retract(self, peer: Jid, message: Message, words: str) -> None:
        """Take back `message` of ours to `peer` (XEP-0424); `words` are for who can't.

        What has not left yet never does.
        """
        ...

    async def get(self, to: Jid | None, payload: Payload) -> IncomingIq:
        """Ask `to`; RemoteError where it refuses or stays silent."""
        ...

    async def set(self, to: Jid | None, payload: Payload) -> IncomingIq:
        """Order `to`; RemoteError where it refuses or stays silent."""
        ...

    async def ask(self, question: Question) -> Filled | None:
        """What the user answers to `question`, a form; None if it is given up.

        Forms are asked one after the other, whoever asks. UserError where none can be shown.
        """
        ...

    @property
    def carrier(self) -> Carrier:
        """What brings files to the web and saves them."""
        ...

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` beside; what it raises is told to the user."""
        ...


class Handler(StanzaHandler):
    """The base of the features' handlers: made once for each account."""

    def __init__(self, ctx: Context) -> None:
        super().__init__()
        self.ctx = ctx

    async def online(self) -> None:
        """A new session has just begun; called in the order of FEATURES."""

    async def resumed(self) -> None:
        """The session goes on over another connection; called in the order of FEATURES."""

    async def leaving(self) -> None:
        """The session is about to end in good order; called in the order of FEATURES."""

    def outgoing(self, peer: Jid, message: Message) -> Iterable[Payload]:
        """What belongs into `message` to `peer` besides its text."""
        return ()

    def in_presence(self) -> Iterable[Payload]:
        """What belongs into our presence."""
        return ()

    def at_bind(self) -> Iterable[Payload]:
        """What is to be enabled along with the log-in, where the server can (XEP-0386 §4.2)."""
        return ()

    def composing(self, peer: Jid, *, is_composing: bool) -> None:
        """The user is writing something to `peer`, or no longer; called with every key."""

    def attention(self, *, is_active: bool) -> None:
        """The user looks at the screen again, or no longer."""

    def appearance_changed(self) -> None:
        """`Context.disclosure` or `Context.idle_since` is another."""

    def happened(self, event: Event) -> None:
        """`event` has happened to the account; the state knows it already."""


async def _nobody_to_ask(question: str) -> str:
    """Where there is nobody who could type a password."""
    raise UserError(_("No password can be asked for here."))


@dataclass(frozen=True, slots=True)
class CommandContext:
    """Where a command was typed.

    `client` is the account concerned, `peer` the conversation (None in the console), `show`
    opens a conversation on the screen. `selected` is the key of the message that is selected.
    `fill` puts a text into the input, where the user goes on with it; `look_from` looks at the
    conversation from the message with that key on. `ask_secret` asks for a password, which nobody
    sees; UserError if none is given. `choose_room` shows rooms of which one can be entered, and
    tells whether it does.
    """

    client: Context
    peer: Jid | None
    show: Callable[[Jid], None]
    notice: Callable[[Notice], None]
    selected: int | None = None
    fill: Callable[[str], None] = lambda text: None
    look_from: Callable[[int], None] = lambda key: None
    ask_secret: Callable[[str], Awaitable[str]] = _nobody_to_ask
    choose_room: Callable[[Sequence[FoundRoom]], bool] = lambda rooms: False

    def message(
        self,
        number: int | None,
        fits: Callable[[Message], bool] = lambda message: True,
    ) -> Message:
        """The message that a command is about; UserError if there is none.

        That is number `number`, counted back from the newest; without one the selected one, or
        the newest that `fits`.
        """
        if self.peer is None:
            raise UserError(_("There are no messages in the console."))
        entries = self.client.state.conversation(self.peer).entries
        newest_first = [each for each in reversed(entries) if isinstance(each, Message)]
        if number is None and self.selected is not None:
            selected = self.client.state.message(self.peer, self.selected)
            if selected is not None:
                return selected
        if number is not None:
            if not 1 <= number <= len(newest_first):
                raise UserError(_("There is no message {number} here.").format(number=number))
            return newest_first[number - 1]
        for message in newest_first:
            if self.selected is None and fits(message):
                return message
        raise UserError(_("There is no message here that this could be about."))

    @property
    def here(self) -> Jid:
        """The conversation; UserError in the console."""
        if self.peer is None:
            raise UserError(_("This is no conversation: /msg JID opens one."))
        return self.peer

    def room(self, jid: Jid | None = None) -> Room:
        """The room named, or that of the conversation; UserError if we know none such."""
        wanted = jid or self.peer
        found = self.client.state.rooms.get(wanted.bare) if wanted is not None else None
        if found is None:
            what = (
                _("{jid} is no room that you know: /join ROOM enters one.")
                if jid
                else _("This is no room: /join ROOM enters one.")
            )
            raise UserError(what.format(jid=jid))
        return found

    def entered_room(self, jid: Jid | None = None) -> Room:
        """The same, but UserError also if we are not in it."""
        found = self.room(jid)
        if not found.is_in:
            raise UserError(_("You are not in {jid}: /join {jid} enters it.").format(jid=found.jid))
        return found

    def tell(self, text: str, *, is_error: bool = False, mark: Mark | None = None) -> None:
        """Answer the user, where the command was typed; what is marked as wrong is an error."""
        is_error = is_error or mark is Mark.WRONG
        self.notice(Notice(text, self.client.now(), is_error, mark=mark))


@dataclass(frozen=True, slots=True)
class Feature:
    """One XEP or RFC chapter: its name, what it announces, and what it does.

    `namespaces` are announced in disco#info (XEP-0030). `spec` is `XEP-0092` or `RFC 6121 §2`.
    `reads_archive`: it tells by `CaughtUp` what of ours the server's archive holds. Where it is
    switched off, it must not be announced: `is_announced` tells. `version`,
    `note` and `is_partial` are those of `Standard`.
    """

    spec: str
    title: str
    namespaces: tuple[str, ...] = ()
    handler: Callable[[Context], Handler] | None = None
    commands: tuple[Command, ...] = ()
    reads_archive: bool = False
    is_announced: Callable[[Context], bool] = lambda ctx: True
    version: str = ""
    note: str = ""
    is_partial: bool = False

    @property
    def standard(self) -> Standard:
        """What it keeps to."""
        return Standard(self.spec, self.title, self.version, self.note, self.is_partial)
