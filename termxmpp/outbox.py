"""Messages of ours on their way: queued, sent, and confirmed by the server.

A message is here from the moment the user wrote it until its fate is known; with a store, also
over the end of the process. What the screen shows of it is never more than what is proven, and
what may have arrived is sent again only when the archive has said that it did not. In a room
the server's word is not enough: only the room itself says that a message is there, by sending it
back, or in its archive.
"""

from __future__ import annotations

from collections.abc import Collection, Coroutine, Iterable
from typing import Any, Protocol

from termxmpp.core import quoting
from termxmpp.core.events import (
    CaughtUp,
    Event,
    FateChanged,
    ReadByPeer,
    RoomEntered,
    RoomLeft,
)
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message
from termxmpp.errors import ConnectionFailed, RemoteError, UserError
from termxmpp.store.records import Pending
from termxmpp.words import _
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.delay import DelayPayload
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.stanzas import Outgoing

__all__ = ["Outbox"]

# How long the server may take to confirm before the link counts as dead (seconds).
PROOF_TIMEOUT = 30.0

UNPROVEN = _("The server has not confirmed this message; it may not have arrived.")
UNREFLECTED = _("The room has not shown this message; it may not have arrived.")
RESENDABLE = _(" /resend sends it again.")
TOO_LATE = _("You left the room before it could be sent.")
WITHDRAWN = _("You took it back before it was sent.")


class Sender(Protocol):
    """What the outbox needs of its client."""

    @property
    def is_online(self) -> bool: ...

    def can_reach(self, peer: Jid) -> bool:
        """Whether what is sent to `peer` now can arrive: in a room only if we are in."""
        ...

    def emit(self, event: Event) -> None: ...

    def send(self, stanza: Outgoing) -> None: ...

    def payloads_for(self, peer: Jid, message: Message) -> Iterable[Payload]: ...

    async def prove(self, timeout: float) -> None: ...

    def nothing_is_confirmed(self, words: str) -> None: ...

    def spawn(self, work: Coroutine[Any, Any, None]) -> None: ...


