"""The line mode over the workspace: what is typed goes in, what is new comes out."""

from __future__ import annotations

import asyncio
import locale
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from termxmpp.client import Client
from termxmpp.core import events
from termxmpp.core.link import Phase
from termxmpp.core.message import Message, Notice
from termxmpp.doctor.terminal import TerminalFacts, between
from termxmpp.filling import Filled, Question
from termxmpp.line_forms import Asking, ask_form
from termxmpp.plain.company import Company
from termxmpp.plain.lines import (
    changed_lines,
    fate_line,
    message_lines,
    notice_lines,
    transfer_line,
    window_line,
)
from termxmpp.plain.terminal import LineTerminal
from termxmpp.telling.desktop import DesktopVoice
from termxmpp.telling.program import CommandVoice
from termxmpp.telling.teller import Teller
from termxmpp.telling.terminal import TerminalVoice
from termxmpp.words import _, date_words
from termxmpp.workspace import Window, Workspace

__all__ = ["Plain", "run_plain"]

# Ctrl-C twice within so many seconds asks to quit.
TWICE = 1.0

# How many messages are told of a conversation that is looked at for the first time.
RECENT = 10

# How many are told at once of what was said from a day on.
MOST_FROM = 50

# Of how many messages it is known how they were told, so that what becomes of them can be.
MOST_TOLD = 2000


