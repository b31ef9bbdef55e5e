"""A letter stands on the screen as soon as it is typed; the frame with all the rest follows.

A frame takes prompt_toolkit some two milliseconds, and most of them have passed before it comes to
the letter. What is typed at the end of the input changes one cell, and moves the cursor: that is
written at once and noted in the frame before, so that the next one finds it there.
"""

from __future__ import annotations

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.data_structures import Point
from prompt_toolkit.layout import Window
from prompt_toolkit.layout.screen import Char, Screen

__all__ = ["Echo"]


class Echo:
    """Writes what is typed into `buffer`, which `window` shows down to the screen's right edge.

    All but a letter at the text's end, in a free cell of a line that goes on, is left to the frame.
    """

    def __init__(self, app: Application[None], buffer: Buffer, window: Window) -> None:
        self._app = app
        self._buffer = buffer
        self._window = window
        self._shown: str | None = None
        buffer.on_text_insert += lambda buffer: self._typed()

    def frame_drawn(self) -> None:
        """The screen shows what the buffer holds."""
        self._shown = self._buffer.text

    def _typed(self) -> None:
        text, shown = self._buffer.text, self._shown
        # What the frame before does not show stands in no known place.
        self._shown = None
        screen = self._app.renderer.last_rendered_screen
        if screen is None or not text or text[:-1] != shown:
            return
        cursor = screen.cursor_positions.get(self._window)
        is_at_end = self._buffer.cursor_position == len(text)
        if cursor is None or not is_at_end or self._has_company(screen, cursor):
            return
        free = screen.data_buffer[cursor.y][cursor.x]
        cell = Char(text[-1], free.style)
        if free.char == " " and cell.char == text[-1] and cell.width == 1:
            self._write(screen, cursor, cell)
            self._shown = text

    def _has_company(self, screen: Screen, cursor: Point) -> bool:
        """Whether something else is drawn there, or may have to be with the letter."""
        return (
            cursor.x + 2 >= screen.width
            or self._buffer.complete_state is not None
            or not self._app.layout.has_focus(self._window)
        )

    def _write(self, screen: Screen, cursor: Point, cell: Char) -> None:
        renderer, output = self._app.renderer, self._app.output
        attrs = renderer.style.get_attrs_for_style_str(cell.style)
        output.set_attributes(attrs, self._app.color_depth)
        output.write(cell.char)
        output.reset_attributes()
        output.flush()
        # So would `render` leave it. It has no public way to be told.
        after = Point(cursor.x + 1, cursor.y)
        screen.data_buffer[cursor.y][cursor.x] = cell
        screen.cursor_positions[self._window] = renderer._cursor_pos = after
