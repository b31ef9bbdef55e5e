"""The keys of the prompt itself: those of its menu, and vi's Escape.

They hold wherever the menu is, whatever else the user has put on them.
"""

from __future__ import annotations

from typing import Any

from prompt_toolkit.filters import Condition, vi_mode
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.key_binding.vi_state import InputMode

from termxmpp.ui.keys import IS_ALONE

__all__ = ["prompt_bindings"]

# `application.Screen`, which imports this.
Screen = Any


def prompt_bindings(screen: Screen) -> KeyBindings:
    """The keys of the prompt of `screen` while no question is open."""
    bindings, prompt = KeyBindings(), screen.prompt
    is_writing = prompt.has_focus & Condition(lambda: not screen.question)
    is_selecting = Condition(lambda: screen.viewport.selected is not None)
    has_menu = is_writing & prompt.has_menu
    is_choosing = has_menu & Condition(lambda: prompt.is_choosing)

    @bindings.add("escape", filter=is_writing & vi_mode & ~is_selecting & IS_ALONE, eager=True)
    def _to_navigation(event: KeyPressEvent) -> None:
        # As prompt_toolkit has it, but at once: it would wait whether Alt was meant.
        buffer, state = event.current_buffer, event.app.vi_state
        if state.input_mode in (InputMode.INSERT, InputMode.REPLACE):
            buffer.cursor_position += buffer.document.get_cursor_left_position()
        state.reset()
        state.input_mode = InputMode.NAVIGATION
        if buffer.selection_state is not None:
            buffer.exit_selection()

    @bindings.add("tab", filter=is_choosing, eager=True)
    @bindings.add("down", filter=has_menu, eager=True)
    def _next(event: KeyPressEvent) -> None:
        prompt.choose(1)

    @bindings.add("s-tab", filter=has_menu, eager=True)
    @bindings.add("up", filter=is_choosing, eager=True)
    def _previous(event: KeyPressEvent) -> None:
        prompt.choose(-1)

    @bindings.add("up", filter=has_menu & ~is_choosing, eager=True)
    def _up(event: KeyPressEvent) -> None:
        prompt.leave_menu()
        prompt.buffer.auto_up()

    @bindings.add("enter", filter=has_menu & Condition(lambda: prompt.has_chosen), eager=True)
    def _take(event: KeyPressEvent) -> None:
        prompt.take()

    @bindings.add("escape", filter=is_choosing & IS_ALONE, eager=True)
    @bindings.add("escape", filter=has_menu & ~vi_mode & IS_ALONE, eager=True)
    def _leave(event: KeyPressEvent) -> None:
        prompt.leave_menu()

    return bindings
