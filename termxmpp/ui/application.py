"""The screen: prompt_toolkit's application over the workspace.

It redraws when something shown has changed, at most thirty times a second for what others do,
at once for what the user types, and never otherwise.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from prompt_toolkit.application import Application
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition
from prompt_toolkit.input import create_input
from prompt_toolkit.key_binding import DynamicKeyBindings, KeyBindingsBase, merge_key_bindings
from prompt_toolkit.layout import Layout
from prompt_toolkit.styles import DynamicStyle

from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.core.room import FoundRoom
from termxmpp.errors import TermxmppError
from termxmpp.filling import Filled, Question
from termxmpp.keyboard import Keyboard
from termxmpp.telling.desktop import DesktopVoice
from termxmpp.telling.program import CommandVoice
from termxmpp.telling.teller import Teller
from termxmpp.telling.terminal import TerminalVoice
from termxmpp.ui.arrangement import Arrangement
from termxmpp.ui.dropped import Dropped
from termxmpp.ui.echo import Echo
from termxmpp.ui.facts import terminal_facts
from termxmpp.ui.helplist import HelpList
from termxmpp.ui.hits import Hit, Hits
from termxmpp.ui.hyperlinks import Hyperlinks, LinkedStyle, knows_links
from termxmpp.ui.keys import ACTIONS, make_bindings, unselect_by_typing
from termxmpp.ui.lending import FOCUS_REPORTS_OFF, FOCUS_REPORTS_ON, Lending
from termxmpp.ui.linklist import LinkList
from termxmpp.ui.output import ScreenOutput, open_output
from termxmpp.ui.overlay import Overlay
from termxmpp.ui.pastes import Pastes
from termxmpp.ui.prompt import Prompt
from termxmpp.ui.promptkeys import prompt_bindings
from termxmpp.ui.roomlist import RoomList
from termxmpp.ui.searching import SearchList
from termxmpp.ui.secret import SecretLine
from termxmpp.ui.selection import fill
from termxmpp.ui.sidebar import Sidebar, columns_of
from termxmpp.ui.skin import Wardrobe
from termxmpp.ui.switcher import Switcher
from termxmpp.ui.theme import theme_names
from termxmpp.ui.viewport import Viewport
from termxmpp.words import _
from termxmpp.workspace import Window as Place
from termxmpp.workspace import Workspace

if TYPE_CHECKING:
    from termxmpp.ui.formbox import FormBox

__all__ = ["Screen", "run_screen"]

# What others do is drawn at most so often a second: more than the eye needs, few enough that
# a flood costs little.
FRAME = 1 / 30


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
        self.wardrobe = Wardrobe(
            workspace.settings, self._dressed, self._complain_of_theme, environment
        )
        self.prompt = Prompt(workspace, lambda: self.wardrobe.now.symbols)
        self.hyperlinks = Hyperlinks(is_on=knows_links(environment))
        self.has_focus_reports = False
        self._then: Callable[[], None] = lambda: None
        self._config = workspace.settings.config
        self.sidebar = Sidebar(
            workspace,
            lambda: self.wardrobe.now.symbols,
            lambda: columns_of(self.output.get_size().columns),
        )
        self.viewport = Viewport(workspace, self._look_changed, lambda: self.wardrobe.now)
        self.hits = Hits()
        self.overlay = Overlay(self._size, self._focus_input, lambda: self.wardrobe.now.symbols)
        self.secret = SecretLine(self._focus_input)
        self._form: FormBox | None = None
        self.has_form = Condition(lambda: self._form is not None and self._form.is_open())
        self.pastes = Pastes(self)
        self.dropped = Dropped(self)
        self._redraw: asyncio.TimerHandle | None = None
        self._drawn_at = 0.0
        self._title = ""
        self._theme_problem = ""
        self.output: ScreenOutput = open_output(stdout or sys.stdout, self.repaint)
        self._lending = Lending(
            workspace, self.prompt, self.output, stdin or sys.stdin, stdout or sys.stdout
        )
        self._arrangement = Arrangement(self, shows_sidebar=self._config.ui.sidebar)
        self._bindings = make_bindings(self, self._config.keys)
        self._vi_bindings: KeyBindingsBase | None = None
        unselect_by_typing(self)
        self.app: Application[None] = Application(
            layout=Layout(self._arrangement.container, focused_element=self.prompt.window),
            key_bindings=merge_key_bindings(
                [
                    DynamicKeyBindings(lambda: self._vi_bindings),
                    DynamicKeyBindings(lambda: self._bindings),
                    prompt_bindings(self),
                ]
            ),
            style=DynamicStyle(lambda: self.wardrobe.now.style),
            include_default_pygments_style=False,
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
        self._echo = Echo(self.app, self.prompt.buffer, self.prompt.window)
        self._set_editing_mode()
        self.app.key_processor.before_key_press += lambda keys: workspace.attendance.touched()
        workspace.observers.append(self.changed)
        workspace.settings.observers.append(self._settings_changed)
        workspace.on_search = self.search
        workspace.on_links = self._choose_link
        workspace.on_look_from = self.viewport.look_from
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
        workspace.on_form = self._ask_form
        workspace.on_rooms = self._choose_room
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
            await self._lending.end()
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
        self._lending.cancel()
        if self.app.is_running and not self.app.is_done:
            self.app.exit()

    def set_focus(self, *, is_focused: bool) -> None:
        """The terminal tells whether it is looked at."""
        self.has_focus_reports = True
        self.workspace.set_watched(is_focused)

    def suspend(self) -> None:
        """Stop the program as a shell's job; `fg` goes on with it."""
        self._lending.suspend()

    def edit_input(self) -> None:
        """Let the user's editor have the input."""
        self._lending.edit_input()

    def _set_editing_mode(self) -> None:
        is_vi = self.workspace.settings.config.ui.editing == "vi"
        mode = EditingMode.VI if is_vi else EditingMode.EMACS
        if is_vi and self._vi_bindings is None:
            from termxmpp.ui.vi import vi_bindings  # who edits as emacs does need not have it

            self._vi_bindings = vi_bindings()
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
            self.overlay.open(HelpList(self.workspace, self._do, self.wardrobe.now.symbols))

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

        symbols = self.wardrobe.now.symbols
        self.overlay.open(SearchList(self.workspace, go_to, self.changed, symbols), words)

    def toggle_sidebar(self) -> None:
        self._arrangement.shows_sidebar = not self._arrangement.shows_sidebar
        self.app.invalidate()

    def _settings_changed(self) -> None:
        before, self._config = self._config, self.workspace.settings.config
        if self._config.keys != before.keys:
            self._bindings = make_bindings(self, self._config.keys)
        if self._config.ui.sidebar != before.ui.sidebar:
            self._arrangement.shows_sidebar = self._config.ui.sidebar
        self._set_editing_mode()
        self.changed()

    async def _ask_secret(self, question: str) -> str:
        self.overlay.close()
        return await self.secret.ask(question)

    def _choose_room(self, window: Place, rooms: Sequence[FoundRoom]) -> bool:
        """Show `rooms`, unless the user has gone on to something else meanwhile."""
        is_busy = self.prompt.buffer.text or self.overlay.is_open() or self.secret.is_open()
        if is_busy or window != self.workspace.current:
            return False
        self.overlay.open(
            RoomList(rooms, lambda room: self._join(room.jid), self.wardrobe.now.symbols)
        )
        self.changed()
        return True

    def _join(self, room: Jid) -> None:
        self.workspace.submit(f"/join {room}")

    async def _ask_form(self, question: Question) -> Filled | None:
        self.overlay.close()
        if self._form is None:
            # Only who is asked needs it.
            from termxmpp.ui.formbox import FormBox

            self._form = FormBox(
                self._size,
                self._focus_input,
                self.workspace.follow,
                self.hyperlinks.numbered,
                lambda: self.wardrobe.now,
            )
            self._arrangement.container.floats.append(self._form.float)
        return await self._form.ask(question)

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

    def _size(self) -> tuple[int, int]:
        size = self.output.get_size()
        return size.columns, size.rows

    def _focus_input(self) -> None:
        """Give the keys to what is under what was closed."""
        if self._form is not None and self._form.is_open():
            self._form.focus()
        elif self.secret.is_open():
            self.secret.focus()
        else:
            self.app.layout.focus(self.prompt.window)

    def _choose_link(self, found: Sequence[str]) -> None:
        self.overlay.open(LinkList(found, self.workspace.follow, self.wardrobe.now.symbols))

    def _write(self, sequence: str) -> None:
        """Write what is no part of a frame."""
        self.output.write_raw(sequence)
        self.output.flush()

    def _bug(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Something of ours failed between two turns: one line here, the rest in the log."""
        loop.default_exception_handler(context)
        self.workspace.complain(_("That failed: a bug of termxmpp; the log has the details."))

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
        self._arrangement.prepare()

    def _after_render(self, app: Application[None]) -> None:
        self._drawn_at = asyncio.get_running_loop().time()
        self._echo.frame_drawn()

    def repaint(self) -> None:
        """Draw everything anew, whatever the terminal shows."""
        # Not `renderer.clear`: it leaves the alternate screen, and erases what the shell has
        # on the other one.
        self.app.renderer.reset(leave_alternate_screen=False)
        self.output.reset_attributes()
        self.output.erase_screen()
        self.output.cursor_goto(0, 0)
        self.app.invalidate()


async def run_screen(workspace: Workspace, begin: Callable[[], str] = lambda: "") -> int:
    """Show `workspace` on the terminal until the user quits; the exit status. See `Screen.run`."""
    await Screen(workspace).run(begin)
    return 0
