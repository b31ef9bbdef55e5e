"""The terminal, lent to others: to the user's editor, and to the shell while we are stopped."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TextIO

from prompt_toolkit.application import in_terminal, run_in_terminal

from termxmpp.core.draft import Draft
from termxmpp.errors import UserError
from termxmpp.ui.editor import command, edit
from termxmpp.ui.output import ScreenOutput
from termxmpp.ui.prompt import Prompt
from termxmpp.workspace import Workspace

__all__ = ["FOCUS_REPORTS_OFF", "FOCUS_REPORTS_ON", "Lending"]

FOCUS_REPORTS_ON, FOCUS_REPORTS_OFF = "\x1b[?1004h", "\x1b[?1004l"


class Lending:
    """Lends the terminal behind `output`, which reads `stdin` and writes `stdout`."""

    def __init__(
        self,
        workspace: Workspace,
        prompt: Prompt,
        output: ScreenOutput,
        stdin: TextIO,
        stdout: TextIO,
    ) -> None:
        self._workspace = workspace
        self._prompt = prompt
        self._output = output
        self._stdin, self._stdout = stdin, stdout
        self._editing: asyncio.Task[None] | None = None

    def suspend(self) -> None:
        """Stop the program as a shell's job, having said so; `fg` goes on with it."""
        self._workspace.leave_terminal()
        stopping = asyncio.ensure_future(run_in_terminal(self._stop))
        stopping.add_done_callback(lambda task: self._workspace.return_to_terminal())

    def edit_input(self) -> None:
        """Let the user's editor have the input, and the terminal; the accounts go on meanwhile."""
        if self._editing is None or self._editing.done():
            self._editing = asyncio.get_running_loop().create_task(self._edit_input())

    def cancel(self) -> None:
        """End the editor, if there is one."""
        if self._editing is not None:
            self._editing.cancel()

    async def end(self) -> None:
        """End the editor, and return when the terminal is ours again."""
        if self._editing is not None:
            self._editing.cancel()
            await asyncio.gather(self._editing, return_exceptions=True)

    async def _edit_input(self) -> None:
        prompt, configured = self._prompt, self._workspace.settings.config.ui.editor
        prompt.keep()
        place = self._workspace.current
        self._workspace.set_watched(False)
        try:
            editor = command(configured, os.environ)
            text = await self._edited(prompt.buffer.text, editor)
        except UserError as error:
            self._workspace.complain(str(error))
        else:
            if self._workspace.current == place:
                prompt.fill(text)
            else:
                self._workspace.keep_draft(place, Draft(text, len(text)))
        finally:
            self._workspace.set_watched(True)

    async def _edited(self, text: str, editor: list[str]) -> str:
        """`text` after `editor` has had the terminal."""
        async with in_terminal():
            self._output.write_raw(FOCUS_REPORTS_OFF)
            try:
                with self._output.lent():
                    return await edit(text, editor, self._stdin, self._stdout)
            finally:
                self._output.write_raw(FOCUS_REPORTS_ON)

    def _stop(self) -> None:
        # The shell would take reports for text.
        self._output.write_raw(FOCUS_REPORTS_OFF)
        self._output.flush()
        os.kill(0, signal.SIGTSTP)
        self._output.write_raw(FOCUS_REPORTS_ON)
