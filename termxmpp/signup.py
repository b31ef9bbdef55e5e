"""`--register`: the server's form for new accounts, asked line by line on the terminal.

Plain questions and answers, so that they suit every terminal and every reader of screens. The
loop runs on while the user thinks, and a form once fetched is the one that is answered: what
proves that somebody is human belongs to it.
"""

from __future__ import annotations

import sys
import termios
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO
from xml.etree.ElementTree import Element

from termxmpp.core.jid import Jid
from termxmpp.core.text import one_line
from termxmpp.errors import DataError, LoginRefused, TermxmppError
from termxmpp.mainloop.stdin import read_lines
from termxmpp.store.unstored import Unstored
from termxmpp.words import _
from termxmpp.xmpp.connection import ConnectionSettings, Opened
from termxmpp.xmpp.forms import Field
from termxmpp.xmpp.processor import Processor
from termxmpp.xmpp.registration import Registration, RegistrationPayload
from termxmpp.xmpp.resolver import Resolver
from termxmpp.xmpp.sasl import Credentials
from termxmpp.xmpp.stream_management import StreamManagement

__all__ = ["sign_up"]

# So much of what a server says is shown at once (characters).
LONGEST = 2000

# What can be answered otherwise, over a form fetched anew.
ANSWERABLE = frozenset({"conflict", "not-acceptable", "bad-request", "policy-violation"})


async def sign_up(
    mainloop: Any, settings: ConnectionSettings, out: TextIO = sys.stdout
) -> tuple[Jid, str]:
    """Make the account `settings.jid`; the address and password that it got.

    Raises the TermxmppError of what failed for good, DataError where the user ends the input.
    """
    terminal = _Terminal(out)
    while True:
        registration = _registration(mainloop, settings, terminal)
        try:
            asked = await registration.begin()
            values = await _answers(asked, settings.jid, terminal)
            await registration.submit(asked, values)
            await registration.close()
        except LoginRefused as error:
            if error.condition not in ANSWERABLE:
                raise
            terminal.say(str(error))
            continue
        finally:
            registration.abort()
        local = (values.get("username") or [settings.jid.local])[0]
        made = Jid.parse(f"{local}@{settings.jid.domain}")
        terminal.say(_("The account {address} is made.").format(address=made))
        return made, (values.get("password") or [""])[0]


class _Terminal:
    """The user, line by line; also who is told how the connection goes."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._lines: AsyncIterator[str] = read_lines()

    def say(self, text: str) -> None:
        """A line for the user; what a peer wrote in it can do no harm."""
        print(one_line(text, LONGEST), file=self._out, flush=True)

    async def ask(self, question: str, *, is_secret: bool = False) -> str:
        """The line that answers `question`; DataError when the input has ended."""
        # Before the question: who answers at once must not be seen either.
        with _echo_off() if is_secret else _as_it_is():
            print(f"{one_line(question, LONGEST)}: ", end="", file=self._out, flush=True)
            answer = await anext(self._lines, None)
        if is_secret or answer is None:
            print(file=self._out, flush=True)
        if answer is None:
            raise DataError(_("Nothing was registered."))
        return answer

    def step(self, text: str) -> None:
        self.say(f"… {text}")

    def lost(self, error: TermxmppError | None) -> None:
        """Told by who asks."""

    def bound(self, opened: Opened) -> None:
        """Never: nobody logs in."""

    def at_bind(self) -> Sequence[Element]:
        return ()

    def before_write(self) -> None:
        """Nothing is kept."""

    def traffic(self, element: Element, is_ours: bool) -> None:
        """Nothing is shown: passwords are in it."""


def _registration(mainloop: Any, settings: ConnectionSettings, terminal: _Terminal) -> Registration:
    return Registration(
        mainloop,
        Resolver(),
        settings,
        Credentials(""),
        Processor(),
        StreamManagement(Unstored(), lambda ids: None),
        terminal,
    )


async def _answers(
    asked: RegistrationPayload, jid: Jid, terminal: _Terminal
) -> dict[str, list[str]]:
    for words in (asked.form.title, *asked.form.instructions):
        if words:
            terminal.say(words)
    if asked.link:
        terminal.say(_("The server has a page about new accounts: {url}").format(url=asked.link))
    if not asked.form.asked:
        raise LoginRefused(_("The server makes no accounts by a form."), "not-allowed")
    values = {}
    for each in asked.form.fields:
        if each.type == "fixed":
            terminal.say(" ".join(each.values))
        elif each.is_asked and each.name:
            values[each.name] = await _answer(each, jid, terminal)
    return values


async def _answer(field: Field, jid: Jid, terminal: _Terminal) -> list[str]:
    """What the user says to `field`, asked until the form allows it."""
    if field.description:
        terminal.say(field.description)
    for link in field.media:
        terminal.say(link)
    for option in field.options:
        terminal.say(f"  {option.value}  {option.label}")
    present = jid.local if field.name == "username" else ", ".join(field.values)
    is_secret = field.type == "text-private"
    question = f"{field.words} [{present}]" if present and not is_secret else field.words
    while True:
        answer = await terminal.ask(question, is_secret=is_secret)
        parts = [part.strip() for part in answer.split(",")] if field.is_multi else [answer]
        given = parts if answer else ([jid.local] if field.name == "username" else field.values)
        try:
            values = field.checked(list(given)).values
        except DataError as error:
            terminal.say(str(error))
            continue
        if is_secret and await terminal.ask(_("Once more"), is_secret=True) != answer:
            terminal.say(_("These are not the same."))
            continue
        return list(values)


@contextmanager
def _as_it_is() -> Iterator[None]:
    yield


@contextmanager
def _echo_off() -> Iterator[None]:
    fd = sys.stdin.fileno()
    before = termios.tcgetattr(fd)
    hidden = termios.tcgetattr(fd)
    hidden[3] &= ~termios.ECHO
    termios.tcsetattr(fd, termios.TCSADRAIN, hidden)
    try:
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)
