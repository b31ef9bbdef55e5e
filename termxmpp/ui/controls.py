"""What the panes of the screen are drawn by, and what the mouse does there."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.data_structures import Point
from prompt_toolkit.layout.controls import UIContent, UIControl
from prompt_toolkit.mouse_events import MouseEvent, MouseEventType

from termxmpp.ui.hyperlinks import Hyperlinks
from termxmpp.ui.lines import Line
from termxmpp.ui.sidebar import Row, Sidebar
from termxmpp.ui.viewport import Viewport
from termxmpp.workspace import Window as Place

__all__ = ["BorderControl", "LineControl", "SidebarControl", "TimelineControl"]

# How many lines a turn of the wheel scrolls.
WHEEL = 3


class LineControl(UIControl):
    """The one line that `make` gives."""

    def __init__(self, make: Callable[[], Line]) -> None:
        self._make = make

    def create_content(self, width: int, height: int) -> UIContent:
        line = self._make()
        return UIContent(get_line=lambda place: line, line_count=1, show_cursor=False)


class BorderControl(UIControl):
    """A line from top to bottom, made of what `char` gives."""

    def __init__(self, char: Callable[[], str]) -> None:
        self._char = char

    def create_content(self, width: int, height: int) -> UIContent:
        line: Line = [("class:border", self._char())]
        return UIContent(get_line=lambda place: line, line_count=height, show_cursor=False)


class TimelineControl(UIControl):
    """Draws the lines that `viewport` shows; `follow` is what a click on a link does."""

    def __init__(
        self, viewport: Viewport, hyperlinks: Hyperlinks, follow: Callable[[str], None]
    ) -> None:
        self._viewport = viewport
        self._hyperlinks = hyperlinks
        self._follow = follow

    def create_content(self, width: int, height: int) -> UIContent:
        lines = self._viewport.lines(width, height)
        return UIContent(
            get_line=lambda place: self._hyperlinks.numbered(lines[place]),
            line_count=len(lines),
            cursor_position=Point(0, 0),
            show_cursor=False,
        )

    def mouse_handler(self, mouse_event: MouseEvent) -> object:
        match mouse_event.event_type:
            case MouseEventType.SCROLL_UP:
                self._viewport.scroll(WHEEL)
            case MouseEventType.SCROLL_DOWN:
                self._viewport.scroll(-WHEEL)
            case MouseEventType.MOUSE_UP:
                self._click(mouse_event.position)
            case _:
                return NotImplemented
        return None

    def _click(self, position: Point) -> None:
        """Open the link there, or select the message."""
        viewport = self._viewport
        link = viewport.link_at(position.y, position.x)
        message = viewport.message_at(position.y)
        if link:
            self._follow(link)
        elif message is not None:
            viewport.select(message.key)


class SidebarControl(UIControl):
    """The rows of `sidebar`; a click shows the row's window, the wheel moves the rows."""

    def __init__(self, sidebar: Sidebar, show: Callable[[Place], None]) -> None:
        self._sidebar = sidebar
        self._show = show
        self._rows: list[Row] = []
        self._first = 0

    def create_content(self, width: int, height: int) -> UIContent:
        sidebar = self._sidebar
        self._first = max(0, min(self._first, len(sidebar) - height))
        self._rows = sidebar.rows(self._first, height)
        return UIContent(
            get_line=lambda place: self._rows[place].line,
            line_count=len(self._rows),
            show_cursor=False,
        )

    def mouse_handler(self, mouse_event: MouseEvent) -> object:
        match mouse_event.event_type:
            case MouseEventType.SCROLL_UP:
                self._first -= WHEEL
            case MouseEventType.SCROLL_DOWN:
                self._first += WHEEL
            case MouseEventType.MOUSE_UP:
                place = mouse_event.position.y
                window = self._rows[place].window if place < len(self._rows) else None
                if window is not None:
                    self._show(window)
            case _:
                return NotImplemented
        return None
