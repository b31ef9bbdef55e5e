"""Answers of programs: to whom one may be given, and what became of each."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from termxmpp.client import Client
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Route
from termxmpp.core.text import one_line
from termxmpp.errors import TermxmppError
from termxmpp.words import _

__all__ = ["MANY", "Replies"]

# With so many on their way no further program is to be begun.
MOST_OPEN = 100

# Two programs that answer each other do so without end: more answers to one than this within so
# much time are left out.
MANY, SOON = 30, timedelta(seconds=60)

# At the end it is waited so long for those on their way (seconds).
LAST_PROOF = 10.0

_CONFIRMED = frozenset({Fate.ACKNOWLEDGED, Fate.RECEIVED, Fate.READ})


class Replies:
    """The answers of `client` to messages; their fates go to `tell`, problems to `complain`."""

    def __init__(
        self,
        client: Client,
        tell: Callable[[dict[str, Any]], None],
        complain: Callable[[str], None],
    ) -> None:
        self._client = client
        self._tell = tell
        self._complain = complain
        self._open: dict[str, Jid] = {}
        self._settled = asyncio.Event()
        self._answered: dict[Jid, deque[datetime]] = {}

    @property
    def is_full(self) -> bool:
        """Whether more are on their way than should be."""
        return len(self._open) >= MOST_OPEN

    def answer(self, peer: Jid, message: Message, text: str, type: str) -> None:
        """Answer `message`, of that `type`, with `text` where it was said; or not, for a reason.

        Nobody answers headlines (RFC 6121 §5.2.2), nor what a room tells of old times.
        """
        is_old = message.is_groupchat and (message.is_delayed or message.route is not Route.LIVE)
        if is_old or type == "headline" or message.is_own or self._is_too_often(peer):
            return
        try:
            message_id = self._client.write(peer, text)
        except TermxmppError as error:
            self._tell_fate(peer, "", Fate.FAILED, str(error))
        else:
            self._open[message_id] = peer

    def fate_changed(self, message_id: str, fate: Fate, reason: str) -> None:
        """News of a message of ours, which may be an answer."""
        if message_id in self._open and (fate in _CONFIRMED or fate is Fate.FAILED):
            self._tell_fate(self._open.pop(message_id), message_id, fate, reason)
            self._settled.set()

    async def end(self) -> None:
        """Wait until the fate of each is known, for a short time; tell of the others."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_PROOF):
                while self._open and self._client.is_online:
                    self._settled.clear()
                    await self._settled.wait()
        for message_id, to in self._open.items():
            self._tell_fate(to, message_id, None, _("it is sent at the next start"))
        self._open.clear()

    def _is_too_often(self, peer: Jid) -> bool:
        now, times = self._client.now(), self._answered.setdefault(peer, deque())
        while times and now - times[0] > SOON:
            times.popleft()
        if len(times) >= MANY:
            words = _("{jid} got {count} answers within a minute: no more for now.")
            self._complain(words.format(jid=one_line(str(peer), 60), count=MANY))
            return True
        times.append(now)
        return False

    def _tell_fate(self, to: Jid, message_id: str, fate: Fate | None, reason: str) -> None:
        if fate not in _CONFIRMED:
            words = _("The answer to {jid} was not sent: {reason}.")
            if fate is None:
                words = _("The answer to {jid} is not confirmed: {reason}.")
            self._complain(words.format(jid=one_line(str(to), 60), reason=one_line(reason, 300)))
        self._tell(
            {
                "kind": "reply",
                "time": self._client.now().isoformat(timespec="milliseconds"),
                "to": str(to),
                "id": message_id,
                "fate": fate.name.lower() if fate is not None else "unknown",
                "reason": reason,
            }
        )
