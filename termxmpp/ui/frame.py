"""The layout of the screen, and what of it prompt_toolkit has to look at for a frame.

It lays out, writes and compares every cell of every frame, which costs several milliseconds for
each letter that is typed. Here, rows are made of cells once and kept; a row that is the same as
in the frame before is not there to be compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field

from prompt_toolkit.application.current import get_app
from prompt_toolkit.data_structures import Point
from prompt_toolkit.layout import Container, Dimension
from prompt_toolkit.layout.controls import UIControl
from prompt_toolkit.layout.mouse_handlers import MouseHandler, MouseHandlers
from prompt_toolkit.layout.screen import Char, Screen, WritePosition
from prompt_toolkit.mouse_events import MouseEvent

from termxmpp.core.text import is_doubtful
from termxmpp.ui.lines import Line
from termxmpp.values import dataclass

__all__ = ["Frame", "Pane"]

Row = defaultdict[int, Char]
"""The cells of a row by their columns, as prompt_toolkit has them."""

# What stands where nothing was written: what lies behind a wide character, and all else.
BLANK, BEHIND = Char(" ", "[transparent]"), Char("", "")

# So many kinds of cells are kept; then all are made anew.
MOST_CELLS = 20_000

_cells: dict[tuple[str, str], Char] = {}


def _cell(char: str, style: str) -> Char:
    found = _cells.get((char, style))
    if found is None:
        if len(_cells) >= MOST_CELLS:
            _cells.clear()
        found = _cells[char, style] = Char(char, style)
    return found


def _row() -> Row:
    return defaultdict(lambda: BLANK)


# In place of the rows that need not be compared.
_UNCHANGED = _row()

# In place of a row of which it is not known what the terminal shows: nothing there is right, up
# to the right edge.
_NEVER = Char("\0", "")
_UNKNOWN: Row = defaultdict(lambda: _NEVER)
_UNKNOWN[9999] = _NEVER

# Before such a row is written: what stands there goes.
_ERASE = "\x1b[2K"


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A line and the cells that it was made into; `escapes` go before the cell at a column.

    Where it `is_doubtful`, terminals may disagree about the columns in which its cells are.
    """

    line: Line
    row: Row
    escapes: dict[int, str] = field(default_factory=dict)
    is_doubtful: bool = False


class Pane:
    """A part of the frame that `control` draws in lines, each in one row.

    It takes `height` rows, or with None what the others leave; `width()` columns where it stands
    at the side. It is there while `is_shown`. `style` is that of all its cells.
    """

    def __init__(
        self,
        control: UIControl,
        *,
        height: int | None = None,
        width: Callable[[], int] = lambda: 0,
        style: str = "",
        is_shown: Callable[[], bool] = lambda: True,
    ) -> None:
        self.control = control
        self.height = height
        self.width = width
        self.is_shown = is_shown
        self._style = style
        self._place = (0, 0)
        self._kept: dict[int, _Drawn] = {}
        self._before: list[_Drawn] = []

    def rows(self, x: int, width: int, height: int) -> list[_Drawn]:
        """`height` rows from the column `x` on; those of the frame before where nothing changed."""
        if self._place != (x, width):
            self._place = (x, width)
            self._kept, self._before = {}, []
        content = self.control.create_content(width, height)
        lines = [content.get_line(place) for place in range(min(height, content.line_count))]
        lines += [[]] * (height - len(lines))
        drawn = [self._drawn(place, line) for place, line in enumerate(lines)]
        self._kept = {id(each.line): each for each in drawn}
        self._before = drawn
        return drawn

    def _drawn(self, place: int, line: Line) -> _Drawn:
        # A line that scrolls is the same object in another row; one that is made anew for each
        # frame is equal to what was there.
        kept = self._kept.get(id(line))
        if kept is not None and kept.line is line:
            return kept
        if place < len(self._before) and self._before[place].line == line:
            return self._before[place]
        return self._draw(line)

    def _draw(self, line: Line) -> _Drawn:
        x, width = self._place
        is_doubt = any(is_doubtful(text) for _style, text, *_ in line)
        drawn = _Drawn(line, _row(), is_doubtful=is_doubt)
        row, column, end = drawn.row, x, x + width
        for style, text, *_ in line:
            if "[ZeroWidthEscape]" in style:
                drawn.escapes[column] = drawn.escapes.get(column, "") + text
                continue
            style = f"{self._style} {style}" if self._style else style
            for char in text:
                cell = _cell(char, style)
                if cell.width == 0:
                    _join(row, column, x, char)
                elif column + cell.width > end:
                    break
                else:
                    row[column] = cell
                    for behind in range(column + 1, column + cell.width):
                        row[behind] = BEHIND
                    column += cell.width
        if self._style:
            blank = _cell(" ", self._style)
            row.update((rest, blank) for rest in range(column, end))
        return drawn


