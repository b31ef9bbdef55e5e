"""What the user says: from a text to a message in the records, on the screen and in the outbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from termxmpp.core import events
from termxmpp.core.files import SharedFile
from termxmpp.core.jid import Jid
from termxmpp.core.message import Act, Deed, Fate, Message, Reply, Route
from termxmpp.core.room import Room
from termxmpp.core.state import State
from termxmpp.errors import DataError, UserError
from termxmpp.outbox import Outbox
from termxmpp.words import _
from termxmpp.xmpp import stanzas

__all__ = ["Writer", "Writing"]


class Writer(Protocol):
    """The account that says it."""

    @property
    def jid(self) -> Jid: ...

    @property
    def state(self) -> State: ...

    @property
    def longest_text(self) -> int: ...

    def now(self) -> datetime: ...

    def new_id(self) -> str: ...

    def emit(self, event: events.Event) -> None: ...


class Writing:
    """The messages of `account`, which leave by `outbox`; see `feature.Context`."""

    def __init__(self, account: Writer, outbox: Outbox) -> None:
        self._account = account
        self._outbox = outbox

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
        """Say `text` to `peer`, with all that belongs to it; the id of the message.

        UserError where nothing may be said, or not so much of it.
        """
        account = self._account
        room = account.state.rooms.get(peer.bare)
        self._check(peer, room, text)
        is_groupchat = room is not None and peer == room.jid
        message_id = account.new_id()
        message = Message(
            message_id,
            room.me if room is not None and is_groupchat else account.jid,
            # As it will be sent; what is no text, SQLite would not take either.
            stanzas.xml_text(text),
            account.now(),
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
        account.emit(events.MessageWritten(peer, message))
        self._outbox.add(peer, message)
        return message_id

    def retract(self, peer: Jid, message: Message, words: str) -> None:
        """Take back `message` of ours to `peer`; `words` are for who can't."""
        # In a room by the id that the room gave, else by that of the stanza (XEP-0424 §6.1).
        target = message.reference if message.is_groupchat else message.id
        act = Act(Deed.RETRACTION, target or message.id)
        if not self._outbox.withdraw(message.id):
            self.write(peer, words, act=act)
            return
        retraction = replace(
            message,
            id=self._account.new_id(),
            text=words,
            at=self._account.now(),
            fate=Fate.ACKNOWLEDGED,
            key=0,
            rank=0,
            subject="",
            reply=None,
            act=act,
            files=(),
        )
        self._account.emit(events.MessageWritten(peer, retraction))

    def _check(self, peer: Jid, room: Room | None, text: str) -> None:
        """UserError where it can't be said to `peer`."""
        if room is not None and not room.is_wanted:
            raise UserError(_("You are not in {jid}: /join {jid} enters it.").format(jid=room.jid))
        blocked = self._account.state.block_of(peer)
        if blocked is not None:
            raise UserError(
                _("You have blocked {jid}: /unblock {jid} lets you write.").format(jid=blocked)
            )
        limit = self._account.longest_text
        excess = stanzas.size(text) - limit
        if excess > 0:
            raise DataError(
                _(
                    "The text is too long for one message by {excess} bytes of {limit}; "
                    "shorten it, or send it as a file."
                ).format(excess=excess, limit=limit)
            )
