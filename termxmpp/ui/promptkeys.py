"""The keys of the prompt itself: those of its menu, and vi's Escape.

They hold wherever the menu is, whatever else the user has put on them.
"""

from __future__ import annotations

from prompt_toolkit.application import get_app
from prompt_toolkit.filters import Condition, Filter, vi_mode
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.key_binding.vi_state import InputMode

from termxmpp.ui.prompt import Prompt

__all__ = ["prompt_bindings"]


@Condition
def _is_alone() -> bool:
    """Whether the key is all that came: Escape and another at once are Alt and that."""
    return not get_app().key_processor.input_queue


def prompt_bindings(prompt: Prompt, is_asking: Filter) -> KeyBindings:
    """The keys of `prompt` while no question is open."""
    bindings = KeyBindings()
    is_writing = prompt.has_focus & ~is_asking
    has_menu = is_writing & prompt.has_menu
    is_choosing = has_menu & Condition(lambda: prompt.is_choosing)

    @bindings.add("escape", filter=is_writing & vi_mode & _is_alone, eager=True)
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

    @bindings.add("escape", filter=is_choosing & _is_alone, eager=True)
    @bindings.add("escape", filter=has_menu & ~vi_mode & _is_alone, eager=True)
    def _leave(event: KeyPressEvent) -> None:
        prompt.leave_menu()

    return bindings
