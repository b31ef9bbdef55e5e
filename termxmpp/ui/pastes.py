"""Pastes: each is one message, a long one asks first, and none is obeyed by the terminal."""

from __future__ import annotations

import re
from collections import deque
from typing import Any

from termxmpp.words import _, ngettext

__all__ = ["Pastes", "cleaned"]

# `application.Screen`, which imports this.
Screen = Any

# A paste of more lines asks first (contract §4).
LARGE = 20

# While a question is open so many wait for its answer; nobody pastes more blindly on purpose.
WAITING = 3

# Colours and the like that were copied along (ECMA-48 §5.4, §5.6), and single controls.
_SEQUENCES = re.compile("\x1b\\[[0-?]*[ -/]*[@-~]|\x1b[\\]P^_X][^\x07\x1b]*(?:\x07|\x1b\\\\)")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def cleaned(pasted: str) -> str:
    """`pasted` as text: with line feeds only, and without what a terminal would obey."""
    text = pasted.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", _SEQUENCES.sub("", text))


class Pastes:
    """Puts pastes into the input of `screen`, in the order in which they come."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._waiting: deque[str] = deque()

    def take(self, pasted: str) -> None:
        """Put `pasted` into the input, at once, or when the question that is open is answered."""
        if not self._screen.question:
            self._insert(pasted)
        elif len(self._waiting) < WAITING:
            self._waiting.append(pasted)
        else:
            self._screen.workspace.complain(_("The paste was left out: answer the question first."))

    def go_on(self) -> None:
        """A question was answered: take what has waited."""
        while self._waiting and not self._screen.question:
            self._insert(self._waiting.popleft())

    def _insert(self, pasted: str) -> None:
        text, prompt = cleaned(pasted), self._screen.prompt
        room = self._screen.workspace.current.client.longest_text
        if len(text.encode()) > room:
            self._screen.workspace.complain(
                _(
                    "The paste is too long for one message, which may have {limit} bytes; "
                    "send it as a file."
                ).format(limit=room)
            )
            return
        lines = text.rstrip("\n").count("\n") + 1
        if lines <= LARGE:
            prompt.insert(text)
            self._screen.dropped.look()
            return
        question = ngettext(
            "Paste {lines} line as one message? (y/n)",
            "Paste {lines} lines as one message? (y/n)",
            lines,
        ).format(lines=lines)
        self._screen.ask(question, lambda: prompt.insert(text))
