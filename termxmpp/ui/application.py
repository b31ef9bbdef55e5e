"""The screen: prompt_toolkit's application over the workspace.

It redraws when something shown has changed, at most thirty times a second for what others do,
at once for what the user types, and never otherwise.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TextIO

from prompt_toolkit.application import Application, in_terminal, run_in_terminal
from prompt_toolkit.data_structures import Point
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition
from prompt_toolkit.input import create_input
from prompt_toolkit.key_binding import DynamicKeyBindings, merge_key_bindings
from prompt_toolkit.layout import (
    CompletionsMenu,
    ConditionalContainer,
    Float,
    FloatContainer,
    Layout,
    ScrollbarMargin,
    Window,
)
from prompt_toolkit.layout.controls import UIContent, UIControl
from prompt_toolkit.mouse_events import MouseEvent, MouseEventType
from prompt_toolkit.styles import DynamicStyle

from termxmpp.core.draft import Draft
from termxmpp.core.message import Message
from termxmpp.errors import TermxmppError, UserError
from termxmpp.keyboard import Keyboard
from termxmpp.telling.desktop import DesktopVoice
from termxmpp.telling.program import CommandVoice
from termxmpp.telling.teller import Teller
from termxmpp.telling.terminal import TerminalVoice
from termxmpp.ui.dropped import Dropped
from termxmpp.ui.editor import command, edit
from termxmpp.ui.facts import terminal_facts
from termxmpp.ui.frame import Frame, Pane
from termxmpp.ui.heading import title_line, transfer_line, typing_line
from termxmpp.ui.helplist import HelpList
from termxmpp.ui.hintline import hint_container
from termxmpp.ui.hits import Hit, Hits
from termxmpp.ui.hyperlinks import Hyperlinks, LinkedStyle, knows_links
from termxmpp.ui.keys import ACTIONS, make_bindings, unselect_by_typing
from termxmpp.ui.lines import Line
from termxmpp.ui.linklist import LinkList
from termxmpp.ui.output import ScreenOutput, open_output
from termxmpp.ui.overlay import Overlay
from termxmpp.ui.pastes import Pastes
from termxmpp.ui.prompt import Prompt
from termxmpp.ui.promptkeys import prompt_bindings
from termxmpp.ui.searching import SearchList
from termxmpp.ui.secret import SecretLine
from termxmpp.ui.selection import fill, hints
from termxmpp.ui.sidebar import COLUMNS, Row, Sidebar
from termxmpp.ui.skin import Wardrobe
from termxmpp.ui.statusbar import status_line
from termxmpp.ui.switcher import Switcher
from termxmpp.ui.theme import theme_names
from termxmpp.ui.viewport import Viewport
from termxmpp.words import _
from termxmpp.workspace import Workspace

__all__ = ["Screen", "run_screen"]

# What others do is drawn at most so often a second: more than the eye needs, few enough that
# a flood costs little.
FRAME = 1 / 30

# Under so many columns the sidebar hides itself (contract §2).
NARROW = 70

# So many completions are seen at once.
MENU_ROWS = 10

# How many lines a turn of the wheel scrolls.
WHEEL = 3

FOCUS_REPORTS_ON, FOCUS_REPORTS_OFF = "\x1b[?1004h", "\x1b[?1004l"


class Screen:
    """Everything drawn for `workspace`, and the keys on it, on a terminal: by default our own.

    What the terminal can is known by `environment`.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        stdin: TextIO | None = None,
        stdout: TextIO | None = None,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self.workspace = workspace
        self.question = ""
        self.interrupted_at = float("-inf")
        self.prompt = Prompt(workspace)
        self.wardrobe = Wardrobe(
            workspace.settings, self._dressed, self._complain_of_theme, environment
        )
        self.hyperlinks = Hyperlinks(is_on=knows_links(environment))
        self.has_focus_reports = False
        self._then: Callable[[], None] = lambda: None
        self._config = workspace.settings.config
        self._shows_sidebar = self._config.ui.sidebar
        self.sidebar = Sidebar(workspace, lambda: self.wardrobe.now.symbols)
        self.viewport = Viewport(workspace, self._look_changed, lambda: self.wardrobe.now)
        self.hits = Hits()
        self.overlay = Overlay(self._size, self._focus_input, lambda: self.wardrobe.now.symbols)
        self.secret = SecretLine(self._focus_input)
        self.pastes = Pastes(self)
        self.dropped = Dropped(self)
        self._stdin, self._stdout = stdin or sys.stdin, stdout or sys.stdout
        self._editing: asyncio.Task[None] | None = None
        self._menu_window, self._menu = _completions_menu()
        self._redraw: asyncio.TimerHandle | None = None
        self._drawn_at = 0.0
        self._title = ""
        self._theme_problem = ""
        self.output: ScreenOutput = open_output(stdout or sys.stdout, self.repaint)
        self._bindings = make_bindings(self, self._config.keys)
        unselect_by_typing(self)
        self.app: Application[None] = Application(
            layout=Layout(self._layout(), focused_element=self.prompt.window),
            key_bindings=merge_key_bindings(
                [
                    DynamicKeyBindings(lambda: self._bindings),
                    prompt_bindings(self),
                ]
            ),
            style=DynamicStyle(lambda: self.wardrobe.now.style),
            full_screen=True,
            mouse_support=Condition(lambda: workspace.settings.config.ui.mouse),
            color_depth=self.wardrobe.colour_depth,
            input=create_input(stdin),
            output=self.output,
            terminal_size_polling_interval=None,
            # What comes in is merged into frames by `changed`; a key's echo waits for nothing.
            max_render_postpone_time=0,
            before_render=self._before_render,
            after_render=self._after_render,
        )
        self.app.renderer.style = LinkedStyle(self.app.renderer.style, self.hyperlinks)
        # Alt and a key come as one burst; a lone Escape need not wait long to be known as one.
        self.app.ttimeoutlen = 0.05
        self._set_editing_mode()
        workspace.observers.append(self.changed)
        workspace.settings.observers.append(self._settings_changed)
        workspace.on_search = self.search
        workspace.on_links = self._choose_link
        settings = workspace.settings
        self.teller = Teller(
            workspace,
            [
                TerminalVoice(self._write, settings, os.environ),
                DesktopVoice(settings, os.environ, workspace.show),
                CommandVoice(settings, os.environ),
            ],
        )
        workspace.on_quit = self.quit
        workspace.keyboard = Keyboard(ACTIONS)
        workspace.on_secret = self._ask_secret
        workspace.theme_names = theme_names
        workspace.terminal_facts = lambda: terminal_facts(
            environment,
            self.output.get_size(),
            workspace.settings.config.notify.terminal,
            has_focus_reports=self.has_focus_reports,
        )

    async def run(self, begin: Callable[[], str] = lambda: "") -> None:
        """Draw and serve the keys until the user quits or the terminal is gone.

        What `begin` returns is written to the terminal with the first frame.
        """
        asyncio.get_running_loop().set_exception_handler(self._bug)
        self.output.write_raw(begin() + FOCUS_REPORTS_ON)
        self.wardrobe.open()
        self._dress()
        running = asyncio.ensure_future(
            self.app.run_async(handle_sigint=False, set_exception_handler=False)
        )
        try:
            # If we are cancelled, it goes on until the editor has given the terminal back.
            await asyncio.wait([running])
        finally:
            await self._end_editing()
            running.cancel()
            with contextlib.suppress(EOFError, asyncio.CancelledError):
                await running
            if self._redraw is not None:
                self._redraw.cancel()
            self.overlay.close()
            self.wardrobe.close()
            self.teller.close()
            self.dropped.close()
            self.prompt.close()
            self.workspace.observers.remove(self.changed)
            self.workspace.settings.observers.remove(self._settings_changed)
            self.output.write_raw(FOCUS_REPORTS_OFF)
            self.output.flush()
            self.output.close()

    def quit(self) -> None:
        """End `run`."""
        if self._editing is not None:
            self._editing.cancel()
        if self.app.is_running and not self.app.is_done:
            self.app.exit()

    def set_focus(self, *, is_focused: bool) -> None:
        """The terminal tells whether it is looked at."""
        self.has_focus_reports = True
        self.workspace.set_watched(is_focused)

    def suspend(self) -> None:
        """Stop the program as a shell's job, having said so; `fg` goes on with it."""
        self.workspace.leave_terminal()
        stopping = asyncio.ensure_future(run_in_terminal(self._stop))
        stopping.add_done_callback(lambda task: self.workspace.return_to_terminal())

    def edit_input(self) -> None:
        """Let the user's editor have the input, and the terminal; the accounts go on meanwhile."""
        if self._editing is None or self._editing.done():
            self._editing = asyncio.get_running_loop().create_task(self._edit_input())

    async def _edit_input(self) -> None:
        prompt, configured = self.prompt, self.workspace.settings.config.ui.editor
        prompt.keep()
        place = self.workspace.current
        self.workspace.set_watched(False)
        try:
            editor = command(configured, os.environ)
            text = await self._edited(prompt.buffer.text, editor)
        except UserError as error:
            self.workspace.complain(str(error))
        else:
            if self.workspace.current == place:
                prompt.fill(text)
            else:
                self.workspace.keep_draft(place, Draft(text, len(text)))
        finally:
            self.workspace.set_watched(True)

    async def _edited(self, text: str, editor: list[str]) -> str:
        """`text` after `editor` has had the terminal."""
        async with in_terminal():
            self.output.write_raw(FOCUS_REPORTS_OFF)
            try:
                with self.output.lent():
                    return await edit(text, editor, self._stdin, self._stdout)
            finally:
                self.output.write_raw(FOCUS_REPORTS_ON)

    async def _end_editing(self) -> None:
        if self._editing is not None:
            self._editing.cancel()
            await asyncio.gather(self._editing, return_exceptions=True)

    def _set_editing_mode(self) -> None:
        is_vi = self.workspace.settings.config.ui.editing == "vi"
        mode = EditingMode.VI if is_vi else EditingMode.EMACS
        if self.app.editing_mode is not mode:
            self.app.vi_state.reset()
            self.app.editing_mode = mode
            self.app.invalidate()

    def changed(self) -> None:
        """Something shown has changed: draw it with the next frame."""
        if self._redraw is None:
            loop = asyncio.get_running_loop()
            self._redraw = loop.call_at(self._drawn_at + FRAME, self._draw)

    def ask(self, question: str, then: Callable[[], None]) -> None:
        """Ask in the status bar; `then` is called if the answer is yes."""
        self.question, self._then = question, then
        self.app.invalidate()

    def answer(self, is_yes: bool) -> None:
        """The user answered."""
        then, self.question = self._then, ""
        if is_yes:
            then()
        self.app.invalidate()

    def enter(self, line: str, *, is_last: bool = True) -> None:
        """Do what `line` says; where it `is_last`, nothing is selected any more."""
        self.workspace.submit(line)
        if is_last:
            self.viewport.unselect()

    def act_on_selected(self, act: Callable[[Screen, Message], None]) -> None:
        """Do something to the message that is selected; what can't be done is told."""
        message = self.viewport.selected
        if message is None:
            return
        self.workspace.problem = ""
        self.attempt(lambda: act(self, message))

    def attempt(self, act: Callable[[], None]) -> None:
        """Do something for the user; why it can't be done is told in the status bar."""
        try:
            act()
        except TermxmppError as error:
            self.workspace.complain(str(error))

    def switch(self) -> None:
        """Offer all that can be gone to."""
        self.overlay.open(
            Switcher(self.workspace, lambda line: fill(self, line), self.wardrobe.now.symbols)
        )

    def help(self) -> None:
        """Show what can be done here; asked for once more, all keys."""
        if isinstance(self.overlay.picker, HelpList):
            self.overlay.switch()
        else:
            self.overlay.open(HelpList(self.workspace, self._do))

    def _do(self, does: str) -> None:
        """Do what an action's name or a command's name says; of a command, begin to write it."""
        action = self.workspace.keyboard.actions.get(does)
        if action is not None:
            self.attempt(lambda: action.act(self))
        else:
            fill(self, f"{does} ")

    def search(self, words: str = "") -> None:
        """Look for `words`, and go to what is chosen."""
        origin = self.viewport.place()

        def go_to(hits: list[Hit], place: int, words: str) -> None:
            self.viewport.mark(words)
            self.attempt(lambda: self.hits.begin(self, hits, place, origin))

        self.overlay.open(SearchList(self.workspace, go_to, self.changed), words)

    def toggle_sidebar(self) -> None:
        self._shows_sidebar = not self._shows_sidebar
        self.app.invalidate()

    def _settings_changed(self) -> None:
        before, self._config = self._config, self.workspace.settings.config
        if self._config.keys != before.keys:
            self._bindings = make_bindings(self, self._config.keys)
        if self._config.ui.sidebar != before.ui.sidebar:
            self._shows_sidebar = self._config.ui.sidebar
        self._set_editing_mode()
        self.changed()

    async def _ask_secret(self, question: str) -> str:
        self.overlay.close()
        return await self.secret.ask(question)

    def _has_sidebar(self) -> bool:
        return self._shows_sidebar and self.output.get_size().columns >= NARROW

    def _layout(self) -> FloatContainer:
        self._hint = hint_container(
            self.prompt.buffer,
            self.workspace.hint,
            lambda: self.output.get_size().columns,
            self.dropped.words,
        )
        is_secret = self.secret.is_open
        self._below = (
            self._hint,
            ConditionalContainer(self.prompt.window, ~is_secret),
            self.secret.container,
            self.prompt.search.container,
        )
        frame = Frame(
            side=[
                Pane(
                    _SidebarControl(self),
                    width=COLUMNS,
                    style="class:sidebar",
                    is_shown=self._has_sidebar,
                ),
                Pane(_BorderControl(self._border), width=1, is_shown=self._has_sidebar),
            ],
            column=[
                Pane(_LineControl(self._title_line), height=1, style="class:titlebar"),
                Pane(_TimelineControl(self)),
                Pane(
                    _LineControl(self._typing_line),
                    height=1,
                    is_shown=lambda: bool(self._typing_line()),
                ),
            ],
            bottom=[Pane(_LineControl(self._status), height=1), *self._below],
            is_covered=lambda: self.prompt.has_menu() or self.overlay.is_open(),
        )
        return FloatContainer(frame, floats=[self._menu, self.overlay.float])

    def _place_menu(self) -> None:
        """The menu stands above the status bar: neither that nor the hint is ever under it."""
        state = self.prompt.buffer.complete_state
        if state is None:
            return
        columns, rows = self._size()
        below = 1 + sum(each.preferred_height(columns, rows).preferred for each in self._below)
        self._menu.bottom = below
        count = len(state.completions)
        self._menu.height = height = max(1, min(MENU_ROWS, count, rows - below - 1))
        # A bar that has nothing to scroll would only look like a letter.
        self._menu_window.right_margins = [ScrollbarMargin()] if count > height else []

    def _title_line(self) -> Line:
        return title_line(self.workspace.current, self._conversation_columns)

    def _typing_line(self) -> Line:
        symbols = self.wardrobe.now.symbols
        window, columns = self.workspace.current, self._conversation_columns
        return (
            transfer_line(window, columns, symbols) or typing_line(window, columns, symbols) or []
        )

    def _status(self) -> Line:
        columns = self.output.get_size().columns
        symbols = self.wardrobe.now.symbols
        return status_line(self.workspace, columns, self.question, hints(self), symbols)

    @property
    def _conversation_columns(self) -> int:
        columns = self.output.get_size().columns
        return columns - COLUMNS - 1 if self._has_sidebar() else columns

    def _look_changed(self) -> None:
        self.app.invalidate()

    def _dressed(self) -> None:
        """The theme is another: draw everything in it."""
        self._dress()
        self.app.invalidate()

    def _dress(self) -> None:
        skin = self.wardrobe.now
        attrs = skin.style.get_attrs_for_style_str("")
        self.output.set_base(attrs if skin.base else None, self.wardrobe.colour_depth)

    def _complain_of_theme(self, problem: str) -> None:
        """Tell what is wrong with the theme; empty, if nothing is any more."""
        if problem or self.workspace.problem == self._theme_problem:
            self.workspace.complain(problem)
        self._theme_problem = problem

    def _border(self) -> str:
        return self.wardrobe.now.symbols.border

    def _size(self) -> tuple[int, int]:
        size = self.output.get_size()
        return size.columns, size.rows

    def _focus_input(self) -> None:
        self.app.layout.focus(self.prompt.window)

    def _choose_link(self, found: Sequence[str]) -> None:
        self.overlay.open(LinkList(found, self.workspace.follow))

    def _write(self, sequence: str) -> None:
        """Write what is no part of a frame."""
        self.output.write_raw(sequence)
        self.output.flush()

    def _bug(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Something of ours failed between two turns: one line here, the rest in the log."""
        loop.default_exception_handler(context)
        self.workspace.complain(_("That failed: a bug of termxmpp; the log has the details."))

    def _stop(self) -> None:
        # The shell would take reports for text.
        self.output.write_raw(FOCUS_REPORTS_OFF)
        self.output.flush()
        os.kill(0, signal.SIGTSTP)
        self.output.write_raw(FOCUS_REPORTS_ON)

    def _draw(self) -> None:
        self._redraw = None
        self._drawn_at = asyncio.get_running_loop().time()
        self._set_title()
        self.app.invalidate()

    def _set_title(self) -> None:
        unread = sum(window.conversation.unread for window in self.workspace.windows)
        title = _("({unread}) termxmpp").format(unread=unread) if unread else "termxmpp"
        if title != self._title:
            self._title = title
            self.output.set_title(title)

    def _before_render(self, app: Application[None]) -> None:
        # What is shown is never lost: it is kept before.
        self.workspace.settle()
        self.hyperlinks.tidy()
        self._place_menu()

    def _after_render(self, app: Application[None]) -> None:
        self._drawn_at = asyncio.get_running_loop().time()

    def repaint(self) -> None:
        """Draw everything anew, whatever the terminal shows."""
        # Not `renderer.clear`: it leaves the alternate screen, and erases what the shell has
        # on the other one.
        self.app.renderer.reset(leave_alternate_screen=False)
        self.output.reset_attributes()
        self.output.erase_screen()
        self.output.cursor_goto(0, 0)
        self.app.invalidate()


def _completions_menu() -> tuple[Window, Float]:
    """prompt_toolkit's menu: its window, and where that floats."""
    menu = CompletionsMenu(max_height=MENU_ROWS)
    window = menu.content
    assert isinstance(window, Window)
    return window, Float(menu, xcursor=True)


class _LineControl(UIControl):
    """The one line that `make` gives."""

    def __init__(self, make: Callable[[], Line]) -> None:
        self._make = make

    def create_content(self, width: int, height: int) -> UIContent:
        line = self._make()
        return UIContent(get_line=lambda place: line, line_count=1, show_cursor=False)


class _BorderControl(UIControl):
    """A line from top to bottom, made of what `char` gives."""

    def __init__(self, char: Callable[[], str]) -> None:
        self._char = char

    def create_content(self, width: int, height: int) -> UIContent:
        line: Line = [("class:border", self._char())]
        return UIContent(get_line=lambda place: line, line_count=height, show_cursor=False)


class _TimelineControl(UIControl):
    """Draws the lines that are visible, and no others."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def create_content(self, width: int, height: int) -> UIContent:
        lines = self._screen.viewport.lines(width, height)
        return UIContent(
            get_line=lambda place: self._screen.hyperlinks.numbered(lines[place]),
            line_count=len(lines),
            cursor_position=Point(0, 0),
            show_cursor=False,
        )

    def mouse_handler(self, mouse_event: MouseEvent) -> object:
        match mouse_event.event_type:
            case MouseEventType.SCROLL_UP:
                self._screen.viewport.scroll(WHEEL)
            case MouseEventType.SCROLL_DOWN:
                self._screen.viewport.scroll(-WHEEL)
            case MouseEventType.MOUSE_UP:
                self._click(mouse_event.position)
            case _:
                return NotImplemented
        return None

    def _click(self, position: Point) -> None:
        """Open the link there, or select the message."""
        viewport = self._screen.viewport
        link = viewport.link_at(position.y, position.x)
        message = viewport.message_at(position.y)
        if link:
            self._screen.workspace.follow(link)
        elif message is not None:
            viewport.select(message.key)


class _SidebarControl(UIControl):
    """The sidebar's rows; a click opens the row's window, the wheel moves the rows."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._rows: list[Row] = []
        self._first = 0

    def create_content(self, width: int, height: int) -> UIContent:
        sidebar = self._screen.sidebar
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
                    self._screen.workspace.show(window)
            case _:
                return NotImplemented
        return None


async def run_screen(workspace: Workspace, begin: Callable[[], str] = lambda: "") -> int:
    """Show `workspace` on the terminal until the user quits; the exit status. See `Screen.run`."""
    await Screen(workspace).run(begin)
    return 0