class Plain:
    """`workspace` on the terminal of `stdin` and `stdout`, its descriptors, and `environment`.

    A line that ends with a backslash goes on with the next one. Until `end` or the end of input
    `ended` is pending.
    """

    def __init__(
        self,
        workspace: Workspace,
        stdin: int,
        stdout: int,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self.workspace = workspace
        loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[None] = loop.create_future()
        self.terminal = LineTerminal(stdin, stdout, self._typed, self.end)
        self._lines: list[str] = []
        self._begun = ""
        self._current: Window | None = None
        self._known: set[Window] = set()
        self._told: dict[tuple[Client, int | str], Message] = {}
        self._said_once: dict[tuple[Client, int | str], None] = {}
        self._phases: dict[Client, Phase] = {}
        self._problem = ""
        self._company = Company(workspace)
        self._answer: Callable[[str | None], None] | None = None
        self._question = ""
        self._ahead: deque[str] | None = None
        self._turn = asyncio.Lock()
        self._interrupted_at = float("-inf")
        self._is_due = False
        workspace.observers.append(self._changed)
        workspace.on_quit = self.end
        workspace.on_fill = self._fill
        workspace.on_secret = self._ask_secret
        workspace.on_reveal = self._revealed
        workspace.on_look_from = self._look_from
        self._environment = environment
        workspace.terminal_facts = self._facts
        settings = workspace.settings
        self.teller = Teller(
            workspace,
            [
                # Nothing but the bell, unless the user says what the terminal speaks.
                TerminalVoice(self.terminal.ring, settings, _unspoken(environment)),
                DesktopVoice(settings, environment, workspace.show),
                CommandVoice(settings, environment),
            ],
        )
        workspace.on_form = self._ask_form
        loop.add_signal_handler(signal.SIGINT, self._interrupted)
        loop.add_signal_handler(signal.SIGTSTP, self._stop)
        loop.add_signal_handler(signal.SIGCONT, workspace.return_to_terminal)
        self._changed()

    def end(self) -> None:
        """Let `ended` be done."""
        if not self.ended.done():
            self.ended.set_result(None)

    def close(self) -> None:
        """Take leave of the workspace and of the terminal, with what is still to be told."""
        loop = asyncio.get_running_loop()
        self.teller.close()
        for number in (signal.SIGINT, signal.SIGTSTP, signal.SIGCONT):
            loop.remove_signal_handler(number)
        self.workspace.observers.remove(self._changed)
        for client in self._phases:
            client.observers.remove(self._observe)
        self._tell()
        self.terminal.close()

    def _typed(self, line: str) -> None:
        self.workspace.attendance.touched()
        if self._answer is not None:
            answer, self._answer = self._answer, None
            answer(line)
            return
        if self._ahead is not None:
            # Typed before it was asked for: an answer all the same, and no message to anybody.
            self._ahead.append(line)
            return
        if line.endswith("\\") and not line.endswith("\\\\"):
            self._begun += line[:-1] + "\n"
            return
        text, self._begun = self._begun + line, ""
        self._say(*self._company.gathered(self._current))
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
            answer(None)
        elif now - self._interrupted_at < TWICE and not was_busy:
            self._say(_("Quit termxmpp? (y/n)"))
            self._answer = self._quit_or_not
        else:
            self._say(_("Ctrl-C again at once asks whether to quit."))
        self._interrupted_at = now

    def _stop(self) -> None:
        """Ctrl-Z: stop as the shell's job, after the servers have been told that nobody looks."""
        self.workspace.leave_terminal()
        is_hiding = self.terminal.is_hiding
        self.terminal.hide(is_hidden=False)
        loop = asyncio.get_running_loop()
        loop.remove_signal_handler(signal.SIGTSTP)
        # Where no shell could go on with it, the kernel ignores that.
        os.kill(os.getpid(), signal.SIGTSTP)
        loop.add_signal_handler(signal.SIGTSTP, self._stop)
        self.terminal.hide(is_hidden=is_hiding)
        self.workspace.set_watched(True)
        if self._question:
            # What the shell wrote stands between it and the answer.
            self._say(self._question)

    def _quit_or_not(self, line: str | None) -> None:
        if (line or "").strip().lower() in ("y", "yes"):
            self.end()
        else:
            self._say(_("Going on."))

    async def _ask_secret(self, question: str) -> str:
        return await self._ask(question, is_secret=True) or ""

    async def _ask_form(self, question: Question) -> Filled | None:
        ahead = self._ahead = deque()

        async def ask(words: str, is_secret: bool) -> str | None:
            if ahead:
                self._say(f"{words}:")
                return ahead.popleft()
            return await self._ask(f"{words}:", is_secret=is_secret)

        try:
            return await ask_form(Asking(lambda lines: self._say(*lines), ask), question)
        finally:
            self._ahead = None

    async def _ask(self, question: str, *, is_secret: bool) -> str | None:
        """The next line that is typed; None if the user leaves the question."""
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

        def take(line: str | None) -> None:
            self.terminal.hide(is_hidden=False)
            if not answer.done():
                answer.set_result(line)

        async with self._turn:
            self._say(question)
            self.terminal.hide(is_hidden=is_secret)
            self._answer, self._question = take, question
            try:
                return await answer
            finally:
                self._question = ""
                if self._answer is take:
                    self._answer = None
                    self.terminal.hide(is_hidden=False)

    def _revealed(self, window: Window, message: Message) -> None:
        """The user has asked for what its author has hidden."""
        is_here = self._is_here(window)
        self._say(*message_lines(window, message, is_here=is_here, is_open=True))

    def _look_from(self, key: int) -> None:
        """Tell what was said from the message `key` on, and where that ends for now."""
        window = self.workspace.current
        if window.peer is None or not window.client.recall.show_past(window.peer, key):
            return
        shown = window.shown
        place = shown.place_of(key)
        entries = [each for each in shown.entries[place:] if isinstance(each, Message)]
        has_more = shown.has_newer or len(entries) > MOST_FROM
        window.client.recall.leave_past(window.peer)
        day: date | None = None
        for message in entries[:MOST_FROM]:
            if message.at.astimezone().date() != day:
                day = message.at.astimezone().date()
                self._say(date_words(day))
            self._say(*self._lines_of(window, message))
        if has_more:
            last = entries[:MOST_FROM][-1].at.astimezone()
            words = _("More was said: /history {date} goes on.")
            self._say(words.format(date=f"{last:%Y-%m-%d %H:%M:%S}"))

    def _lines_of(self, window: Window, message: Message) -> list[str]:
        is_open = self._is_open(window, message)
        return message_lines(window, message, is_here=self._is_here(window), is_open=is_open)

    def _is_open(self, window: Window, message: Message) -> bool:
        return not self.workspace.is_hidden(message, window)

    def _facts(self) -> TerminalFacts:
        size = self.terminal.size
        return TerminalFacts(
            self._environment.get("TERM", ""),
            1,
            locale.getencoding(),
            size.columns,
            size.lines,
            between(self._environment),
            has_lines=True,
        )

    def _fill(self, text: str) -> None:
        """What would stand in the input line can only be shown."""
        self._say(*text.split("\n"))

    def _changed(self) -> None:
        for client in self.workspace.clients:
            if client not in self._phases:
                self._phases[client] = client.state.link.phase
                client.observers.append(self._observe)
        if self.workspace.current != self._current:
            self._say(*self._company.gathered(self._current))
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
            if self._is_news(window.client, message)
            for line in self._lines_of(window, message)
        ]

    def _observe(self, client: Client, event: events.Event) -> None:
        if company := self._company.observe(client, event):
            self._say(*company)
        match event:
            case events.MessageReceived(peer, message) | events.MessageWritten(peer, message):
                self._said(Window(client, peer), message)
            case events.MessagesPlaced(peer, messages, unread) if unread:
                for message in messages:
                    if message.key in unread:
                        self._said(Window(client, peer), message)
            case events.MessageChanged(peer, message):
                window = Window(client, peer)
                before = self._remember(client, message)
                lines = changed_lines(
                    *(window, message, before),
                    is_here=self._is_here(window),
                    is_open=self._is_open(window, message),
                )
                self._say(*lines)
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
            if self._is_news(window.client, message):
                self._say(*self._company.gathered(window), *self._lines_of(window, message))

    def _is_news(self, client: Client, message: Message) -> bool:
        """Whether `message` was not told as it came; from now on it was."""
        key = client, message.key or message.id
        if key in self._said_once:
            return False
        self._said_once[key] = None
        if len(self._said_once) > MOST_TOLD:
            del self._said_once[next(iter(self._said_once))]
        return True

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


def _unspoken(environment: Mapping[str, str]) -> Mapping[str, str]:
    """`environment` without what tells by what notifications the terminal shows."""
    passers = ("TMUX", "STY")
    return {name: environment[name] for name in passers if name in environment}


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
