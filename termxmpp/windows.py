"""The windows over all accounts, and which one is looked at: what comes into it is read.

They know what is looked at, but no terminal; a user interface observes them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from termxmpp.client import Client
from termxmpp.core import events
from termxmpp.core.message import Message, Notice
from termxmpp.errors import UserError
from termxmpp.window import Window
from termxmpp.words import _

__all__ = ["Windows"]


class Windows:
    """The windows of `clients`, in the order of the sidebar's numbers; `current` is looked at.

    `observers` are called whenever something shown may have changed, many times a turn under a
    flood; `alerts` for each message that comes in, with its window; `listeners` with each event of
    an account, after that. `selected` are the keys of the messages that the user has selected, by
    their windows; `scrolled_back` are those windows in which the newest messages are not seen.
    `problem` is the newest error for the status line.
    """

    def __init__(self, clients: Sequence[Client]) -> None:
        if not clients:
            raise ValueError("there is no window without an account")
        self.clients: tuple[Client, ...] = tuple(clients)
        self.observers: list[Callable[[], None]] = []
        self.alerts: list[Callable[[Window, Message], None]] = []
        self.listeners: list[Callable[[Client, events.Event], None]] = []
        self.windows: tuple[Window, ...] = tuple(
            window for client in self.clients for window in _windows_of(client)
        )
        self.current = self.windows[0]
        self.selected: dict[Window, int] = {}
        self.scrolled_back: set[Window] = set()
        self.problem = ""
        self._is_watched = True
        for client in self.clients:
            client.observers.append(self._observe)

    def show(self, window: Window) -> None:
        """Look at `window`, which is opened if need be."""
        if window.peer is not None and window not in self.windows:
            window.client.emit(events.ConversationOpened(window.peer))
        if window != self.current:
            self._compose(is_composing=False)
            self._leave(self.current)
            self.current = window
            # It was about what is not looked at any more.
            self.problem = ""
        self._read()
        self._changed()

    def step(self, by: int) -> None:
        """Look at the window `by` places further, around the end."""
        self.show(self.windows[(self._place() + by) % len(self.windows)])

    def go(self, number: int) -> None:
        if not 1 <= number <= len(self.windows):
            raise UserError(
                _("There is no window {number}: /win lists those there are.").format(number=number)
            )
        self.show(self.windows[number - 1])

    def find(self, name: str) -> None:
        wanted = name.casefold()
        for window in self.windows:
            address = str(window.peer or window.client.state.account)
            if wanted in (window.title.casefold(), address):
                self.show(window)
                return
        close = [window for window in self.windows if wanted in window.title.casefold()]
        if len(close) != 1:
            raise UserError(
                (
                    _("More than one window is called {name!r}: /win lists those there are.")
                    if close
                    else _("No window is called {name!r}: /win lists those there are.")
                ).format(name=name)
            )
        self.show(close[0])

    def next_unread(self) -> None:
        """Look at the next window with something unread, if there is one."""
        place = self._place()
        for window in (*self.windows[place + 1 :], *self.windows[:place]):
            if window.conversation.unread:
                self.show(window)
                return

    def close(self, window: Window) -> None:
        if window.peer is None:
            raise UserError(_("The console stays open; /quit ends termxmpp."))
        if window == self.current:
            place = self._place()
            self.show(self.windows[place - 1])
        window.client.emit(events.ConversationClosed(window.peer))

    def close_current(self) -> None:
        self.close(self.current)

    def set_watched(self, is_watched: bool) -> None:
        """Whether the terminal has the focus: only then is what comes in read."""
        self._is_watched = is_watched
        self._read()
        for client in self.clients:
            client.set_active(is_watched)

    def is_seen(self, window: Window) -> bool:
        """Whether what comes into `window` is on the screen, and somebody looks at that.

        A terminal that never says that it has lost the focus counts as looked at.
        """
        return window == self.current and self._is_watched

    def leave_terminal(self) -> None:
        """The program is about to be stopped: nobody looks, and the servers know by then."""
        self.set_watched(False)
        for client in self.clients:
            client.flush()

    def return_to_terminal(self) -> None:
        """The program goes on, after who knows how long."""
        self.set_watched(True)
        self.world_changed()

    def load_older(self) -> bool:
        """Take older messages of the conversation looked at from the records; if there are any.

        Where there are none any more, the archive may have them: then they come later.
        """
        window = self.current
        if window.peer is None:
            return False
        if window.shown.has_older:
            window.client.recall.load_older(window.peer)
            return True
        window.client.emit(events.OlderWanted(window.peer))
        return False

    def load_newer(self) -> bool:
        """Take newer messages than the part of the past looked at from the records."""
        window = self.current
        if window.peer is None or not window.shown.has_newer:
            return False
        window.client.recall.load_newer(window.peer)
        return True

    def set_at_end(self, *, is_at_end: bool) -> None:
        """Whether the newest messages of the window looked at are seen: only then is it read."""
        window = self.current
        if is_at_end == (window not in self.scrolled_back):
            return
        if is_at_end:
            self.scrolled_back.discard(window)
            if window.peer is not None:
                window.client.recall.leave_past(window.peer)
            self._forget(window)
            self._read()
        else:
            self.scrolled_back.add(window)
        self._changed()

    def settle(self) -> None:
        """Make durable what has happened: the screen is about to show it."""
        for client in self.clients:
            client.settle()

    def world_changed(self) -> None:
        """The machine has slept, or its network is another."""
        for client in self.clients:
            client.world_changed()

    def list_windows(self) -> Sequence[str]:
        return [
            f"{number:2}  {window.title}" + _unread_words(window.conversation.unread)
            for number, window in enumerate(self.windows, 1)
        ]

    def _add_windows(self, client: Client) -> None:
        """Show what `client` has, from now on."""
        client.observers.append(self._observe)
        self.windows = (*self.windows, *_windows_of(client))

    def _drop_windows(self, client: Client) -> None:
        """Show nothing of `client` any more, which is not the only one."""
        if self.current.client is client:
            self.show(next(each for each in self.windows if each.client is not client))
        client.observers.remove(self._observe)
        self.windows = tuple(each for each in self.windows if each.client is not client)
        self.selected = {
            window: key for window, key in self.selected.items() if window.client is not client
        }
        self.scrolled_back = {each for each in self.scrolled_back if each.client is not client}

    def _observe(self, client: Client, event: events.Event) -> None:
        self._follow(client, event)
        for listener in self.listeners:
            listener(client, event)

    def _follow(self, client: Client, event: events.Event) -> None:
        match event:
            case events.HistoryForgotten():
                return
            case events.ConversationOpened(peer) | events.MessageWritten(peer):
                self._open(Window(client, peer))
            case events.MessageReceived(peer, message):
                window = Window(client, peer)
                self._open(window)
                if window == self.current:
                    self._read(is_seen_coming=True)
                for alert in self.alerts:
                    alert(window, message)
            case events.MessagesPlaced(peer, _, unread) if unread:
                window = Window(client, peer)
                self._open(window)
                if window == self.current:
                    self._read()
            case events.MessageChanged(peer) | events.MentionAdded(peer) if (
                Window(client, peer) == self.current
            ):
                self._read()
            case events.ConversationClosed(peer):
                self.windows = tuple(each for each in self.windows if each != Window(client, peer))
            case events.Invited(invitation):
                self.problem = _("You are invited to {room}: /join {room} enters it.").format(
                    room=invitation.room
                )
            case events.LinkChanged(link) if link.problem:
                notice = Notice(link.problem, client.now(), is_error=True)
                client.emit(events.NoticeGiven(notice))
        match event:
            case (
                events.MessageReceived()
                | events.MessageWritten()
                | events.MessagesPlaced()
                | events.NoticeGiven()
                | events.NoticeFolded()
            ):
                self._forget(Window(client, event.peer))
        self._changed()

    def _forget(self, window: Window) -> None:
        """Keep no more at hand of a long conversation than is looked at or selected."""
        is_looked_at = window in self.scrolled_back or window in self.selected
        is_open = window.peer is None or window.peer in window.client.state.conversations
        if is_open and not is_looked_at and window.conversation.is_long:
            before = len(window.conversation.entries)
            window.client.recall.forget_older(window.peer)
            if window.conversation.is_long and len(window.conversation.entries) < before:
                asyncio.get_running_loop().call_soon(self._forget, window)

    def _open(self, window: Window) -> None:
        if window not in self.windows:
            self.windows = (*self.windows, window)

    def _read(self, *, is_seen_coming: bool = False) -> None:
        window = self.current
        is_seen = self._is_watched and window not in self.scrolled_back
        if window.peer is None or not is_seen:
            return
        if window.conversation.unread or window.conversation.is_changed:
            window.client.emit(events.ConversationRead(window.peer, is_seen_coming))

    def _compose(self, *, is_composing: bool) -> None:
        window = self.current
        if window.peer is not None:
            window.client.composing(window.peer, is_composing=is_composing)

    def _leave(self, window: Window) -> None:
        if window.peer is not None and window in self.windows:
            window.client.emit(events.ConversationLeft(window.peer))

    def _place(self) -> int:
        return self.windows.index(self.current)

    def _changed(self) -> None:
        for observer in self.observers:
            observer()


def _windows_of(client: Client) -> list[Window]:
    return [Window(client, peer) for peer in (None, *client.state.conversations)]


def _unread_words(unread: int) -> str:
    return "  " + _("({count} unread)").format(count=unread) if unread else ""
