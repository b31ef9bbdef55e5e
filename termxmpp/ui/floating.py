"""What floats over the rest of the screen, with clean edges."""

from __future__ import annotations

from prompt_toolkit.filters import FilterOrBool, to_filter
from prompt_toolkit.layout import AnyContainer, Container, Dimension, to_container
from prompt_toolkit.layout.mouse_handlers import MouseHandlers
from prompt_toolkit.layout.screen import Char, Screen, WritePosition

__all__ = ["Floating"]


class Floating(Container):
    """`content`, floating while it `is_shown`.

    A wide character of which it covers one half is taken away: the terminal would write the other
    half over the edge, and nobody would know that it is gone.
    """

    def __init__(self, content: AnyContainer, is_shown: FilterOrBool) -> None:
        self._content = to_container(content)
        self._is_shown = to_filter(is_shown)

    def reset(self) -> None:
        self._content.reset()

    def preferred_width(self, max_available_width: int) -> Dimension:
        return self._content.preferred_width(max_available_width)

    def preferred_height(self, width: int, max_available_height: int) -> Dimension:
        return self._content.preferred_height(width, max_available_height)

    def get_children(self) -> list[Container]:
        return [self._content]

    def write_to_screen(
        self,
        screen: Screen,
        mouse_handlers: MouseHandlers,
        write_position: WritePosition,
        parent_style: str,
        erase_bg: bool,
        z_index: int | None,
    ) -> None:
        if self._is_shown():
            left, right = write_position.xpos, write_position.xpos + write_position.width
            for y in range(write_position.ypos, write_position.ypos + write_position.height):
                row = screen.data_buffer[y]
                if left > 0 and row[left - 1].width == 2:
                    row[left - 1] = Char(" ", row[left - 1].style)
                if row[right].width == 0:
                    row[right] = Char(" ", row[right].style)
        self._content.write_to_screen(
            screen, mouse_handlers, write_position, parent_style, erase_bg, z_index
        )
