"""A question whose answer nobody may see: it is typed into a line of its own, in stars.

Not into the prompt: what is typed there is completed, remembered, and kept as a draft.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from prompt_toolkit.application import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import BufferControl, ConditionalContainer, Window
from prompt_toolkit.layout.processors import BeforeInput, PasswordProcessor

from termxmpp.core.text import one_line
from termxmpp.ui.keys import IS_ALONE

__all__ = ["SecretLine"]


class SecretLine:
    """The line; `focus_back` is called when it is closed."""

    def __init__(self, focus_back: Callable[[], None]) -> None:
        self._focus_back = focus_back
        self._question = ""
        self._answer: asyncio.Future[str] | None = None
        self._buffer = Buffer(multiline=False)
        self.is_open = Condition(lambda: self._answer is not None)
        self._window = Window(
            BufferControl(
                self._buffer,
                # The stars first: the question is to be read.
                input_processors=[
                    PasswordProcessor(),
                    BeforeInput(lambda: self._question, style="class:prompt"),
                ],
                key_bindings=self._bindings(),
            ),
            height=1,
        )
        self.container = ConditionalContainer(self._window, self.is_open)

    async def ask(self, question: str) -> str:
        """What the user types; empty if nothing, or if somebody else is just asking."""
        if self._answer is not None:
            return ""
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._answer = answer
        self._question = f"{one_line(question, 200)} "
        self.focus()
        get_app().invalidate()
        try:
            return await answer
        finally:
            self._answer = None
            # With all that could be undone.
            self._buffer.reset()
            self._focus_back()
            get_app().invalidate()

    def focus(self) -> None:
        """Let the keys be typed into the line."""
        get_app().layout.focus(self._window)

    def _end(self, answer: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    def _bindings(self) -> KeyBindings:
        """Keys that mean something else elsewhere, or would keep what is cut."""
        bindings = KeyBindings()

        @bindings.add("enter", eager=True)
        @bindings.add("c-j", eager=True)
        def _enter(event: KeyPressEvent) -> None:
            self._end(self._buffer.text)

        # Not eager: Alt and a key begin with it.
        @bindings.add("escape", filter=IS_ALONE, eager=True)
        def _leave(event: KeyPressEvent) -> None:
            self._end("")

        @bindings.add("c-c", eager=True)
        @bindings.add("c-d", eager=True)
        @bindings.add("c-g", eager=True)
        def _cancel(event: KeyPressEvent) -> None:
            self._end("")

        @bindings.add("c-u", eager=True)
        @bindings.add("c-k", eager=True)
        @bindings.add("c-w", eager=True)
        def _clear(event: KeyPressEvent) -> None:
            self._buffer.reset()

        @bindings.add(Keys.BracketedPaste, eager=True)
        def _paste(event: KeyPressEvent) -> None:
            lines = event.data.splitlines()
            self._buffer.insert_text(lines[0] if lines else "")

        return bindings
