"""The input: what is typed, the draft and the own lines of each window, and what completes it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Sequence
from typing import Any

from prompt_toolkit.application import get_app
from prompt_toolkit.buffer import Buffer, CompletionState
from prompt_toolkit.completion import get_common_complete_suffix
from prompt_toolkit.document import Document
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition, has_focus
from prompt_toolkit.formatted_text import StyleAndTextTuples, fragment_list_len
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.key_binding.vi_state import InputMode
from prompt_toolkit.layout import BufferControl, Dimension, Window
from prompt_toolkit.layout.processors import (
    BeforeInput,
    Processor,
    TabsProcessor,
    Transformation,
    TransformationInput,
)
from prompt_toolkit.utils import Event

from termxmpp.core.draft import Draft
from termxmpp.ui.completion import Offer, offers
from termxmpp.ui.folders import list_folder
from termxmpp.ui.searchline import SearchLine
from termxmpp.workspace import Window as Place
from termxmpp.workspace import Workspace

__all__ = ["Prompt"]

# The input grows so far (contract §2).
MOST_ROWS = 10

# What was typed is kept so long after the first of it (seconds): a killed process loses no more.
KEPT_AFTER = 1.0

# The state of vi's keys, as fish and bash's `show-mode-in-prompt` have it.
VI_SIGNS = {
    InputMode.NAVIGATION: "N",
    InputMode.REPLACE: "R",
    InputMode.REPLACE_SINGLE: "R",
}


class Prompt:
    """The input line of `workspace`, which shows the draft of the window that is looked at."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._place = workspace.current
        self._secrets: dict[Place, Document] = {}
        self._keeping: asyncio.TimerHandle | None = None
        self._looking: asyncio.Task[None] | None = None
        self._is_offered = False
        self.search = SearchLine()
        self.buffer = Buffer(
            history=self._own_lines(),
            multiline=True,
            complete_while_typing=False,
        )
        self._show(_as_document(self._place.draft))
        self.buffer.on_text_changed.add_handler(self._keep_soon)
        self.buffer.on_text_insert.add_handler(self._offer_commands)
        self.control = BufferControl(
            self.buffer,
            search_buffer_control=self.search.control,
            preview_search=True,
            input_processors=[_Nearby(), BeforeInput(self._sign, style="class:prompt"), _Tabs()],
        )
        self.window = Window(
            self.control,
            height=Dimension(min=1, max=MOST_ROWS),
            wrap_lines=True,
            dont_extend_height=True,
        )
        self.buffer.on_text_changed += lambda buffer: workspace.typing(buffer.text)
        workspace.on_fill = self.put_before
        self.is_empty = Condition(lambda: not self.buffer.text)
        self.has_focus = has_focus(self.control)
        self.has_menu = Condition(lambda: self.buffer.complete_state is not None)
        workspace.observers.append(self.follow)

    def close(self) -> None:
        """Keep what is written; nothing else is done from now on."""
        self._workspace.observers.remove(self.follow)
        if self._looking is not None:
            self._looking.cancel()
        self.keep()

    # The windows' texts.

    def follow(self) -> None:
        """Show the draft of the window that is looked at, and keep that of the one before."""
        here = self._workspace.current
        if here == self._place:
            return
        left, document = self._place, self._newest()
        self._place = here
        self._forget_timer()
        self.buffer.history = self._own_lines()
        self._show(self._secrets.pop(here, _as_document(here.draft)))
        self._keep_draft(left, document)

    def keep(self) -> None:
        """Keep what is written."""
        self._forget_timer()
        self._keep_draft(self._place, self._newest())

    def _keep_draft(self, place: Place, document: Document) -> None:
        if self._workspace.registry.has_secret(document.text):
            self._secrets[place] = document
        self._workspace.keep_draft(place, Draft(document.text, document.cursor_position))

    def _keep_soon(self, buffer: Buffer | None = None) -> None:
        if self._keeping is None:
            self._keeping = asyncio.get_running_loop().call_later(KEPT_AFTER, self.keep)

    def _forget_timer(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            self._keeping = None

    def _newest(self) -> Document:
        """What the user has written last: below an old line that is looked at, if anything."""
        begun = self._begun()
        return Document(begun) if begun else self.buffer.document

    def _begun(self) -> str:
        """What was begun before the user went to an old line; empty if nothing."""
        lines = self.buffer._working_lines
        is_at_newest = self.buffer.working_index == len(lines) - 1
        return "" if is_at_newest or not lines[-1].strip() else lines[-1]

    def _show(self, document: Document) -> None:
        """Let the input be `document`, below the own lines of the window."""
        self._is_offered = False
        buffer, lines = self.buffer, self.buffer.history.get_strings()
        buffer.reset(document)
        if lines:
            # At once: prompt_toolkit would fetch them in a task, and Up may be the next key.
            buffer._working_lines.extendleft(reversed(lines))
            # Nobody has typed anything: neither is it to be kept, nor are peers to know.
            told, buffer.on_text_changed = buffer.on_text_changed, Event(buffer)
            buffer.working_index = len(lines)
            buffer.on_text_changed = told
            buffer.cursor_position = document.cursor_position

    def _own_lines(self) -> _OwnLines:
        return _OwnLines(self._place.client.recall.lines(self._place.peer))

    # Writing.

    def fill(self, text: str) -> None:
        """Put `text` into the input instead of what is there, which undo brings back."""
        self.buffer.save_to_undo_stack()
        self.buffer.document = Document(text)

    def put_before(self, text: str) -> None:
        """Put `text` before what is written."""
        self.buffer.save_to_undo_stack()
        self.buffer.text = text + self.buffer.text
        self.buffer.cursor_position = len(self.buffer.text)

    def insert(self, text: str) -> None:
        """Put `text` where the cursor is."""
        self.buffer.save_to_undo_stack()
        self.buffer.insert_text(text)

    def clear(self) -> None:
        """Empty the input; what was in it can be called back."""
        text = self.buffer.text.rstrip()
        self._forget_timer()
        self._workspace.keep_line(self._place, text)
        self._remember(text)
        self._show(Document())
        self.buffer.on_text_changed.fire()

    def send(self) -> None:
        """Enter what is written; if it is refused it stays, to be corrected."""
        place, written, begun = self._place, self.buffer.document, self._begun()
        text = written.text.rstrip()
        self._forget_timer()
        self._show(Document(begun))
        if self._workspace.submit(text):
            self._workspace.keep_line(place, text)
            if place == self._place:
                self._remember(text)
                self._show(self._newest())
            if begun:
                self._keep_draft(place, Document(begun))
        elif place == self._place:
            self._show(written)
            self._keep_soon()
        else:
            self._keep_draft(place, written)

    def _remember(self, text: str) -> None:
        history = self.buffer.history
        known = history.get_strings()
        is_new = bool(text) and (not known or known[-1] != text)
        if is_new and not self._workspace.registry.has_secret(text):
            history.append_string(text)

    # Completing.

    @property
    def is_choosing(self) -> bool:
        """Whether one of the menu is chosen, or the user has asked for the menu."""
        return self.buffer.complete_state is not None and (self.has_chosen or not self._is_offered)

    @property
    def has_chosen(self) -> bool:
        """Whether one of the menu is chosen, which stands in the input already."""
        state = self.buffer.complete_state
        return state is not None and state.complete_index is not None

    def complete(self) -> None:
        """Complete what is sure at once, and offer what is not; with the menu there, choose.

        At once, since prompt_toolkit's own way is a task, whose outcome is dropped when the next
        key is quicker.
        """
        if self.is_choosing:
            self.buffer.complete_next()
            return
        was_offered = self.buffer.complete_state is not None
        found = offers(self._workspace, self.buffer.document)
        if self._workspace.offers.folder_wanted is None:
            self._complete_with(found, is_choosing=was_offered)
        else:
            self._look_into(self._workspace.offers.folder_wanted)

    def choose(self, by: int) -> None:
        """Go `by` places further in the menu, around the end."""
        if by > 0:
            self.buffer.complete_next(by)
        else:
            self.buffer.complete_previous(-by)

    def take(self) -> None:
        """Take what is chosen, and be done with the menu."""
        state = self.buffer.complete_state
        self.buffer.complete_state = None
        if state is not None and state.current_completion is not None:
            self._end_word(state.current_completion)

    def leave_menu(self) -> None:
        """Be done with the menu, and let the text be as before."""
        self.buffer.cancel_completion()

    def _complete_with(self, found: list[Offer], *, is_choosing: bool = False) -> None:
        buffer = self.buffer
        if len(found) == 1:
            buffer.complete_state = None
            buffer.apply_completion(found[0])
            buffer.complete_state = None
            self._end_word(found[0])
        elif found:
            sure = get_common_complete_suffix(buffer.document, found)
            if sure:
                buffer.insert_text(sure)
                found = offers(self._workspace, buffer.document)
            self._open_menu(found)
            if is_choosing and not sure:
                buffer.complete_next()

    def _end_word(self, offer: Any) -> None:
        document = self.buffer.document
        is_open = not offer.is_whole or offer.text[-1:].isspace()
        if document.is_cursor_at_the_end and not is_open:
            self.buffer.insert_text(" ")

    def _open_menu(self, found: list[Offer], *, is_offered: bool = False) -> None:
        self._is_offered = is_offered
        self.buffer.complete_state = CompletionState(self.buffer.document, list(found))

    def _offer_commands(self, buffer: Buffer) -> None:
        """While the name of a command is typed, show those that it can become."""
        typed = buffer.text
        is_name = typed.startswith("/") and typed[1:2] != "/"
        if is_name and buffer.document.is_cursor_at_the_end and len(typed.split()) == 1:
            found = offers(self._workspace, buffer.document)
            is_done = len(found) == 1 and found[0].text.strip() == typed[1:]
            if found and not is_done and not typed[-1].isspace():
                self._open_menu(found, is_offered=True)

    def _look_into(self, folder: str) -> None:
        if self._looking is not None:
            self._looking.cancel()
        looking: Coroutine[Any, Any, None] = self._complete_in(folder, self.buffer.document)
        self._looking = asyncio.get_running_loop().create_task(looking)

    async def looked(self) -> None:
        """Return when no folder is being looked into any more."""
        if self._looking is not None:
            await asyncio.wait([self._looking])

    async def _complete_in(self, folder: str, asked: Document) -> None:
        """Complete what was asked for, with what is in `folder`, unless it was typed further."""
        content = await list_folder(folder)
        if self.buffer.document != asked:
            return
        self._workspace.offers.folder = (folder, content)
        try:
            self._complete_with(offers(self._workspace, asked))
        finally:
            # Another time it may have changed.
            self._workspace.offers.folder = None
        get_app().invalidate()

    def _sign(self) -> StyleAndTextTuples:
        app = get_app()
        if app.editing_mode is not EditingMode.VI:
            return [("", "> ")]
        state = "V" if self.buffer.selection_state else VI_SIGNS.get(app.vi_state.input_mode, "I")
        return [("", f"[{state}] > ")]


class _OwnLines(InMemoryHistory):
    """The lines that the user has entered in a window, oldest first; nothing has to be loaded."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self._loaded_strings = list(reversed(lines))

    async def load(self) -> AsyncGenerator[str, None]:
        nothing: tuple[str, ...] = ()
        for line in nothing:
            yield line


class _Nearby(Processor):
    """Of a very long line, only what is near the cursor: all of it is laid out for each frame.

    It is cut where rows begin, so that those that are seen stay as they are.
    """

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        fragments, document = transformation_input.fragments, transformation_input.document
        screen = max(1, transformation_input.width) * MOST_ROWS
        if len(document.text) <= 4 * screen or fragment_list_len(fragments) <= 4 * screen:
            return Transformation(fragments)
        is_here = document.cursor_position_row == transformation_input.lineno
        cursor = document.cursor_position_col if is_here else 0
        start = max(0, cursor // screen - 1) * screen
        shown = _part(fragments, start, start + 3 * screen)
        length = fragment_list_len(shown)
        return Transformation(
            shown,
            lambda place: max(0, min(place - start, length)),
            lambda place: place + start,
        )


class _Tabs(TabsProcessor):
    """Shows tabs as spaces; a line without any is not taken apart."""

    def __init__(self) -> None:
        super().__init__(tabstop=8, char1=" ", char2=" ", style="")

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        fragments = transformation_input.fragments
        if any("\t" in fragment[1] for fragment in fragments):
            return super().apply_transformation(transformation_input)
        return Transformation(fragments)


def _part(fragments: StyleAndTextTuples, start: int, end: int) -> StyleAndTextTuples:
    """What of `fragments` is from the character `start` to `end`."""
    part: StyleAndTextTuples = []
    place = 0
    for style, text, *_handler in fragments:
        shown = text[max(0, start - place) : max(0, end - place)]
        if shown:
            part.append((style, shown))
        place += len(text)
    return part


def _as_document(draft: Draft) -> Document:
    return Document(draft.text, min(draft.cursor, len(draft.text)))