class Outbox:
    """The messages of one account whose fate is open, in the order in which they were written.

    `_queued` have not left; `_sent` have, in the session that is or may be resumed; `_unproven`
    have left in one that is over, `_again` are those of them that are to leave once more, and
    `_told` is what has been said of them.
    `_taken` are those of `_sent` that the server has taken and a room has not shown yet.
    `_doubtful` are those of `_queued` that a killed run may have sent all the same.
    `_checking` are the archives that will be asked what has arrived: the rooms', and with None
    the account's own.
    """

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._queued: dict[str, Pending] = {}
        self._sent: dict[str, Pending] = {}
        self._unproven: dict[str, Pending] = {}
        self._again: set[str] = set()
        self._told: dict[str, str] = {}
        self._taken: set[str] = set()
        self._checking: set[Jid | None] = set()
        self._had_management = False
        self._doubtful: set[str] = set()
        self._is_proving = False

    def restore(
        self,
        pending: Iterable[Pending],
        in_session: Collection[str],
        *,
        had_management: bool,
        is_in_doubt: bool,
    ) -> None:
        """What an earlier run left; `in_session` are the ids that its session may still prove.

        `is_in_doubt`: the run may have sent what it could not note any more.
        """
        self._had_management = had_management
        for each in pending:
            if each.message.fate is Fate.QUEUED:
                self._queued[each.message.id] = each
            elif each.message.id in in_session:
                self._sent[each.message.id] = each
            else:
                self._unproven[each.message.id] = each
        if is_in_doubt:
            self._doubtful = set(self._queued)
        self._checking = self._unclear

    def add(self, peer: Jid, message: Message) -> None:
        """Take `message` to `peer`; it leaves now or as soon as it can arrive."""
        self._queued[message.id] = Pending(peer, message)
        self.flush()

    def resend(self, message_id: str) -> None:
        """Send a message again that nobody confirmed; UserError if there is none of that id."""
        if message_id not in self._unproven:
            raise UserError(
                _("The fate of that message is known, or will be: it is not sent again.")
            )
        self._requeue([message_id])
        self.flush()

    def withdraw(self, message_id: str) -> bool:
        """Let a message never leave, nor what corrects it; False if it may have left already."""
        may_have_left = self._again | self._doubtful
        if message_id not in self._queued or message_id in may_have_left:
            return False
        for each in list(self._queued.values()):
            act = each.message.act
            if message_id in (each.message.id, act.target if act is not None else None):
                self._sender.emit(FateChanged(each.peer, each.message.id, Fate.FAILED, WITHDRAWN))
        return True

    @property
    def is_unconfirmed(self) -> bool:
        """Whether something has left that the server may still confirm in this session."""
        return bool(self._unconfirmed())

    @property
    def unproven(self) -> list[str]:
        """The ids of messages that only the user can send again, oldest first."""
        return [
            message_id
            for message_id, each in self._unproven.items()
            if _archive_of(each) not in self._checking
        ]

    def flush(self) -> None:
        """Send what is queued, in order, unless something before it has to be cleared up.

        What can't leave holds up nothing that goes elsewhere.
        """
        if not self._sender.is_online:
            return
        unclear = self._unclear & self._checking
        for message_id, each in list(self._queued.items()):
            if _archive_of(each) in unclear or not self._sender.can_reach(each.peer):
                continue
            try:
                self._sender.send(self._stanza(each.peer, each.message))
            except ConnectionFailed:
                return
            self._sent[message_id] = self._queued.pop(message_id)
            self._sender.emit(FateChanged(each.peer, message_id, Fate.SENT))
        self.prove()

    def prove(self) -> None:
        """Ask the server for its word on all that is under way."""
        if self._unconfirmed() and not self._is_proving and self._sender.is_online:
            self._is_proving = True
            self._sender.spawn(self._prove())

    def acknowledged(self, message_ids: Iterable[str]) -> None:
        """The server has taken responsibility for these (XEP-0198 §4); others are ignored."""
        for message_id in message_ids:
            pending = self._sent.get(message_id) or self._unproven.get(message_id)
            if pending is None:
                continue
            if pending.message.is_groupchat:
                self._taken.add(message_id)
            else:
                self._sender.emit(FateChanged(pending.peer, message_id, Fate.ACKNOWLEDGED))

    def observe(self, event: Event) -> None:
        """Something happened: a message whose fate is known now is here no more."""
        match event:
            case FateChanged(_, message_id, fate) if fate not in (Fate.QUEUED, Fate.SENT):
                self._forget(message_id)
            case ReadByPeer(_, message_id):
                self._forget(message_id)
            case CaughtUp(is_complete, archive, has_archive):
                self._checked(archive, is_complete=is_complete, has_archive=has_archive)
            case RoomEntered():
                self.flush()
            case RoomLeft(room, is_for_good) if is_for_good:
                self._left(room)

    def link_lost(self, *, can_resume: bool, had_management: bool) -> None:
        """The link is gone; what was under way stays unknown, but for a session that goes on."""
        self._had_management = had_management
        if not can_resume:
            self._give_up_session()
            self._tell(self._unproven.keys() - self._told.keys())

    def session_started(
        self,
        *,
        is_resumed: bool,
        will_check: bool,
        is_in_doubt: bool,
        rooms: Collection[Jid] = (),
    ) -> None:
        """The session goes on, or a new one begins.

        `will_check`: the archive will be read, which tells what has arrived (`CaughtUp`), and so
        will those of `rooms`, which are entered again. `is_in_doubt`: it has not told yet since
        an earlier session, which may have been that of a process that was killed.
        """
        if is_resumed:
            # Its counters have shown that nothing was sent in it that was not noted.
            if not is_in_doubt:
                self._doubtful.clear()
            if None not in self._unclear:
                return
            self._checking = {None, *(_archive_of(self._queued[each]) for each in self._doubtful)}
        else:
            self._give_up_session()
            self._checking = {None, *rooms}
        if not will_check:
            self._checked(None, is_complete=False, has_archive=False)

    def _forget(self, message_id: str) -> None:
        for messages in (self._queued, self._sent, self._unproven):
            messages.pop(message_id, None)
        self._told.pop(message_id, None)
        self._taken.discard(message_id)
        self._doubtful.discard(message_id)

    def _give_up_session(self) -> None:
        """What was sent in the session will not be confirmed by it any more."""
        self._unproven |= self._sent
        self._sent = {}
        self._taken.clear()

    @property
    def _unclear(self) -> set[Jid | None]:
        """The archives that can tell of something whether it has arrived."""
        doubtful = [self._queued[message_id] for message_id in self._doubtful]
        return {_archive_of(each) for each in (*self._unproven.values(), *doubtful)}

    def _checked(self, archive: Jid | None, *, is_complete: bool, has_archive: bool) -> None:
        """What the archive does not have has not arrived, if it was read to its end.

        Where there is none, the count of the session before is the server's last word (XEP-0198
        §5): what it did not take is sent again. An archive that does not answer decides nothing.
        """
        self._checking.discard(archive)
        # A room without one has the last word on nothing, nor has anybody else.
        is_nowhere = archive is None and not has_archive
        self._clear_doubt(archive, is_decided=is_complete or is_nowhere)
        found = {
            message_id: each
            for message_id, each in self._unproven.items()
            if _archive_of(each) == archive
        }
        is_counted = self._had_management and is_nowhere
        if is_complete or is_counted:
            self._requeue(list(found))
        else:
            self._tell(found, RESENDABLE)
        if archive is None:
            self._had_management = False
        self.flush()

    def _clear_doubt(self, archive: Jid | None, *, is_decided: bool) -> None:
        """What a killed run may have sent has not left, or is as unproven as what it has noted."""
        for message_id in list(self._doubtful):
            if _archive_of(self._queued[message_id]) == archive:
                self._doubtful.discard(message_id)
                if not is_decided:
                    self._unproven[message_id] = self._queued.pop(message_id)

    def _tell(self, message_ids: Collection[str], hint: str = "") -> None:
        """Say of these that nobody knows what became of them, unless that has been said."""
        for message_id, each in list(self._unproven.items()):
            words = (UNREFLECTED if each.message.is_groupchat else UNPROVEN) + hint
            if message_id in message_ids and self._told.get(message_id) != words:
                self._told[message_id] = words
                self._sender.emit(FateChanged(each.peer, message_id, Fate.SENT, words))

    def _left(self, room: Jid) -> None:
        """We are not to be in `room` any more: nothing leaves for it, or will be shown there."""
        for message_id, each in list(self._queued.items()):
            if each.peer.bare == room:
                self._sender.emit(FateChanged(each.peer, message_id, Fate.FAILED, TOO_LATE))
        here = {key: each for key, each in self._sent.items() if _archive_of(each) == room}
        for message_id in here:
            del self._sent[message_id]
        self._unproven |= here
        self._checked(room, is_complete=False, has_archive=False)

    def _unconfirmed(self) -> list[str]:
        """The ids of what the server has not taken yet, as far as we know."""
        return [message_id for message_id in self._sent if message_id not in self._taken]

    def _requeue(self, message_ids: list[str]) -> None:
        """Let these leave again, before what has not left yet."""
        again = {message_id: self._unproven.pop(message_id) for message_id in message_ids}
        for message_id in again:
            self._told.pop(message_id, None)
        self._again |= again.keys()
        self._queued = again | self._queued

    def _stanza(self, peer: Jid, message: Message) -> Outgoing:
        payloads = list(self._sender.payloads_for(peer, message))
        if message.id in self._again:
            # It was written before, and is sent again (XEP-0198 §4, XEP-0203 §2).
            by = None if message.is_groupchat else message.author.bare
            payloads.append(DelayPayload(message.at, by))
        quotation = quoting.quoted(message.reply.text) if message.reply is not None else ""
        return stanzas.message(
            peer,
            f"{quotation}{message.text}" or None,
            id=message.id,
            type="groupchat" if message.is_groupchat else "chat",
            subject=message.subject or None,
            payloads=payloads,
        )

    async def _prove(self) -> None:
        """Ask for confirmation as long as something is sent and unconfirmed."""
        try:
            while asked := self._unconfirmed():
                await self._sender.prove(PROOF_TIMEOUT)
                self.acknowledged(asked)
        except ConnectionFailed:
            # The next link goes on with it.
            pass
        except RemoteError:
            self._sender.nothing_is_confirmed(_("The server has confirmed nothing for too long."))
        finally:
            self._is_proving = False


def _archive_of(pending: Pending) -> Jid | None:
    """The room whose archive tells whether it has arrived, None for the account's own."""
    return pending.peer if pending.message.is_groupchat else None