def _join(row: Row, column: int, first: int, mark: str) -> None:
    """Put `mark`, which takes no column, into the cell before `column`."""
    place = column - 1
    if place > first and row[place] is BEHIND:
        place -= 1
    if place >= first:
        row[place] = _cell(row[place].char + mark, row[place].style)


class Frame(Container):
    """The `side` panes from left to right, the `column` right of them, and the `bottom` below.

    A part of the column or the bottom is a pane, or any container of prompt_toolkit, which gets
    the height that it prefers. Of too few rows the last of the bottom have their share first.
    While `is_covered`, something floats over the panes, and all of them are written.
    """

    def __init__(
        self,
        side: Sequence[Pane],
        column: Sequence[Pane | Container],
        bottom: Sequence[Pane | Container],
        is_covered: Callable[[], bool],
    ) -> None:
        self._side = side
        self._column = column
        self._bottom = bottom
        self._is_covered = is_covered
        self._last: Screen | None = None
        self._rows: dict[int, tuple[_Drawn, ...]] = {}
        self._merged: dict[int, Row] = {}

    def reset(self) -> None:
        for child in self.get_children():
            child.reset()

    def preferred_width(self, max_available_width: int) -> Dimension:
        return Dimension()

    def preferred_height(self, width: int, max_available_height: int) -> Dimension:
        return Dimension()

    def get_children(self) -> list[Container]:
        parts = (*self._column, *self._bottom)
        return [part for part in parts if isinstance(part, Container)]

    def write_to_screen(
        self,
        screen: Screen,
        mouse_handlers: MouseHandlers,
        write_position: WritePosition,
        parent_style: str,
        erase_bg: bool,
        z_index: int | None,
    ) -> None:
        width, height = write_position.width, write_position.height
        rows: dict[int, tuple[_Drawn, ...]] = defaultdict(tuple)
        handlers: dict[int, _RowHandlers] = defaultdict(_RowHandlers)
        for part, x, y, columns, count in self._places(width, height):
            if isinstance(part, Pane):
                for place, drawn in enumerate(part.rows(x, columns, count), y):
                    rows[place] += (drawn,)
                    handlers[place].add(x, columns, _moved(part.control, x, y))
            else:
                position = WritePosition(x, y, columns, count)
                part.write_to_screen(screen, mouse_handlers, position, parent_style, True, z_index)
        mouse_handlers.mouse_handlers.update(handlers)
        screen.width, screen.height = max(screen.width, width), max(screen.height, height)
        self._write(screen, rows)

    def _places(
        self, width: int, height: int
    ) -> Iterator[tuple[Pane | Container, int, int, int, int]]:
        """Each part that is shown, and where: column, row, columns, rows."""
        bottom = _heights(self._bottom, width, height)
        left = height - sum(bottom)
        x = 0
        for pane in self._side:
            if pane.is_shown():
                taken = min(pane.width(), width - x)
                yield pane, x, 0, taken, left
                x += taken
        column = _heights(self._column, width - x, left)
        for parts, counts, first, y in (
            (self._column, column, x, 0),
            (self._bottom, bottom, 0, left),
        ):
            for part, count in zip(parts, counts, strict=True):
                if count:
                    yield part, first, y, width - first, count
                    y += count

    def _write(self, screen: Screen, rows: dict[int, tuple[_Drawn, ...]]) -> None:
        """Write `rows`; where the terminal shows them already, have them left out of account."""
        app = get_app()
        last = app.renderer.last_rendered_screen
        is_kept = last is not None and last is self._last
        merged = {}
        for y, parts in rows.items():
            is_same = is_kept and _is_same(self._rows.get(y, ()), parts)
            merged[y] = self._merged[y] if is_same and y in self._merged else _merge(parts)
        if is_kept and last is not None:
            # Of the frame before, all that it left out is back.
            last.data_buffer.update(self._merged)
        if self._is_covered() or app.is_done:
            for y, parts in rows.items():
                # What floats is written into these.
                screen.data_buffer[y] = merged[y].copy()
                _escape(screen, y, parts)
                self._doubt(screen, last, y, parts)
            self._last = None
        else:
            for y, parts in rows.items():
                if is_kept and last is not None and self._merged.get(y) is merged[y]:
                    screen.data_buffer[y] = last.data_buffer[y] = _UNCHANGED
                else:
                    screen.data_buffer[y] = merged[y]
                    _escape(screen, y, parts)
                    self._doubt(screen, last, y, parts)
            self._last = screen
        self._rows, self._merged = rows, merged

    def _doubt(
        self, screen: Screen, last: Screen | None, y: int, parts: tuple[_Drawn, ...]
    ) -> None:
        """Have the row `y` written as a whole if cells may be elsewhere than they are counted."""
        if any(part.is_doubtful for part in (*self._rows.get(y, ()), *parts)):
            screen.zero_width_escapes[y][0] = _ERASE + screen.zero_width_escapes[y][0]
            if last is not None:
                last.data_buffer[y] = _UNKNOWN


