"""Questions asked line by line on the terminal, before there is a screen.

Plain lines, so that they suit every terminal, narrow ones too, and every reader of screens. The
loop runs on while the user thinks. What is secret is typed unseen, and however a question ends,
the terminal is as it was before it.
"""

from __future__ import annotations

import os
import sys
import termios
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO
from xml.etree.ElementTree import Element

from termxmpp.core.text import one_line, wrap
from termxmpp.errors import DataError, TermxmppError
from termxmpp.mainloop.stdin import read_lines
from termxmpp.words import _
from termxmpp.xmpp.connection import Opened

__all__ = ["InputEnded", "Steps", "Terminal"]

# So much of what a server says is shown at once (characters).
LONGEST = 2000

# Where the terminal does not tell its width.
COLUMNS = 80


class InputEnded(DataError):
    """The user ends the input (Ctrl-D) instead of answering."""


class Terminal:
    """The user, line by line; InputEnded is raised where no answer comes any more."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out
        self._lines: AsyncIterator[str] = read_lines()

    def say(self, text: str = "", begin: str = "") -> None:
        """A line for the user, broken between words; what a peer wrote in it can do no harm.

        `begin` stands before it, and as much room before the lines that follow.
        """
        for line in wrap(one_line(text, LONGEST), self._columns() - len(begin)) or [""]:
            print(f"{begin}{line}", file=self._out, flush=True)
            begin = " " * len(begin)

    async def ask(self, question: str, *, is_secret: bool = False) -> str:
        """The line that answers `question`."""
        *lines, last = wrap(f"{one_line(question, LONGEST)}: ", self._columns()) or [""]
        is_answered = False
        # Before the question: who answers at once must not be seen either.
        with _echo_off() if is_secret else _as_it_is():
            try:
                for line in lines:
                    print(line, file=self._out)
                print(f"{last.rstrip()} ", end="", file=self._out, flush=True)
                answer = await anext(self._lines, None)
                is_answered = answer is not None
            finally:
                # Whatever comes next, also from the shell, begins a line.
                if is_secret or not is_answered:
                    print(file=self._out, flush=True)
        if answer is None:
            raise InputEnded(_("The questions were left; nothing was kept."))
        return answer

    async def ask_for(self, question: str, present: str = "") -> str:
        """The answer to `question` that is not empty, or `present` where it is."""
        while True:
            answer = (await self.ask(_with_present(question, present))).strip() or present
            if answer:
                return answer

    async def ask_password(self, question: str) -> str:
        """What is typed unseen for `question`, never nothing."""
        while True:
            password = await self.ask(question, is_secret=True)
            if password:
                return password

    async def choose(self, question: str, ways: Sequence[str]) -> int:
        """Which of `ways` the user takes, from 0; the first where nothing is said."""
        self.say(question)
        for number, words in enumerate(ways, 1):
            self.say(words, f"  {number}  ")
        while True:
            answer = (await self.ask(_with_present(_("Number"), "1"))).strip() or "1"
            if answer.isascii() and answer.isdecimal() and 1 <= int(answer) <= len(ways):
                return int(answer) - 1
            self.say(_("A number from 1 to {last}, please.").format(last=len(ways)))

    def _columns(self) -> int:
        try:
            # The last column is left free: some terminals begin a line of their own behind it.
            return max(10, (os.get_terminal_size(self._out.fileno()).columns or COLUMNS) - 1)
        except OSError:
            return COLUMNS - 1


class Steps:
    """Tells on `terminal` how a connection goes that is only tried (`ConnectionObserver`)."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def step(self, text: str) -> None:
        self._terminal.say(f"… {text}")

    def lost(self, error: TermxmppError | None) -> None:
        """Told by who asks."""

    def bound(self, opened: Opened) -> None:
        """Nothing is done with it."""

    def at_bind(self) -> Sequence[Element]:
        return ()

    def before_write(self) -> None:
        """Nothing is kept."""

    def traffic(self, element: Element, is_ours: bool) -> None:
        """Nothing is shown: passwords may be in it."""


def _with_present(question: str, present: str) -> str:
    return f"{question} [{present}]" if present else question


@contextmanager
def _as_it_is() -> Iterator[None]:
    yield


@contextmanager
def _echo_off() -> Iterator[None]:
    fd = sys.stdin.fileno()
    before = termios.tcgetattr(fd)
    hidden = termios.tcgetattr(fd)
    hidden[3] &= ~termios.ECHO
    # At once: a terminal that is stopped by Ctrl-S would never be drained.
    termios.tcsetattr(fd, termios.TCSANOW, hidden)
    try:
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSANOW, before)
