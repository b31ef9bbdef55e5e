"""The input: what is typed, own lines, and pastes that arrive as one message."""

from __future__ import annotations

import asyncio

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, get_common_complete_suffix
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.layout import BufferControl, Dimension, Window
from prompt_toolkit.layout.processors import BeforeInput
from prompt_toolkit.widgets import SearchToolbar

from termxmpp.ui.completion import WorkspaceCompleter
from termxmpp.workspace import Workspace

__all__ = ["Prompt"]

# The input grows so far (contract §2).
MOST_ROWS = 10


class Prompt:
    """The input line of `workspace`."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.search = SearchToolbar(ignore_case=True)
        self._completer = WorkspaceCompleter(workspace)
        self.buffer = Buffer(
            completer=self._completer,
            history=InMemoryHistory(),
            multiline=True,
            complete_while_typing=False,
            accept_handler=self._accept,
        )
        self.control = BufferControl(
            self.buffer,
            search_buffer_control=self.search.control,
            input_processors=[BeforeInput("> ", style="class:prompt")],
        )
        self.window = Window(
            self.control,
            height=Dimension(min=1, max=MOST_ROWS),
            wrap_lines=True,
            dont_extend_height=True,
        )
        self.buffer.on_text_changed += lambda buffer: workspace.typing(buffer.text)
        self._is_submitting = False
        workspace.on_fill = self.fill
        self.is_empty = Condition(lambda: not self.buffer.text)

    @property
    def has_menu(self) -> bool:
        """Whether what could be typed is offered below the cursor."""
        return self.buffer.complete_state is not None

    def insert(self, text: str) -> None:
        """Put a paste into the input, whatever kind of newlines it has."""
        self.buffer.insert_text(text.replace("\r\n", "\n").replace("\r", "\n"))

    def fill(self, text: str) -> None:
        """Put `text` before what is typed, which may be a line that is just being done."""
        if self._is_submitting:
            # Behind us prompt_toolkit empties the input.
            asyncio.get_running_loop().call_soon(self.fill, text)
        else:
            self.buffer.text = text + self.buffer.text
            self.buffer.cursor_position = len(self.buffer.text)

    def complete(self) -> None:
        """Complete what is sure at once, and offer what is not.

        At once, since prompt_toolkit's own way is a task, whose outcome is dropped when the next
        key is quicker.
        """
        buffer = self.buffer
        if buffer.complete_state is not None:
            buffer.complete_next()
            return
        offers = list(self._completer.get_completions(buffer.document, CompleteEvent()))
        if len(offers) == 1:
            buffer.apply_completion(offers[0])
            if buffer.document.is_cursor_at_the_end:
                buffer.insert_text(" ")
        elif offers:
            buffer.insert_text(get_common_complete_suffix(buffer.document, offers))
            buffer.start_completion()

    def _accept(self, buffer: Buffer) -> bool:
        self._is_submitting = True
        try:
            self._workspace.submit(buffer.text)
        finally:
            self._is_submitting = False
        return False
