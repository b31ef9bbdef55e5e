"""The line mode over the workspace: what is typed goes in, what is new comes out."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from typing import Any

from termxmpp.client import Client
from termxmpp.core import events
from termxmpp.core.link import Phase
from termxmpp.core.message import Message, Notice
from termxmpp.plain.lines import (
    changed_lines,
    fate_line,
    message_lines,
    notice_lines,
    transfer_line,
    window_line,
)
from termxmpp.plain.terminal import LineTerminal
from termxmpp.words import _
from termxmpp.workspace import Window, Workspace

__all__ = ["Plain", "run_plain"]

# Ctrl-C twice within so many seconds asks to quit.
TWICE = 1.0

# How many messages are told of a conversation that is looked at for the first time.
RECENT = 10

# Of how many messages it is known how they were told, so that what becomes of them can be.
MOST_TOLD = 2000


class Plain:
    """`workspace` on the terminal of the descriptors `stdin` and `stdout`.

    A line that ends with a backslash goes on with the next one. Until `end` or the end of input
    `ended` is pending.
    """

    def __init__(self, workspace: Workspace, stdin: int, stdout: int) -> None:
        self.workspace = workspace
        loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[None] = loop.create_future()
        self.terminal = LineTerminal(stdin, stdout, self._typed, self.end)
        self._lines: list[str] = []
        self._begun = ""
        self._current: Window | None = None
        self._known: set[Window] = set()
        self._told: dict[tuple[Client, int | str], Message] = {}
        self._phases: dict[Client, Phase] = {}
        self._problem = ""
        self._answer: Callable[[str], None] | None = None
        self._interrupted_at = float("-inf")
        self._is_due = False
        workspace.observers.append(self._changed)
        workspace.on_quit = self.end
        workspace.on_fill = self._fill
        workspace.on_secret = self._ask_secret
        loop.add_signal_handler(signal.SIGINT, self._interrupted)
        loop.add_signal_handler(signal.SIGCONT, workspace.return_to_terminal)
        self._changed()

    def end(self) -> None:
        """Let `ended` be done."""
        if not self.ended.done():
            self.ended.set_result(None)

    def close(self) -> None:
        """Take leave of the workspace and of the terminal, with what is still to be told."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGCONT):
            loop.remove_signal_handler(number)
        self.workspace.observers.remove(self._changed)
        for client in self._phases:
            client.observers.remove(self._observe)
        self._tell()
        self.terminal.close()

    def _typed(self, line: str) -> None:
        if self._answer is not None:
            answer, self._answer = self._answer, None
            answer(line)
            return
        if line.endswith("\\") and not line.endswith("\\\\"):
            self._begun += line[:-1] + "\n"
            return
        text, self._begun = self._begun + line, ""
        if text.strip():
            self._problem = ""
            self.workspace.submit(text)

    def _interrupted(self) -> None:
        """Ctrl-C: what was typed is gone; twice, the user is asked."""
        now = asyncio.get_running_loop().time()
        was_busy = bool(self._begun) or self._answer is not None
        self.terminal.forget_typed()
        self.terminal.hide(is_hidden=False)
        self._begun = ""
        answer, self._answer = self._answer, None
        if answer is not None:
            answer("")
        elif now - self._interrupted_at < TWICE and not was_busy:
            self._say(_("Quit termxmpp? (y/n)"))
            self._answer = self._quit_or_not
        else:
            self._say(_("Ctrl-C again at once asks whether to quit."))
        self._interrupted_at = now

    def _quit_or_not(self, line: str) -> None:
        if line.strip().lower() in ("y", "yes"):
            self.end()
        else:
            self._say(_("Going on."))

    async def _ask_secret(self, question: str) -> str:
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def take(line: str) -> None:
            self.terminal.hide(is_hidden=False)
            if not answer.done():
                answer.set_result(line)

        self._say(question)
        self.terminal.hide(is_hidden=True)
        self._answer = take
        return await answer

    def _fill(self, text: str) -> None:
        """What would stand in the input line can only be shown."""
        self._say(*text.split("\n"))

    def _changed(self) -> None:
        for client in self.workspace.clients:
            if client not in self._phases:
                self._phases[client] = client.state.link.phase
                client.observers.append(self._observe)
        if self.workspace.current != self._current:
            self._current = self.workspace.current
            self._say(window_line(self._current), *self._recent(self._current))
        if self.workspace.problem != self._problem:
            self._say()

    def _recent(self, window: Window) -> list[str]:
        """The newest of what was said there, unless it was told already."""
        if window in self._known or window.peer is None:
            return []
        self._known.add(window)
        entries = [each for each in window.conversation.entries if isinstance(each, Message)]
        for message in entries:
            self._remember(window.client, message)
        return [
            line
            for message in entries[-RECENT:]
            for line in message_lines(window, message, is_here=True)
        ]

    def _observe(self, client: Client, event: events.Event) -> None:
        match event:
            case events.MessageReceived(peer, message) | events.MessageWritten(peer, message):
                self._said(Window(client, peer), message)
            case events.MessagesPlaced(peer, messages, unread) if unread:
                for message in messages[-len(unread) :]:
                    self._said(Window(client, peer), message)
            case events.MessageChanged(peer, message):
                window = Window(client, peer)
                before = self._remember(client, message)
                is_here = self._is_here(window)
                self._say(*changed_lines(window, message, before, is_here=is_here))
            case events.FateChanged(peer, message_id, fate, reason) if reason:
                window = Window(client, peer)
                self._say(fate_line(window, _text_of(window, message_id), fate, reason))
            case events.TransferMoved(transfer) if not transfer.done:
                self._say(transfer_line(transfer))
            case events.NoticeGiven(notice):
                if notice.is_error:
                    # The workspace calls it the problem too.
                    self._problem = notice.text
                self._say(*notice_lines(notice))
            case events.LinkChanged(link) if link.phase is not self._phases[client]:
                self._phases[client] = link.phase
                self._say(f"{client.state.account}: {link.words}")

    def _said(self, window: Window, message: Message) -> None:
        if message.is_text and message.act is None:
            self._remember(window.client, message)
            self._say(*message_lines(window, message, is_here=self._is_here(window)))

    def _remember(self, client: Client, message: Message) -> Message | None:
        """How `message` was told last, if that is known; from now on as it is."""
        key = client, message.key or message.id
        before = self._told.pop(key, None)
        self._told[key] = message
        if len(self._told) > MOST_TOLD:
            del self._told[next(iter(self._told))]
        return before

    def _is_here(self, window: Window) -> bool:
        return window == self.workspace.current

    def _say(self, *lines: str) -> None:
        """Tell `lines` at the end of this turn, when what they are about is in the records."""
        self._lines += lines
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._tell)

    def _tell(self) -> None:
        self._is_due = False
        self.workspace.settle()
        # Most problems have been told by then, since they are notices too.
        problem = self.workspace.problem
        if problem != self._problem:
            self._problem = problem
            if problem:
                now = self.workspace.current.client.now()
                self._lines += notice_lines(Notice(problem, now, is_error=True))
        lines, self._lines = self._lines, []
        for line in lines:
            self.terminal.write(line)


def _text_of(window: Window, message_id: str) -> str:
    for entry in reversed(window.conversation.entries):
        if isinstance(entry, Message) and entry.id == message_id:
            return entry.text
    return "…"


async def run_plain(workspace: Workspace) -> int:
    """Serve the terminal until the user quits or it is gone; the exit status."""
    asyncio.get_running_loop().set_exception_handler(_bug(workspace))
    plain = Plain(workspace, sys.stdin.fileno(), sys.stdout.fileno())
    try:
        await plain.ended
    finally:
        plain.close()
    return 0


def _bug(workspace: Workspace) -> Any:
    def tell(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Something of ours failed between two turns: one line here, the rest in the log."""
        loop.default_exception_handler(context)
        workspace.complain(_("That failed: a bug of termxmpp; the log has the details."))

    return tell
