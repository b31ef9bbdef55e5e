"""What the keys do: one table, by the contract's §4."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from prompt_toolkit.filters import Condition
from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

__all__ = ["make_bindings"]

Handler = Callable[[KeyPressEvent], None]

# The terminal's focus reports, which prompt_toolkit does not know, as keys that no keyboard has.
FOCUS_IN, FOCUS_OUT = Keys.ControlF23, Keys.ControlF24
ANSI_SEQUENCES["\x1b[I"] = FOCUS_IN
ANSI_SEQUENCES["\x1b[O"] = FOCUS_OUT

# A paste of more lines asks first (contract §4).
LARGE_PASTE = 20


def make_bindings(screen: Any) -> KeyBindings:
    """The bindings of `screen` (`application.Screen`)."""
    bindings = KeyBindings()
    is_asking = Condition(lambda: bool(screen.question))
    workspace, prompt = screen.workspace, screen.prompt

    def key(*names: str | Keys, filter: Any = ~is_asking) -> Callable[[Handler], Handler]:
        return bindings.add(*names, filter=filter, eager=True)

    @key("enter")
    def _(event: KeyPressEvent) -> None:
        prompt.buffer.validate_and_handle()
        screen.scroll_to_end()

    @key("escape", "enter")
    @key("c-j")
    def _(event: KeyPressEvent) -> None:
        prompt.buffer.insert_text("\n")

    @key(Keys.BracketedPaste)
    def _(event: KeyPressEvent) -> None:
        text = event.data
        lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
        if lines > LARGE_PASTE:
            screen.ask(f"Paste {lines} lines as one message? (y/n)", lambda: prompt.insert(text))
        else:
            prompt.insert(text)

    @key("c-n")
    def _(event: KeyPressEvent) -> None:
        workspace.step(1)

    @key("c-p")
    def _(event: KeyPressEvent) -> None:
        workspace.step(-1)

    for number in range(1, 11):

        @key("escape", str(number % 10))
        def _(event: KeyPressEvent, number: int = number) -> None:
            if number <= len(workspace.windows):
                workspace.go(number)

    @key("escape", "a")
    def _(event: KeyPressEvent) -> None:
        workspace.next_unread()

    @key("tab")
    def _(event: KeyPressEvent) -> None:
        screen.prompt.complete()

    @key("pageup")
    def _(event: KeyPressEvent) -> None:
        screen.scroll(screen.page)

    @key("pagedown")
    def _(event: KeyPressEvent) -> None:
        screen.scroll(-screen.page)

    @key("f1")
    def _(event: KeyPressEvent) -> None:
        workspace.submit("/help")

    @key("f9")
    def _(event: KeyPressEvent) -> None:
        screen.toggle_sidebar()

    @key("c-l")
    def _(event: KeyPressEvent) -> None:
        event.app.renderer.clear()

    @key("c-z")
    def _(event: KeyPressEvent) -> None:
        screen.suspend()

    _bind_leaving(key, screen)

    @bindings.add(FOCUS_IN, eager=True)
    def _(event: KeyPressEvent) -> None:
        workspace.set_watched(True)

    @bindings.add(FOCUS_OUT, eager=True)
    def _(event: KeyPressEvent) -> None:
        workspace.set_watched(False)

    @bindings.add(Keys.Any, filter=is_asking, eager=True)
    @bindings.add("enter", filter=is_asking, eager=True)
    @bindings.add("escape", filter=is_asking, eager=True)
    @bindings.add("c-c", filter=is_asking, eager=True)
    def _(event: KeyPressEvent) -> None:
        screen.answer(event.data.lower() == "y")

    return bindings


def _bind_leaving(key: Callable[[str], Callable[[Handler], Handler]], screen: Any) -> None:
    """Ctrl-C clears, twice within a second on an empty line asks; Ctrl-D on one quits."""
    last = [float("-inf")]

    @key("c-c")
    def _(event: KeyPressEvent) -> None:
        if screen.prompt.buffer.text:
            screen.prompt.buffer.reset()
            return
        now = time.monotonic()
        if now - last[0] < 1:
            screen.ask("Quit termxmpp? (y/n)", screen.workspace.on_quit)
        last[0] = now

    @key("c-d")
    def _(event: KeyPressEvent) -> None:
        if screen.prompt.buffer.text:
            screen.prompt.buffer.delete()
        else:
            screen.workspace.on_quit()