def _is_same(some: tuple[_Drawn, ...], others: tuple[_Drawn, ...]) -> bool:
    return len(some) == len(others) and all(
        one is other for one, other in zip(some, others, strict=True)
    )


def _merge(parts: tuple[_Drawn, ...]) -> Row:
    if len(parts) == 1:
        return parts[0].row
    row = _row()
    for part in parts:
        row.update(part.row)
    return row


def _escape(screen: Screen, y: int, parts: tuple[_Drawn, ...]) -> None:
    for part in parts:
        for column, text in part.escapes.items():
            screen.zero_width_escapes[y][column] += text


def _heights(parts: Sequence[Pane | Container], width: int, height: int) -> list[int]:
    """How many rows each of `parts` gets of `height`: 0 if it is not shown or has no room."""
    heights = [_wanted(part, width, height) for part in parts]
    left = height
    for place in range(len(parts) - 1, -1, -1):
        wanted = heights[place]
        if wanted is not None:
            heights[place] = wanted = min(wanted, left)
            left -= wanted
    return [left if each is None else each for each in heights]


def _wanted(part: Pane | Container, width: int, height: int) -> int | None:
    if isinstance(part, Pane):
        return part.height if part.is_shown() else 0
    return part.preferred_height(width, height).preferred


class _RowHandlers(defaultdict[int, MouseHandler]):
    """Who is told of the mouse in a row, by columns; what floats sets its own cells."""

    def __init__(self) -> None:
        super().__init__(lambda: _nobody)
        self._spans: list[tuple[range, MouseHandler]] = []

    def add(self, x: int, width: int, handler: MouseHandler) -> None:
        self._spans.append((range(x, x + width), handler))

    def __missing__(self, column: int) -> MouseHandler:
        return next((handler for span, handler in self._spans if column in span), _nobody)


def _nobody(mouse_event: MouseEvent) -> object:
    return NotImplemented


def _moved(control: UIControl, x: int, y: int) -> MouseHandler:
    """`control`'s handler, for events whose place is on the screen."""

    def handle(mouse_event: MouseEvent) -> object:
        place = mouse_event.position
        return control.mouse_handler(
            MouseEvent(
                Point(place.x - x, place.y - y),
                mouse_event.event_type,
                mouse_event.button,
                mouse_event.modifiers,
            )
        )

    return handle
