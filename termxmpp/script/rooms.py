"""Rooms for as long as a script needs them (XEP-0045): entered, listened to, left.

A room that does not exist is not made: who sends to it has mistyped it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from termxmpp.core.jid import Jid
from termxmpp.errors import ConnectionFailed, RemoteError
from termxmpp.script.report import Refused
from termxmpp.words import _
from termxmpp.xmpp import errands
from termxmpp.xmpp.hooks import StanzaHandler, on_presence
from termxmpp.xmpp.muc import OccupantPayload, Status
from termxmpp.xmpp.muc_words import exit_of, refusal_of
from termxmpp.xmpp.stanzas import IncomingPresence, Outgoing

__all__ = ["Rooms"]

# Somebody who has our nick makes it longer by so many signs.
MOST_TAILS = 3

# What there is to be done about it, where a script does it.
_REFUSALS = {
    "not-authorized": _("it wants a password, or another one: --room-password-file has it"),
    "not-acceptable": _("another nick is reserved for you: --nick says which"),
    "conflict": _("{nick} is somebody else there: --nick gives another name"),
}


class Rooms(StanzaHandler):
    """The rooms that the script is in, or about to be; `send` sends a stanza.

    `on_out` is told of a room that has put us out, and why.
    """

    def __init__(
        self, send: Callable[[Outgoing], None], on_out: Callable[[Jid, str], None]
    ) -> None:
        super().__init__()
        self._send = send
        self._on_out = on_out
        self._entering: dict[Jid, asyncio.Future[str]] = {}
        self._nicks: dict[Jid, str] = {}
        self._passwords: dict[Jid, str] = {}

    def nick_in(self, room: Jid) -> str | None:
        """What we are called in `room`, None where we are not in."""
        future = self._entering.get(room)
        is_in = future is not None and future.done() and not future.cancelled()
        return self._nicks.get(room) if is_in else None

    async def enter(self, room: Jid, nick: str, password: str, timeout: float) -> None:
        """Be in `room`; at once where we are.

        Raises Refused where it does not let us in, RemoteError where it gives no answer in
        `timeout` seconds, ConnectionFailed where the link is lost before.
        """
        future = self._entering.get(room)
        if future is None:
            future = self._entering[room] = asyncio.get_running_loop().create_future()
            self._passwords[room] = password
            self._ask(room, nick)
        try:
            async with asyncio.timeout(timeout):
                await asyncio.shield(future)
        except TimeoutError:
            words = _("{room} gave no answer within {timeout:g} s.")
            raise RemoteError(words.format(room=room, timeout=timeout)) from None

    def leave_all(self) -> None:
        """Say good-bye to all of them."""
        for room, nick in self._nicks.items():
            if room in self._entering:
                self._send(errands.leave_room(Jid(room.local, room.domain, nick)))
        self._entering.clear()

    def forget(self) -> None:
        """There is no link any more: we are in none of them."""
        entering, self._entering = self._entering, {}
        for future in entering.values():
            if not future.done():
                future.set_exception(ConnectionFailed(_("The connection was closed.")))
                # Who waited for it may be gone.
                future.exception()

    @on_presence()
    def available(self, presence: IncomingPresence) -> bool:
        """We are in when the room tells us of ourselves (§7.2.2)."""
        found = self._of_room(presence)
        about = presence.get(OccupantPayload)
        if found is None or about is None or Status.SELF not in about.codes:
            return found is not None
        room, future = found
        if future.done():
            return True
        self._nicks[room] = presence.sender.resource if presence.sender else self._nicks[room]
        if Status.CREATED in about.codes:
            # It is there only since we asked for it.
            self._send(errands.destroy_room(room, id=secrets.token_urlsafe(12)))
            self._refuse(room, _("there is no such room"))
        else:
            future.set_result(self._nicks[room])
        return True

    @on_presence("unavailable")
    def unavailable(self, presence: IncomingPresence) -> bool:
        """We have another nick (§7.6), or are out."""
        found = self._of_room(presence)
        about = presence.get(OccupantPayload)
        if found is None or presence.sender is None or about is None:
            return found is not None
        room, __ = found
        if Status.SELF not in about.codes and presence.sender.resource != self._nicks.get(room):
            return True
        if Status.RENAMED in about.codes and about.nick:
            self._nicks[room] = about.nick
        else:
            self._entering.pop(room, None)
            self._on_out(room, exit_of(about)[0])
        return True

    @on_presence("error")
    def refused(self, presence: IncomingPresence) -> bool:
        """We are not let in (§7.2)."""
        found = self._of_room(presence)
        if found is None or found[1].done():
            return found is not None
        room, error, nick = found[0], presence.error, self._nicks[found[0]]
        condition = error.condition if error is not None else ""
        tails = len(nick) - len(nick.rstrip("_"))
        if condition == "conflict" and tails < MOST_TAILS:
            self._ask(room, f"{nick}_")
            return True
        words = refusal_of(error, room, nick)[0]
        if condition in _REFUSALS:
            words = _REFUSALS[condition].format(nick=nick)
        self._refuse(room, f"{words} ({condition})" if condition else words)
        return True

    def _of_room(self, presence: IncomingPresence) -> tuple[Jid, asyncio.Future[str]] | None:
        room = presence.sender.bare if presence.sender is not None else None
        future = self._entering.get(room) if room is not None else None
        return (room, future) if room is not None and future is not None else None

    def _ask(self, room: Jid, nick: str) -> None:
        occupant = Jid.parse(f"{room}/{nick}")
        self._nicks[room] = occupant.resource
        self._send(errands.enter_room(occupant, self._passwords[room]))

    def _refuse(self, room: Jid, words: str) -> None:
        future = self._entering.pop(room)
        future.set_exception(
            Refused(_("{room} does not let you in: {reason}.").format(room=room, reason=words))
        )
        future.exception()
