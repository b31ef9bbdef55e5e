"""A new file, only for the user's eyes, written by a child: a disk may take for ever.

It is never one that is there already, and gone again if not all of it could be written.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from types import TracebackType
from typing import Self

from termxmpp.errors import UserError
from termxmpp.words import _

__all__ = ["NewFile"]

# What is told of a file that can't be made or written is short (bytes).
LONGEST = 4096

# How long one that is let go may take to tidy up (seconds).
LAST_WORD = 2.0

# How long the disk may take to have the rest (seconds).
PATIENCE = 600.0

# The last byte says that it is whole; without it nothing is left. No module of ours, so that it
# starts within milliseconds. A name that is free is found where a pattern is given.
_PROGRAM = """
import errno, os, sys
def made(names):
    for name in names:
        path = os.path.abspath(os.path.expanduser(name))
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            return path, os.open(path, flags, 0o600)
        except FileExistsError:
            problem = name
    sys.exit("exists " + problem)
whole = False
try:
    path, fd = made(sys.argv[1:])
except OSError as error:
    sys.exit(error.strerror or str(error))
try:
    print(path, flush=True)
    while data := os.read(0, 65536):
        whole = data.endswith(b"\\0")
        data = data.removesuffix(b"\\0")
        while data:
            data = data[os.write(fd, data):]
    if whole:
        os.fsync(fd)
except OSError as error:
    whole = False
    sys.exit(error.strerror or str(error))
finally:
    if not whole:
        os.unlink(path)
"""


class NewFile:
    """The first of `names` that is no file yet, as a context that takes text.

    What has not been `finish`ed is gone at its end. UserError says why it can't be made or
    written; names may begin with `~`.
    """

    def __init__(self, *names: str) -> None:
        # As a program can be told it: a name holds neither NUL nor what is no character.
        self._names = [name.replace("\0", "").encode("utf-8", "replace").decode() for name in names]
        self._child: asyncio.subprocess.Process | None = None
        self.path = ""

    async def __aenter__(self) -> Self:
        self._child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", "-c", _PROGRAM, *self._names),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        assert self._child.stdout is not None
        try:
            told = await self._child.stdout.readline()
        except BaseException:
            await self._let_go()
            raise
        self.path = told.decode("utf-8", "replace").removesuffix("\n")
        if not told:
            raise await self._problem()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._let_go()

    async def write(self, text: str) -> None:
        """Write `text`, as soon as what was written before has gone its way."""
        await self._write(text.encode("utf-8", "replace").replace(b"\0", b""))

    async def finish(self) -> None:
        """Let the file be whole; it is on the disk afterwards."""
        await self._write(b"\0")
        child = self._child
        assert child is not None
        assert child.stdin is not None
        child.stdin.close()
        try:
            async with asyncio.timeout(PATIENCE):
                status = await child.wait()
        except TimeoutError:
            raise UserError(_("The disk takes nothing in.")) from None
        if status:
            raise await self._problem()

    async def _write(self, data: bytes) -> None:
        assert self._child is not None
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(data)
            await self._child.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise await self._problem() from None

    async def _problem(self) -> UserError:
        """Why the file is not there."""
        assert self._child is not None
        assert self._child.stderr is not None
        told = (await self._child.stderr.read(LONGEST)).decode("utf-8", "replace").strip()
        name = self.path or self._names[0]
        if told.startswith("exists "):
            return UserError(
                _("{path} is there already, and is left as it is.").format(path=self._names[0])
            )
        return UserError(_("{path} can't be written: {reason}.").format(path=name, reason=told))

    async def _let_go(self) -> None:
        """Let the child end; what it has not heard the end of, it takes away.

        One that hangs in the kernel is not waited for.
        """
        child = self._child
        if child is None or child.stdin is None or child.returncode is not None:
            return
        child.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORD):
                await child.wait()
