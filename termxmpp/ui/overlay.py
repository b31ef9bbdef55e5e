"""A list over the screen, of which one thing is chosen: a line to type in, and what fits it.

What the list holds is a `Picker`'s matter; here are its frame, its keys' meaning and the mouse.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from prompt_toolkit.application import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition
from prompt_toolkit.layout import BufferControl, HSplit, VSplit, Window
from prompt_toolkit.layout.controls import UIContent, UIControl
from prompt_toolkit.layout.processors import BeforeInput
from prompt_toolkit.mouse_events import MouseEvent, MouseEventType

from termxmpp.core.text import one_line, width
from termxmpp.ui.box import boxed
from termxmpp.ui.lines import Line
from termxmpp.ui.theme import Symbols

__all__ = ["Overlay", "Picker"]

# Of a screen from `STRIPS` columns on, which would else be left as strips, a part stays visible to
# show where one is; of wide and high ones more of it.
STRIPS, LEAST_COLUMNS, MOST_COLUMNS = 96, 76, 120
LEAST_ROWS, MOST_ROWS = 22, 40

# So many columns of a paste are looked for.
LONGEST = 500

# How many items a turn of the wheel moves.
WHEEL = 3


class Picker(Protocol):
    """Things to choose from.

    `title` stands above, what `keys` do below; `height` is how many lines each thing has. `note`
    says in a few words what there is, or why there is nothing.
    """

    @property
    def title(self) -> str: ...

    @property
    def keys(self) -> Sequence[str]: ...

    @property
    def height(self) -> int: ...

    @property
    def note(self) -> str: ...

    def __len__(self) -> int: ...

    def narrow(self, text: str) -> None:
        """Offer only what fits `text`."""
        ...

    def draw(self, place: int, columns: int) -> list[Line]:
        """The lines of the thing at `place`."""
        ...

    def choose(self, place: int) -> None:
        """The user wants the thing at `place`; the list is closed."""
        ...

    def switch(self) -> None:
        """Offer something else, if there is another choice."""
        ...

    def close(self) -> None:
        """Nobody looks any more."""
        ...


class Overlay:
    """The list that is open, if one is; `focus_back` gives the keys back to the input."""

    def __init__(
        self,
        size: Callable[[], tuple[int, int]],
        focus_back: Callable[[], None],
        symbols: Callable[[], Symbols] = lambda: Symbols(),
    ) -> None:
        self._symbols = symbols
        self.picker: Picker | None = None
        self.is_open = Condition(lambda: self.picker is not None)
        self._size = size
        self._focus_back = focus_back
        self._place = self._first = 0
        self._buffer = Buffer(multiline=False, on_text_changed=lambda buffer: self._narrow())
        self._input = Window(
            BufferControl(
                self._buffer, input_processors=[BeforeInput(self._sign, style="class:prompt")]
            ),
            height=1,
        )
        # A wide character that begins in the last column ends in the next one.
        line = VSplit([self._input, Window(width=1, height=1)])
        inside = HSplit([line, Window(_ListControl(self))])
        self.float = boxed(
            inside,
            self.is_open,
            columns=lambda: self._columns,
            rows=lambda: self._rows,
            above=self._above,
            below=self._below,
            symbols=symbols,
        )

    def open(self, picker: Picker, text: str = "") -> None:
        """Show `picker`, of which what fits `text` is offered."""
        self.close()
        self.picker = picker
        self._buffer.text = text
        self._buffer.cursor_position = len(text)
        self._narrow()
        get_app().layout.focus(self._input)

    def close(self) -> None:
        """Show the screen alone."""
        picker, self.picker = self.picker, None
        if picker is not None:
            picker.close()
            self._buffer.reset()
            self._focus_back()

    def move(self, by: int) -> None:
        """Look at the item `by` further; from the last one to the first."""
        if self.picker is None or not len(self.picker):
            return
        if abs(by) == 1:
            self._place = (self._place + by) % len(self.picker)
        else:
            self._place = max(0, min(self._place + by, len(self.picker) - 1))

    def page(self, by: int) -> None:
        self.move(by * max(2, self._visible - 1))

    def choose(self) -> None:
        """Take the item looked at, if there is one."""
        picker, place = self.picker, self._place
        if picker is not None and place < len(picker):
            self.close()
            picker.choose(place)

    def switch(self) -> None:
        if self.picker is not None:
            self.picker.switch()
            self._place = self._first = 0

    def insert(self, text: str) -> None:
        """Put a paste into the line."""
        self._buffer.insert_text(one_line(" ".join(text.split()), LONGEST))

    def lines(self, columns: int, rows: int) -> list[Line]:
        """What of the list is visible."""
        picker = self.picker
        if picker is None:
            return []
        self._visible = max(1, rows // picker.height)
        self._place = max(0, min(self._place, len(picker) - 1))
        self._first = min(self._first, self._place)
        self._first = max(self._first, self._place - self._visible + 1)
        shown: list[Line] = []
        for place in range(self._first, min(len(picker), self._first + self._visible)):
            is_current = place == self._place
            for number, line in enumerate(picker.draw(place, columns - 2)):
                sign = f"{self._symbols().current} " if is_current and not number else "  "
                style = "class:overlay.current" if is_current else ""
                shown.append(_filled([("", sign), *line], columns, style))
        return shown

    def click(self, row: int) -> None:
        picker = self.picker
        if picker is not None:
            place = self._first + row // picker.height
            if place < len(picker):
                self._place = place
                self.choose()

    _visible = 1

    @property
    def _columns(self) -> int:
        columns = self._size()[0]
        if columns < STRIPS:
            return columns
        return max(LEAST_COLUMNS, min(MOST_COLUMNS, columns * 3 // 5))

    @property
    def _rows(self) -> int:
        rows = self._size()[1]
        return max(5, min(max(LEAST_ROWS, min(MOST_ROWS, rows * 2 // 3)), rows - 3))

    def _narrow(self) -> None:
        if self.picker is not None:
            self._place = self._first = 0
            self.picker.narrow(self._buffer.text)

    def _below(self) -> str:
        symbols = self._symbols()
        keys = list(self.picker.keys) if self.picker is not None else []
        # How one gets out stands last, and is told in any case.
        while len(keys) > 1 and width(symbols.separated(*keys)) > self._columns - 6:
            del keys[0]
        return symbols.separated(*keys)

    def _above(self) -> str:
        picker = self.picker
        words = self._symbols().separated
        return words(picker.title, picker.note) if picker is not None else ""

    def _sign(self) -> str:
        return f"{self._symbols().prompt} "


class _ListControl(UIControl):
    """The list under the line."""

    def __init__(self, overlay: Overlay) -> None:
        self._overlay = overlay

    def create_content(self, width: int, height: int) -> UIContent:
        lines = self._overlay.lines(width, height)
        return UIContent(get_line=lambda place: lines[place], line_count=len(lines))

    def mouse_handler(self, mouse_event: MouseEvent) -> object:
        match mouse_event.event_type:
            case MouseEventType.SCROLL_UP:
                self._overlay.move(-WHEEL)
            case MouseEventType.SCROLL_DOWN:
                self._overlay.move(WHEEL)
            case MouseEventType.MOUSE_UP:
                self._overlay.click(mouse_event.position.y)
            case _:
                return NotImplemented
        return None


def _filled(line: Line, columns: int, style: str) -> Line:
    """`line` with blanks up to `columns`, all of it in `style` besides its own."""
    used = sum(width(fragment[1]) for fragment in line)
    padded: Line = [*line, ("", " " * max(0, columns - used))]
    return [(f"{fragment[0]} {style}", fragment[1]) for fragment in padded]
