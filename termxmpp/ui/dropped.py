"""A path that was pasted, or a file that was dropped on the terminal: it can be sent by a key.

It is never sent by itself, and it is looked for by a child: a paste does not wait for a disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import shlex
from typing import Any
from urllib.parse import unquote, urlsplit

from termxmpp.commands.completion import quoted
from termxmpp.core.files import size_words
from termxmpp.core.text import one_line
from termxmpp.errors import UserError
from termxmpp.words import _

__all__ = ["Dropped", "path_in"]

# `application.Screen`, which imports this.
Screen = Any

# What is longer is no path (Linux's PATH_MAX).
LONGEST = 4096


def path_in(text: str) -> str:
    """The path that is all of `text`, as terminals paste one that is dropped; empty if none is.

    That may be a `file:` link, or quoted as for a shell, or as it stands.
    """
    line = text.strip()
    if len(line) > LONGEST or not line.isprintable():
        return ""
    if line.startswith("file://"):
        with contextlib.suppress(ValueError):
            parts = urlsplit(line)
            return unquote(parts.path) if parts.netloc in ("", "localhost") else ""
    if line[:1] in ("'", '"') or "\\" in line:
        with contextlib.suppress(ValueError):
            words = shlex.split(line)
            line = words[0] if len(words) == 1 else ""
    return line if line.startswith(("/", "~/")) and line.strip("/") else ""


class Dropped:
    """What of the input of `screen` is a file that can be sent."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._found = ("", "")
        self._looking: asyncio.Task[None] | None = None

    def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()

    def look(self) -> None:
        """Find out whether the input is the path of a file, now that something was pasted."""
        text = self._screen.prompt.buffer.text
        path = path_in(text)
        if path:
            self.close()
            self._looking = asyncio.get_running_loop().create_task(self._look(text, path))

    def words(self, text: str) -> str:
        """What to say of the input `text`; empty if it is not known to be a file."""
        return self._found[1] if text == self._found[0] else ""

    def send(self) -> None:
        """Send the file whose path the input is; UserError if that is none."""
        prompt = self._screen.prompt
        path = path_in(prompt.buffer.text)
        if not path:
            raise UserError(_("There is no path of a file in the input: /send FILE sends one."))
        prompt.clear()
        self._screen.enter(f"/send {quoted(path)}")

    def _key(self) -> str:
        workspace = self._screen.workspace
        bound = workspace.keyboard.bound(workspace.settings.config.keys)
        return next((key for key, does in bound.items() if does == "send-file"), "/send FILE")

    async def _look(self, text: str, path: str) -> None:
        # Few paste paths, and the start is to be quick.
        from termxmpp.transfers.disk import reading

        # What is no file is a text, and nothing is to be said.
        with contextlib.suppress(UserError):
            async with reading(path) as file:
                words = _("{name}, {size}: {key} sends the file").format(
                    name=one_line(file.name, 60),
                    size=size_words(file.size),
                    key=self._key(),
                )
                self._found = text, words
            self._screen.app.invalidate()
