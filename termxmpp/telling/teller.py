"""What of all that comes in is told, and how often.

A message is told at once, and then nothing for a second: what comes meanwhile is told together.
What was missed is told once, when it is all here. Nothing else waits for time, so nothing wakes
an idle program.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, time

from termxmpp.client import Client
from termxmpp.config import NotifyConfig, quiet_hours
from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.link import Phase
from termxmpp.core.message import Message, Route
from termxmpp.core.telling import is_wanted
from termxmpp.telling.news import News, Pending, Voice, news_of, summary
from termxmpp.workspace import Window, Workspace

__all__ = ["Teller", "is_quiet"]

# No more is told in so many seconds.
PAUSE = 1.0

# What was missed is all here when nothing more of it has come for so many seconds.
SETTLED = 2.0


def is_quiet(hours: tuple[time, time] | None, now: datetime) -> bool:
    """Whether the local time `now` lies in `hours`, which may go over midnight."""
    if hours is None:
        return False
    first, last = hours
    of_day = now.time()
    if first < last:
        return first <= of_day < last
    return of_day >= first or of_day < last


class Teller:
    """Tells what comes into `workspace` by the `voices`."""

    def __init__(self, workspace: Workspace, voices: Sequence[Voice]) -> None:
        self._workspace = workspace
        self._voices = tuple(voices)
        self._pending: dict[Window, Pending] = {}
        self._missed: dict[Window, Pending] = {}
        self._told: set[Window] = set()
        # Archives that have not told yet all that was missed.
        self._asked: set[tuple[Client, Jid | None]] = set()
        self._pause: asyncio.TimerHandle | None = None
        self._settled: asyncio.TimerHandle | None = None
        workspace.alerts.append(self._came)
        workspace.listeners.append(self._happened)

    def close(self) -> None:
        """Tell nothing any more."""
        self._workspace.alerts.remove(self._came)
        self._workspace.listeners.remove(self._happened)
        for handle in (self._pause, self._settled):
            if handle is not None:
                handle.cancel()
        for voice in self._voices:
            voice.close()

    # What comes.

    def _came(self, window: Window, message: Message) -> None:
        """A message has come in, and is on its way to the screen."""
        is_said = message.act is None and not message.is_own
        if not is_said or message.route is Route.HISTORY:
            return
        if message.route is Route.OFFLINE or message.is_delayed:
            self._miss(window, [message])
        elif self._wants(window, message):
            self._add(self._pending, window, message)
            if self._pause is None:
                self._tell_pending()

    def _happened(self, client: Client, event: events.Event) -> None:
        match event:
            case events.MessagesPlaced(peer, messages, unread) if unread:
                self._miss(Window(client, peer), [each for each in messages if each.key in unread])
            case events.MentionAdded(peer, key):
                message = client.state.message(peer, key)
                if message is not None:
                    self._came(Window(client, peer), message)
            case events.ConversationRead(peer) | events.ConversationClosed(peer):
                self._withdraw(Window(client, peer))
            case events.UnreadChanged(peer, 0):
                self._withdraw(Window(client, peer))
            case events.CatchUpBegun(archive):
                self._asked.add((client, archive))
            case events.CaughtUp(archive=archive):
                self._asked.discard((client, archive))
                self._wait_for_rest()
            case events.LinkChanged(link) if link.phase is not Phase.ONLINE:
                self._asked = {each for each in self._asked if each[0] is not client}
                self._wait_for_rest()

    def _wants(self, window: Window, message: Message) -> bool:
        if window.peer is None or self._workspace.is_seen(window):
            return False
        return is_wanted(
            window.client.state.telling_of(window.peer),
            window.client.now(),
            is_room=window.room is not None,
            is_mention=message.is_mention,
        )

    def _miss(self, window: Window, messages: Sequence[Message]) -> None:
        for message in messages:
            if self._wants(window, message):
                self._add(self._missed, window, message)
        self._wait_for_rest()

    def _add(self, to: dict[Window, Pending], window: Window, message: Message) -> None:
        known = to.get(window)
        to[window] = (
            known.followed_by(message) if known else Pending(1, message, message.is_mention)
        )

    def _withdraw(self, window: Window) -> None:
        """It has been read: nothing of it is news."""
        self._pending.pop(window, None)
        self._missed.pop(window, None)
        if window in self._told:
            self._told.discard(window)
            for voice in self._voices:
                voice.withdraw(window)

    # When it is told.

    def _wait_for_rest(self) -> None:
        if self._settled is not None:
            self._settled.cancel()
            self._settled = None
        if self._missed:
            loop = asyncio.get_running_loop()
            self._settled = loop.call_later(SETTLED, self._tell_missed)

    def _tell_missed(self) -> None:
        self._settled = None
        if self._asked:
            # More of it is to come; the end of that will be told.
            return
        for window, missed in self._missed.items():
            known = self._pending.get(window)
            count = missed.count + (known.count if known else 0)
            last = known.last if known else missed.last
            is_mention = missed.is_mention or (known is not None and known.is_mention)
            self._pending[window] = Pending(count, last, is_mention)
        self._missed.clear()
        if self._pause is None:
            self._tell_pending()

    def _tell_pending(self) -> None:
        """Tell what waits, if there is anything, and then nothing for a while."""
        self._pause = None
        pending, self._pending = self._pending, {}
        told = {window: each for window, each in pending.items() if self._is_news(window)}
        config = self._workspace.settings.config.notify
        if not told or self._is_quiet(config):
            return
        self._pause = asyncio.get_running_loop().call_later(PAUSE, self._tell_pending)
        news = _news(told, has_preview=config.preview)
        self._told.update(told)
        for voice in self._voices:
            voice.tell(news)

    def _is_news(self, window: Window) -> bool:
        return not self._workspace.is_seen(window)

    def _is_quiet(self, config: NotifyConfig) -> bool:
        now = self._workspace.clients[0].now().astimezone()
        return is_quiet(quiet_hours(config.quiet), now)


def _news(told: dict[Window, Pending], *, has_preview: bool) -> News:
    if len(told) == 1:
        [(window, pending)] = told.items()
        return news_of(window, pending, has_preview=has_preview)
    count = sum(each.count for each in told.values())
    return summary(count, len(told), is_mention=any(each.is_mention for each in told.values()))
