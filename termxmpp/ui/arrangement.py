"""How the screen is divided: sidebar, title, conversation, who is typing, status, and the input."""

from __future__ import annotations

from typing import Any, Protocol

from prompt_toolkit.filters import Condition, Filter
from prompt_toolkit.layout import (
    CompletionsMenu,
    ConditionalContainer,
    Float,
    FloatContainer,
    ScrollbarMargin,
    Window,
)

from termxmpp.ui.controls import BorderControl, LineControl, SidebarControl, TimelineControl
from termxmpp.ui.dropped import Dropped
from termxmpp.ui.floating import Floating
from termxmpp.ui.frame import Frame, Pane
from termxmpp.ui.heading import title_line, transfer_line, typing_line
from termxmpp.ui.hintline import hint_container
from termxmpp.ui.hits import Hits
from termxmpp.ui.hyperlinks import Hyperlinks
from termxmpp.ui.lines import Line
from termxmpp.ui.output import ScreenOutput
from termxmpp.ui.overlay import Overlay
from termxmpp.ui.prompt import Prompt
from termxmpp.ui.secret import SecretLine
from termxmpp.ui.selection import hints
from termxmpp.ui.sidebar import Sidebar, columns_of
from termxmpp.ui.skin import Wardrobe
from termxmpp.ui.statusbar import status_line
from termxmpp.ui.viewport import Viewport
from termxmpp.workspace import Workspace

__all__ = ["Arrangement", "Parts"]

# Under so many columns the sidebar hides itself (contract §2).
NARROW = 70

# So many completions are seen at once.
MENU_ROWS = 10


class Parts(Protocol):
    """What there is to be arranged; the screen has it."""

    workspace: Workspace
    output: ScreenOutput
    wardrobe: Wardrobe
    sidebar: Sidebar
    viewport: Viewport
    hyperlinks: Hyperlinks
    hits: Hits
    prompt: Prompt
    secret: SecretLine
    overlay: Overlay
    dropped: Dropped
    question: str
    has_form: Condition


class Arrangement:
    """Where each of `parts` stands, in `container`; `shows_sidebar` where there is room for it."""

    def __init__(self, parts: Parts, *, shows_sidebar: bool) -> None:
        self.shows_sidebar = shows_sidebar
        self._parts = parts
        self._typing: Line = []
        self._menu_window, self._menu = _completions_menu(parts.prompt.has_menu)
        prompt, workspace = parts.prompt, parts.workspace
        self._below: tuple[Any, ...] = (
            hint_container(
                prompt.buffer,
                workspace.hint,
                lambda: self._columns,
                lambda: parts.wardrobe.now.symbols,
                parts.dropped.words,
            ),
            ConditionalContainer(prompt.window, ~parts.secret.is_open),
            parts.secret.container,
            prompt.search.container,
        )
        frame = Frame(
            side=[
                Pane(
                    SidebarControl(parts.sidebar, workspace.show),
                    width=lambda: columns_of(self._columns),
                    style="class:sidebar",
                    is_shown=self._has_sidebar,
                ),
                Pane(
                    BorderControl(lambda: parts.wardrobe.now.symbols.border),
                    width=lambda: 1,
                    is_shown=self._has_sidebar,
                ),
            ],
            column=[
                Pane(LineControl(self._title_line), height=1, style="class:titlebar"),
                Pane(TimelineControl(parts.viewport, parts.hyperlinks, workspace.follow)),
                Pane(
                    LineControl(lambda: self._typing),
                    height=1,
                    is_shown=lambda: bool(self._typing),
                ),
            ],
            bottom=[Pane(LineControl(self._status), height=1), *self._below],
            is_covered=lambda: prompt.has_menu() or parts.overlay.is_open() or parts.has_form(),
        )
        self.container = FloatContainer(frame, floats=[self._menu, parts.overlay.float])

    def prepare(self) -> None:
        """A frame is about to be drawn: see who is typing, and where the menu stands."""
        symbols = self._parts.wardrobe.now.symbols
        columns = self._conversation_columns
        window = self._parts.workspace.current
        carried = transfer_line(window, columns, symbols)
        self._typing = carried or typing_line(window, columns, symbols) or []
        self._place_menu()

    def _place_menu(self) -> None:
        """The menu stands above the status bar: neither that nor the hint is ever under it."""
        state = self._parts.prompt.buffer.complete_state
        if state is None:
            return
        columns, rows = self._columns, self._parts.output.get_size().rows
        below = 1 + sum(each.preferred_height(columns, rows).preferred for each in self._below)
        self._menu.bottom = below
        count = len(state.completions)
        self._menu.height = height = max(1, min(MENU_ROWS, count, rows - below - 1))
        # A bar that has nothing to scroll would only look like a letter.
        self._menu_window.right_margins = [ScrollbarMargin()] if count > height else []

    def _title_line(self) -> Line:
        symbols = self._parts.wardrobe.now.symbols
        return title_line(self._parts.workspace.current, self._conversation_columns, symbols)

    def _status(self) -> Line:
        parts, columns = self._parts, self._columns
        keys = hints(parts, columns - 2)
        symbols = parts.wardrobe.now.symbols
        return status_line(parts.workspace, columns, parts.question, keys, symbols)

    def _has_sidebar(self) -> bool:
        return self.shows_sidebar and self._columns >= NARROW

    @property
    def _columns(self) -> int:
        return self._parts.output.get_size().columns

    @property
    def _conversation_columns(self) -> int:
        beside = columns_of(self._columns) + 1 if self._has_sidebar() else 0
        return self._columns - beside


def _completions_menu(is_shown: Filter) -> tuple[Window, Float]:
    """prompt_toolkit's menu: its window, and where that floats."""
    menu = CompletionsMenu(max_height=MENU_ROWS)
    window = menu.content
    assert isinstance(window, Window)
    return window, Float(Floating(menu, is_shown), xcursor=True)
