"""The user's editor on the text of the input: in a child, on a file that nobody else can read."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

from termxmpp.errors import UserError
from termxmpp.words import _

__all__ = ["command", "edit"]

# What an editor may leave behind at most (bytes); more is no message.
LONGEST = 4_000_000

# How long an editor may take to end when termxmpp does (seconds).
PATIENCE = 1.0


def command(configured: str, environment: Mapping[str, str]) -> list[str]:
    """The editor as program and arguments: what is `configured`, $VISUAL, $EDITOR, or vi.

    UserError for a line that a shell could not read either.
    """
    line = configured or environment.get("VISUAL") or environment.get("EDITOR") or "vi"
    try:
        return shlex.split(os.path.expanduser(line)) or ["vi"]
    except ValueError as error:
        raise UserError(
            _("The editor {line!r} can't be understood: {error}.").format(line=line, error=error)
        ) from None


async def edit(text: str, editor: list[str], stdin: TextIO, stdout: TextIO) -> str:
    """`text` after `editor` was used on it, on the terminal that `stdin` and `stdout` are.

    UserError if it can't be started or says that it failed; then nothing has changed.
    """
    folder = Path(tempfile.mkdtemp(prefix="termxmpp-", dir=_runtime_folder()))
    try:
        # In a folder of its own, since editors leave copies beside the file.
        file = folder / "message.txt"
        fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8", errors="replace") as opened:
            opened.write(text)
        with _spared_from_interrupts():
            status = await _run([*editor, str(file)], stdin, stdout)
        if status != 0:
            raise UserError(
                _("{editor} ended with status {status}; the text is as it was.").format(
                    editor=editor[0], status=status
                )
            )
        return _read(file)
    except OSError as error:
        raise UserError(
            _(
                "The editor {editor} can't be used ({problem}); [ui] editor or $EDITOR "
                "names another."
            ).format(editor=editor[0], problem=error.strerror)
        ) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read(file: Path) -> str:
    """The beginning of `file`, without the newlines that editors put at the end."""
    with open(file, "rb") as changed:
        return changed.read(LONGEST).decode("utf-8", "replace").rstrip("\n")


async def _run(command: list[str], stdin: TextIO, stdout: TextIO) -> int:
    child = await asyncio.create_subprocess_exec(*command, stdin=stdin, stdout=stdout)
    try:
        return await child.wait()
    finally:
        if child.returncode is None:
            child.terminate()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await child.wait()
            if child.returncode is None:
                child.kill()


def _runtime_folder() -> str | None:
    """Where the system keeps what is the user's alone and goes with the session, if anywhere."""
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    return folder if os.access(folder, os.W_OK) else None


@contextlib.contextmanager
def _spared_from_interrupts() -> Iterator[None]:
    """Ctrl-C is for the editor, whose group of processes is ours.

    A handler, not SIG_IGN, which the editor would inherit.
    """
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
