"""Child processes that run small programs of ours: they speak lines of JSON, and bytes.

What may block or burst (a disk, a decoder of pictures) is theirs. What ends us ends them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from termxmpp.errors import UserError
from termxmpp.words import _

__all__ = ["answer_of", "program_child"]

# A child that does not answer by then (seconds) will not.
PATIENCE = 20.0

# So long a child may need to remove what it has not finished (seconds).
TIDYING = 2.0

# A longer line is no answer of ours.
LONGEST_LINE = 65536


@asynccontextmanager
async def program_child(
    program: str, *arguments: str, patience: float = TIDYING, has_packages: bool = False
) -> AsyncIterator[Process]:
    """A child that runs `program`; at the end of the context it is gone.

    It sees the end of what comes, and has `patience` seconds to take back what it has begun.
    Without packages, and without any module of ours, it starts within milliseconds.
    """
    options = ("-I",) if has_packages else ("-I", "-S")
    try:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, *options, "-c", program, *arguments),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            limit=LONGEST_LINE,
        )
    except (OSError, ValueError) as error:
        raise UserError(_("The disk can't be looked at: {error}.").format(error=error)) from None
    try:
        yield child
    finally:
        assert child.stdin is not None
        child.stdin.close()
        try:
            await _gone(child, patience)
        finally:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            # One that hangs in the kernel does not even die; nobody waits for that.
            await _gone(child, TIDYING)


async def _gone(child: Process, patience: float) -> None:
    """Wait until `child` has ended and its output too, at most `patience` seconds.

    A pipe that is not read to its end is never closed, and its descriptor lost.
    """
    assert child.stdout is not None
    if patience:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while await child.stdout.read(LONGEST_LINE):
                    pass
                await child.wait()


async def answer_of(child: Process) -> dict[str, Any]:
    """What the child says next; nothing where it has ended."""
    assert child.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            line = await child.stdout.readline()
    except TimeoutError:
        raise UserError(
            _("The disk has not answered for {seconds:g} s.").format(seconds=PATIENCE)
        ) from None
    except ValueError:
        return {}
    try:
        answer: dict[str, Any] = json.loads(line or b"{}")
    except ValueError:
        return {}
    return answer
