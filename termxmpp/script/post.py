"""The messages of a script on their way: to whom, and what is known of each.

Each recipient has a queue of its own, so that nobody waits for anybody else: for a room to let us
in, say. What counts as sent is as `--wait` says; in a room it is that the room shows it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from termxmpp.core.jid import Jid
from termxmpp.errors import ConnectionFailed, DataError, OutputError, RemoteError, TermxmppError
from termxmpp.script.letters import Letter, Manner, Post
from termxmpp.script.link import Link
from termxmpp.script.recipients import Recipient
from termxmpp.script.report import BOUNCED, UNPROVEN, Delivery, Outcome, Refused, Report
from termxmpp.words import _
from termxmpp.xmpp import errands, stanzas
from termxmpp.xmpp.bounces import bounce_reason
from termxmpp.xmpp.hooks import StanzaHandler, on_message, on_presence
from termxmpp.xmpp.ids import OriginIdPayload
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.receipts import ReceivedPayload
from termxmpp.xmpp.stanzas import IncomingMessage, IncomingPresence, Outgoing

if TYPE_CHECKING:
    from termxmpp.script.rooms import Rooms

__all__ = ["PostOffice"]

# So many messages to one recipient may be under way; standard input is read no further then.
WINDOW = 200

# Where lines come without end, so many of which were told are still known, should they bounce.
REMEMBERED = 1000

# What a recipient is, its server says within this (seconds); else it counts as no room. A room
# that was not known as one refuses what it gets.
KIND_PATIENCE = 5.0


class PostOffice(StanzaHandler):
    """Takes messages for `recipients` to `link`, and tells `report` what they come to.

    `is_by_line`: there is no end of them in sight, so that each is told as soon as it is settled.
    `on_change` is called whenever something is known that was not. `problem` is what ends
    the whole run.
    """

    def __init__(
        self,
        link: Link,
        report: Report,
        manner: Manner,
        *,
        is_by_line: bool,
        on_change: Callable[[], None],
    ) -> None:
        super().__init__()
        self._link = link
        self._report = report
        self._manner = manner
        self._is_by_line = is_by_line
        self._on_change = on_change
        self._posts: list[Post] = []
        self._letters: dict[str, Letter] = {}
        self._in_flight: dict[str, Letter] = {}
        self._told: OrderedDict[str, Letter] = OrderedDict()
        self._rooms: Rooms | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_proving = False
        self.has_written = False
        self.problem: BaseException | None = None
        link.attend(self, [self])

    @property
    def recipients(self) -> list[Recipient]:
        """Those who get what is written."""
        return [post.recipient for post in self._posts]

    def add(self, recipient: Recipient) -> None:
        """Take one more recipient."""
        self._posts.append(Post(recipient, recipient.type or self._manner.type))

    def write(self, text: str, payloads: Sequence[Payload] = ()) -> None:
        """Take a message for every recipient."""
        for post in self._posts:
            self._write(post, text, payloads)

    def write_each(self, text: str | None) -> None:
        """Take a message for every recipient: `text`, or with None that of its own link."""
        for post in self._posts:
            own = post.recipient.text if text is None else text
            if own is not None:
                self._write(post, own)

    def go(self, stanza: Outgoing, to: Jid, text: str) -> None:
        """Send `stanza`, which is whole already, and follow it as any other."""
        post = Post(Recipient(str(to), to), "chat")
        letter = Letter(post, text, ())
        letter.id = errands.id_of(stanza)
        self.has_written = True
        self._letters[letter.id] = letter
        post.open += 1
        self._sent(letter, stanza)
        self._prove_soon()

    @property
    def has_room(self) -> bool:
        """Whether more may be written now."""
        return all(post.open < WINDOW for post in self._posts)

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing to wait for."""
        return all(letter.is_settled for letter in self._letters.values())

    @property
    def has_all_left(self) -> bool:
        """Whether nothing waits that could still leave."""
        return not any(post.waiting for post in self._posts)

    @property
    def is_dead(self) -> bool:
        """Whether nobody is left who would get anything."""
        return all(post.refusal is not None for post in self._posts)

    @property
    def has_unproven(self) -> bool:
        """Whether something has left that the server has not taken."""
        return bool(self._in_flight)

    def give_up(self) -> None:
        """Who has let nothing be known for too long gets nothing more."""
        words = _("there was no answer for {timeout:g} s").format(timeout=self._manner.timeout)
        for post in self._posts:
            if post.open:
                post.refusal = ConnectionFailed(words)
        for letter in list(self._letters.values()):
            if not letter.is_settled:
                letter.reason = letter.reason or words
                self._finish(letter)
        for post in self._posts:
            post.waiting.clear()

    def leave(self) -> None:
        """Leave the rooms; whatever comes still counts."""
        for task in self._tasks:
            task.cancel()
        if self._rooms is not None and self._link.is_open:
            self._rooms.leave_all()

    def tell_all(self) -> None:
        """Tell what is known of each message that has not been told."""
        letters, self._letters = self._letters, {}
        for letter in letters.values():
            if self._manner.waits_for == "none" and letter.outcome is Outcome.UNKNOWN:
                letter.outcome = Outcome.GIVEN
            self._report.tell(letter.delivery())

    def tell_unsent(self, text: str | None, status: int) -> None:
        """Tell of `text`, or with None of that of each link, that nobody got it."""
        for post in self._posts:
            own = post.recipient.text if text is None else text
            if own is not None:
                to = str(post.recipient.jid)
                self._report.tell(Delivery(to, own, "", Outcome.UNSENT, status))

    # What the link tells (`link.Listener`).

    def taken(self, ids: Iterable[str]) -> None:
        for each in ids:
            letter = self._in_flight.pop(each, None)
            if letter is None or letter.outcome in (Outcome.BOUNCED, Outcome.PROVEN):
                continue
            if self._manner.waits_for == "receipt" and letter.post.type != "groupchat":
                letter.reason = _("the server has it; the recipient has not confirmed it")
            elif letter.post.is_room and letter.post.type == "groupchat":
                letter.reason = _("the server has it; the room has not shown it")
            else:
                self._settle(letter, Outcome.PROVEN)
        self._on_change()

    def forgotten(self) -> None:
        if self._rooms is not None:
            self._rooms.forget()
        for post in self._posts:
            post.is_ready = False
        for letter in list(self._in_flight.values()):
            letter.reason = _("the connection broke before the server had confirmed it")
            self._finish(letter)
        self._in_flight.clear()

    def changed(self) -> None:
        if self._link.is_open:
            for post in self._posts:
                if post.is_ready:
                    self._flush(post)
                elif post.refusal is None:
                    self._spawn(self._make_ready(post))
            self._prove_soon()
        self._on_change()

    # What recipients and servers say.

    @on_message("error")
    def bounce(self, message: IncomingMessage) -> bool:
        """One of ours came back (RFC 6120 §8.3)."""
        letter = self._letters.get(message.id) or self._told.get(message.id)
        if letter is None or not _is_from(message, letter.post.to):
            return False
        words = None
        if letter.post.is_room:
            from termxmpp.xmpp.muc_words import BOUNCES_OF_OCCUPANTS, BOUNCES_OF_ROOMS

            is_to_all = letter.post.type == "groupchat"
            words = BOUNCES_OF_ROOMS if is_to_all else BOUNCES_OF_OCCUPANTS
        letter.reason = bounce_reason(message.error, words)
        letter.status = BOUNCED
        if self._told.pop(letter.id, None) is not None:
            letter.outcome = Outcome.BOUNCED
            self._tell(letter)
        else:
            self._settle(letter, Outcome.BOUNCED)
        self._on_change()
        return True

    @on_presence("error")
    def refused(self, presence: IncomingPresence) -> bool:
        """A presence of ours came back, which was written by hand."""
        letter = self._letters.get(presence.id)
        if letter is None or presence.sender is None:
            return False
        letter.reason, letter.status = bounce_reason(presence.error), BOUNCED
        self._settle(letter, Outcome.BOUNCED)
        self._on_change()
        return True

    @on_message("groupchat")
    def reflected(self, message: IncomingMessage) -> bool:
        """A room shows what we have said (XEP-0045 §7.4)."""
        sender = message.sender
        if sender is None or self._rooms is None:
            return False
        if sender.resource != self._rooms.nick_in(sender.bare):
            return False
        origin = message.get(OriginIdPayload)
        names = (message.id, origin.id if origin is not None else "")
        letter = next((self._letters[each] for each in names if each in self._letters), None)
        if letter is not None and letter.post.to == sender.bare:
            self._settle(letter, Outcome.PROVEN)
            self._on_change()
        return True

    @on_message(payload=ReceivedPayload)
    def received(self, message: IncomingMessage) -> bool:
        """The recipient has it (XEP-0184)."""
        receipt = message.get(ReceivedPayload)
        letter = self._letters.get(receipt.id) if receipt is not None else None
        if letter is not None and _is_from(message, letter.post.to):
            self._settle(letter, Outcome.PROVEN)
            self._on_change()
        return True

    def _write(self, post: Post, text: str, payloads: Sequence[Payload] = ()) -> None:
        if not text.strip():
            return
        self.has_written = True
        letter = Letter(post, text, payloads)
        self._letters[letter.id] = letter
        post.open += 1
        excess = stanzas.size(text) - self._link.longest_text
        if excess > 0:
            words = _("the text is too long for one message by {excess} bytes of {limit}")
            letter.reason = words.format(excess=excess, limit=self._link.longest_text)
            letter.status = DataError.exit_status
            self._finish(letter)
        elif post.refusal is not None:
            self._refuse(letter, post.refusal)
        else:
            post.waiting.append(letter)
            self._flush(post)

    def _flush(self, post: Post) -> None:
        """Send what waits for this recipient, if it can leave."""
        if not (post.is_ready and self._link.is_open):
            return
        while post.waiting:
            letter = post.waiting[0]
            subject = post.recipient.subject or self._manner.subject
            stanza = errands.letter(
                post.to,
                letter.text,
                id=letter.id,
                type=post.type,
                subject=subject,
                wants_receipt=self._manner.waits_for == "receipt" and post.type != "groupchat",
                is_to_occupant=post.is_room and post.type != "groupchat",
                payloads=letter.payloads,
            )
            try:
                self._sent(letter, stanza)
            except ConnectionFailed:
                return
            post.waiting.popleft()
        self._prove_soon()

    def _sent(self, letter: Letter, stanza: Outgoing) -> None:
        self._link.send(stanza)
        letter.outcome = Outcome.UNKNOWN
        self._in_flight[letter.id] = letter
        if self._manner.waits_for == "none" and not self._is_by_line:
            letter.outcome = Outcome.GIVEN

    def _settle(self, letter: Letter, outcome: Outcome) -> None:
        """`outcome` is known of a letter; what is proven can still bounce."""
        was_settled, letter.outcome = letter.is_settled, outcome
        if outcome is Outcome.PROVEN:
            letter.reason = ""
        if not was_settled:
            self._done(letter)

    def _finish(self, letter: Letter) -> None:
        if not letter.is_settled:
            letter.is_final = True
            self._done(letter)

    def _done(self, letter: Letter) -> None:
        letter.post.open -= 1
        if self._is_by_line and self._letters.pop(letter.id, None) is not None:
            self._tell(letter)
            self._told[letter.id] = letter
            if len(self._told) > REMEMBERED:
                self._told.popitem(last=False)

    def _tell(self, letter: Letter) -> None:
        """Tell of it now; where nobody listens any more, there is nothing more to do."""
        try:
            self._report.tell(letter.delivery())
        except (OSError, OutputError) as error:
            self.problem = error
            self._link.abort()

    def _refuse(self, letter: Letter, error: TermxmppError) -> None:
        letter.reason = str(error)
        letter.status = error.exit_status if error.exit_status == BOUNCED else UNPROVEN
        self._finish(letter)

    def _out(self, room: Jid, words: str) -> None:
        """A room has put us out: nothing more goes there, and nothing will be shown."""
        for post in self._posts:
            if not (post.is_room and post.to.bare == room):
                continue
            post.refusal = Refused(words)
            for letter in list(self._letters.values()):
                if letter.post is post and letter.outcome is Outcome.UNSENT:
                    self._refuse(letter, post.refusal)
                elif letter.post is post and not letter.is_settled:
                    letter.reason = words
                    self._finish(letter)
            post.waiting.clear()
        self._on_change()

    async def _make_ready(self, post: Post) -> None:
        """Find out what the recipient is, and enter it if it is a room."""
        try:
            if not post.is_room:
                post.is_room = await self._is_room(post)
            if post.is_room:
                await self._enter(post)
            post.type = post.type or "chat"
        except ConnectionFailed:
            # The next link, if there is one, goes on with it.
            return
        except TermxmppError as error:
            post.refusal = error
            while post.waiting:
                self._refuse(post.waiting.popleft(), error)
        else:
            post.is_ready = True
            self._flush(post)
        self._on_change()

    async def _is_room(self, post: Post) -> bool:
        """Whether the recipient is a room, or somebody in one."""
        if post.recipient.joins or post.type == "groupchat":
            return True
        jid = post.recipient.jid
        if post.type or not jid.local:
            return False
        question = errands.kind_query(jid.bare, id=secrets.token_urlsafe(12))
        try:
            patience = min(self._manner.timeout / 2, KIND_PATIENCE)
            answer = await self._link.request(question, patience)
        except RemoteError:
            return False
        kind = answer.get(errands.KindPayload)
        return kind is not None and kind.is_room

    async def _enter(self, post: Post) -> None:
        # Few scripts write to rooms, and they are half of what there is to load.
        if self._rooms is None:
            from termxmpp.script.rooms import Rooms

            self._rooms = Rooms(self._link.send, self._out)
            self._link.attend(self, [self, self._rooms])
        recipient = post.recipient
        if not recipient.jid.resource or recipient.joins:
            post.type = "groupchat"
        nick = self._manner.nick or self._link.account.local or "termxmpp"
        password = recipient.password or self._manner.room_password
        await self._rooms.enter(recipient.jid.bare, nick, password, self._manner.timeout)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.problem = task.exception()
            self._on_change()

    def _prove_soon(self) -> None:
        """Ask the server for its word on all that is under way."""
        if self._in_flight and not self._is_proving and self._link.is_open:
            self._is_proving = True
            self._spawn(self._prove())

    async def _prove(self) -> None:
        try:
            while asked := list(self._in_flight):
                await self._link.prove()
                self.taken(asked)
        except (ConnectionFailed, RemoteError):
            # Who waits for it notices.
            pass
        finally:
            self._is_proving = False


def _is_from(message: IncomingMessage, recipient: Jid) -> bool:
    """Whether `recipient` says it, or a server for it."""
    sender = message.sender
    return sender is None or sender.bare == recipient.bare or not sender.local
