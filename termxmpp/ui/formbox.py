"""A form over the screen: its keys and its mouse, and where in it one types.

One at a time. What is typed goes into a buffer of its own, which is emptied with the form: nothing
of it can be called back, undone or completed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from prompt_toolkit.application import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.data_structures import Point
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import BufferControl, HSplit, Window
from prompt_toolkit.layout.controls import UIContent, UIControl
from prompt_toolkit.mouse_events import MouseEvent, MouseEventType

from termxmpp.core.text import one_line
from termxmpp.filling import GIVE_UP, Filled, Filling, Question, StopKind
from termxmpp.ui.box import boxed
from termxmpp.ui.formview import FormView, Row, is_link
from termxmpp.ui.keys import IS_ALONE
from termxmpp.ui.lines import Line
from termxmpp.ui.skin import Skin
from termxmpp.ui.theme import Symbols
from termxmpp.words import _

__all__ = ["FormBox"]

# As wide at most: longer lines are hard to read.
WIDEST = 100

# Where only strips of the screen would be left beside it, all of its width is taken.
STRIPS = 20

# How many rows a turn of the wheel moves.
WHEEL = 3


class FormBox:
    """The form that is open, if one is.

    `focus_back` gives the keys back, `follow` opens a link, and `numbered` makes of a line with one
    what can be drawn (`hyperlinks.Hyperlinks.numbered`).
    """

    def __init__(
        self,
        size: Callable[[], tuple[int, int]],
        focus_back: Callable[[], None],
        follow: Callable[[str], None],
        numbered: Callable[[Line], Line],
        skin: Callable[[], Skin],
    ) -> None:
        self._size, self._focus_back, self._follow = size, focus_back, follow
        self._numbered = numbered
        self._skin = skin
        self._filling: Filling | None = None
        self._answer: asyncio.Future[Filled | None] | None = None
        self._rows: list[Row] = []
        self._view: FormView | None = None
        self._drawn_for: tuple[object, ...] = ()
        self._first = 0
        # Whether the cursor is to be seen, and not what the wheel has turned to.
        self._follows = True
        self._is_left = False
        self.is_open = Condition(lambda: self._filling is not None)
        self._is_text = Condition(lambda: self._filling is not None and self._filling.is_text)
        self._buffer = Buffer(
            read_only=~self._is_text, on_text_changed=lambda buffer: self._typed(buffer.text)
        )
        self._control = _FormControl(self, self._buffer, self._bindings())
        self._window = Window(self._control)
        inside = HSplit([self._window, Window(_ProblemControl(self), height=self._problem_rows)])
        self.float = boxed(
            inside,
            self.is_open,
            columns=lambda: self._columns,
            rows=lambda: self._height,
            above=lambda: one_line(self._filling.question.title, 200) if self._filling else "",
            below=self._keys,
            symbols=self._symbols,
        )

    async def ask(self, question: Question) -> Filled | None:
        """What the user answers to `question`; None if nothing, or while another one is open."""
        if self._answer is not None:
            return None
        self._answer = asyncio.get_running_loop().create_future()
        self._filling = Filling(question)
        self._first, self._follows, self._is_left = 0, True, False
        self._load()
        self.focus()
        get_app().invalidate()
        try:
            return await self._answer
        finally:
            self._answer = self._filling = self._view = None
            self._rows, self._drawn_for = [], ()
            self._buffer.reset()
            self._focus_back()
            get_app().invalidate()

    def focus(self) -> None:
        """Let the keys be those of the form, and be typed, whatever vi was about to do."""
        get_app().vi_state.reset()
        get_app().layout.focus(self._window)

    def content(self, columns: int, rows: int) -> UIContent:
        """What of the form is visible."""
        filling = self._filling
        if filling is None:
            return UIContent()
        view = self._drawn(filling, columns)
        if self._follows:
            # A little of what is around it is seen, too: what is said of it stands below. At
            # first the form's own beginning is worth more.
            around = min(2, max(0, (rows - 1) // 2)) if filling.place else 0
            self._first = min(self._first, max(0, view.current - around))
            self._first = max(self._first, view.current - rows + 1 + around)
        self._first = max(0, min(self._first, len(self._rows) - rows))
        shown = [self._numbered(row.line) for row in self._rows[self._first : self._first + rows]]
        cursor = None
        if view.cursor is not None and 0 <= view.cursor[0] - self._first < rows:
            cursor = Point(view.cursor[1], view.cursor[0] - self._first)
        return UIContent(
            get_line=lambda place: shown[place],
            line_count=len(shown),
            cursor_position=cursor or Point(0, 0),
            show_cursor=cursor is not None,
        )

    def scroll(self, by: int) -> None:
        """Look at the rows `by` further, wherever the cursor is."""
        self._follows = False
        self._first += by

    def click(self, row: int) -> None:
        """Go to what is there, and press it if it can be pressed."""
        place = self._first + row
        filling = self._filling
        stop = self._rows[place].stop if place < len(self._rows) else None
        if filling is not None and stop is not None:
            self._moved(lambda: filling.go(stop))
            if not filling.is_text:
                self._press()

    def problem_lines(self) -> list[Line]:
        """What does not let the form go, if anything."""
        problem = self._filling.problem if self._filling is not None else ""
        if self._is_left:
            problem = _("What you have filled in would be lost: Esc once more gives it up.")
        return [[("class:status.problem", one_line(problem, self._columns - 2))]] if problem else []

    @property
    def _columns(self) -> int:
        columns = self._size()[0]
        return columns if columns < WIDEST + STRIPS else WIDEST

    @property
    def _height(self) -> int:
        """As high as the form is, if the screen is."""
        filling, most = self._filling, max(5, self._size()[1] - 3)
        if filling is None:
            return most
        self._drawn(filling, self._columns - 2)
        return min(most, len(self._rows) + 2 + self._problem_rows())

    def _drawn(self, filling: Filling, columns: int) -> FormView:
        """The rows, made once for what is typed and where one is."""
        document = self._buffer.document
        at = (document.cursor_position_row, document.cursor_position_col)
        skin = self._skin()
        drawn_for = (filling, filling.revision, filling.place, columns, at, skin)
        if self._view is None or drawn_for != self._drawn_for:
            view = FormView(skin.symbols, skin.depth)
            self._view, self._drawn_for = view, drawn_for
            self._rows = self._view.rows(filling, columns, at)
        return self._view

    def _symbols(self) -> Symbols:
        return self._skin().symbols

    def _problem_rows(self) -> int:
        return len(self.problem_lines())

    def _keys(self) -> str:
        filling = self._filling
        if filling is None:
            return ""
        kind = filling.stop.kind
        give_up = _("esc: give up")
        if kind is StopKind.WAY:
            return f" {self._symbols().separator} ".join([_("enter: go on"), give_up])
        # The ways out first: a narrow screen shows no more.
        words = [_("ctrl-s: {way}").format(way=self._default_words), give_up]
        if kind is StopKind.SWITCH:
            words.append(_("space: yes or no"))
        elif kind is StopKind.OPTION:
            words.append(_("space: choose"))
        words.append(_("tab: next"))
        if self._link:
            words.append(_("ctrl-o: open"))
        return f" {self._symbols().separator} ".join(words)

    @property
    def _default_words(self) -> str:
        """What the first way on is called."""
        assert self._filling is not None
        return one_line(self._filling.question.ways_on[0].words, 30)

    @property
    def _link(self) -> str:
        """What there is to be looked at in the field where one is."""
        filling = self._filling
        if filling is None or filling.stop.field < 0:
            return ""
        return next(
            (each for each in filling.fields[filling.stop.field].media if is_link(each)), ""
        )

    def _load(self) -> None:
        """Let the buffer hold what is typed where one is."""
        text = self._filling.text if self._filling is not None else ""
        self._buffer.reset(Document(text, len(text)))

    def _typed(self, text: str) -> None:
        filling = self._filling
        if filling is not None and filling.is_text and text != filling.text:
            filling.type(text)
            self._is_left = False

    def _moved(self, move: Callable[[], None]) -> None:
        before = self._filling.place if self._filling is not None else 0
        move()
        self._follows, self._is_left = True, False
        if self._filling is not None and self._filling.place != before:
            self._load()
        get_app().invalidate()

    def _move(self, by: int) -> None:
        filling = self._filling
        if filling is not None:
            self._moved(lambda: filling.move(by))

    def _move_field(self, by: int) -> None:
        filling = self._filling
        if filling is not None:
            self._moved(lambda: filling.move_field(by))

    def _vertically(self, by: int) -> None:
        """Up or down: in a text of several lines as far as these go."""
        document, filling = self._buffer.document, self._filling
        if filling is not None and filling.is_multiline:
            row = document.cursor_position_row + by
            if 0 <= row < document.line_count:
                self._buffer.auto_up() if by < 0 else self._buffer.auto_down()
                self._follows = True
                return
        self._move(by)

    def _press(self) -> None:
        filling = self._filling
        if filling is None:
            return
        stop = filling.stop
        if stop.kind is StopKind.WAY:
            self._leave(filling.press())
        else:
            self._moved(lambda: self._switch(filling))

    def _switch(self, filling: Filling) -> None:
        filling.press()

    def _leave(self, way: str) -> None:
        """Go on by `way`, if the form allows it."""
        filling = self._filling
        if filling is None:
            return
        if way == GIVE_UP:
            self._end(None)
            return
        answer = filling.leave(way)
        if answer is None:
            self._follows = True
            self._load()
            get_app().invalidate()
        else:
            self._end(answer)

    def _give_up(self) -> None:
        """Leave the form; what would be lost is told before."""
        filling = self._filling
        if filling is not None and filling.is_changed and not self._is_left:
            self._is_left = True
            get_app().invalidate()
        else:
            self._end(None)

    def _end(self, answer: Filled | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    def _bindings(self) -> KeyBindings:
        """The keys of the form; all others edit the text where one is."""
        bindings = KeyBindings()
        is_many = Condition(lambda: self._filling is not None and self._filling.is_multiline)
        acts: dict[str, Callable[[], None]] = {
            "up": lambda: self._vertically(-1),
            "down": lambda: self._vertically(1),
            "c-p": lambda: self._move(-1),
            "c-n": lambda: self._move(1),
            "tab": lambda: self._move_field(1),
            "s-tab": lambda: self._move_field(-1),
            "pageup": lambda: self.scroll(-max(1, self._height - 4)),
            "pagedown": lambda: self.scroll(max(1, self._height - 4)),
            "c-s": lambda: self._leave(
                self._filling.question.ways_on[0].name if self._filling is not None else GIVE_UP
            ),
            "c-o": lambda: self._follow(self._link) if self._link else None,
            "c-c": self._give_up,
            "c-g": self._give_up,
        }
        for key, act in acts.items():
            bindings.add(key, eager=True)(lambda event, act=act: act())

        @bindings.add("escape", filter=IS_ALONE, eager=True)
        def _leave(event: KeyPressEvent) -> None:
            self._give_up()

        @bindings.add("enter", filter=is_many, eager=True)
        @bindings.add("c-j", filter=is_many, eager=True)
        def _new_line(event: KeyPressEvent) -> None:
            self._buffer.insert_text("\n")

        @bindings.add("enter", filter=self._is_text & ~is_many, eager=True)
        @bindings.add("c-j", filter=self._is_text & ~is_many, eager=True)
        def _next(event: KeyPressEvent) -> None:
            self._move_field(1)

        @bindings.add("enter", filter=~self._is_text, eager=True)
        @bindings.add("c-j", filter=~self._is_text, eager=True)
        @bindings.add(" ", filter=~self._is_text, eager=True)
        def _press(event: KeyPressEvent) -> None:
            self._press()

        @bindings.add(Keys.Any, filter=~self._is_text)
        def _jump(event: KeyPressEvent) -> None:
            filling = self._filling
            if filling is not None and event.data.isprintable():
                self._moved(lambda: filling.jump(event.data))

        @bindings.add(Keys.BracketedPaste, eager=True)
        def _paste(event: KeyPressEvent) -> None:
            if self._filling is not None and self._filling.is_text:
                lines = event.data.splitlines()
                self._buffer.insert_text(("\n" if is_many() else " ").join(lines))

        return bindings


class _FormControl(BufferControl):
    """Draws the form; to prompt_toolkit it is where the buffer is edited."""

    def __init__(self, box: FormBox, buffer: Buffer, bindings: KeyBindings) -> None:
        super().__init__(buffer, key_bindings=bindings)
        self._box = box

    def preferred_width(self, max_available_width: int) -> int | None:
        return None

    def preferred_height(self, *room: object) -> int | None:
        return None

    def create_content(self, width: int, height: int, preview_search: bool = False) -> UIContent:
        return self._box.content(width, height)

    def mouse_handler(self, mouse_event: MouseEvent) -> object:
        match mouse_event.event_type:
            case MouseEventType.SCROLL_UP:
                self._box.scroll(-WHEEL)
            case MouseEventType.SCROLL_DOWN:
                self._box.scroll(WHEEL)
            case MouseEventType.MOUSE_UP:
                self._box.click(mouse_event.position.y)
            case _:
                return NotImplemented
        return None


class _ProblemControl(UIControl):
    """Says what does not let the form go."""

    def __init__(self, box: FormBox) -> None:
        self._box = box

    def create_content(self, width: int, height: int) -> UIContent:
        lines = self._box.problem_lines()
        return UIContent(
            get_line=lambda place: lines[place], line_count=len(lines), show_cursor=False
        )
