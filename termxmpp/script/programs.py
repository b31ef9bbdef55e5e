"""Programs that are given a message: run without a shell, for a bounded time, and never left over.

What a peer wrote is in their standard input and environment, never among their arguments.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shlex
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from typing import IO, Any

from termxmpp.errors import UserError
from termxmpp.script.readiness import VARIABLE as NOTIFY_SOCKET
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["Ended", "parse_command", "run_program", "variables"]

# How long a program that is told to end may take (seconds).
LAST_WORDS = 2.0

# More than this is no answer (bytes).
LARGEST_OUTPUT = 262_144

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program has ended: its exit status (negative for a signal), and what it printed.

    `problem` says in words what went wrong, if anything has; then `status` may be None.
    """

    status: int | None
    output: str = ""
    problem: str = ""


def parse_command(command: str) -> tuple[str, ...]:
    """The words of `command`, as a shell splits them; UserError if there is no such program."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UserError(
            _("--exec {command}: {error}.").format(command=command, error=error)
        ) from None
    if not words or shutil.which(words[0]) is None:
        raise UserError(_("--exec {command}: there is no such program.").format(command=command))
    return tuple(words)


def variables(told: Mapping[str, object]) -> dict[str, str]:
    """`told` as variables TERMXMPP_…, without control characters; None is empty."""
    return {
        f"TERMXMPP_{name.upper()}": _CONTROLS.sub("", "" if value is None else str(value))
        for name, value in told.items()
    }


async def run_program(
    words: tuple[str, ...],
    text: str,
    facts: Mapping[str, str],
    *,
    timeout: float,
    output: int | IO[Any] | None,
) -> Ended:
    """Run the program `words[0]` with `text` and a line end as its standard input.

    What it prints is the result if `output` is PIPE, else it goes there. `facts` are added to its
    environment. When `timeout` seconds are over, or who waits is cancelled, all of it is ended.
    """
    environment = {name: value for name, value in os.environ.items() if name != NOTIFY_SOCKET}
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=PIPE,
            stdout=DEVNULL if output is None else output,
            env=environment | dict(facts),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return Ended(None, problem=_("it can't be run: {error}").format(error=error))
    try:
        async with asyncio.timeout(timeout):
            printed, _written = await asyncio.gather(_read(process), _write(process, text))
            status = await process.wait()
    except TimeoutError:
        return Ended(None, problem=_("it did not end within {timeout:g} s").format(timeout=timeout))
    finally:
        await _end(process)
    if len(printed) > LARGEST_OUTPUT:
        return Ended(status, problem=_("it has printed too much for an answer"))
    answer = printed.decode("utf-8", "replace").removesuffix("\n")
    if status:
        return Ended(status, answer, _("it ended with status {status}").format(status=status))
    return Ended(status, answer)


async def _read(process: Process) -> bytes:
    """What it prints, up to a bit more than may be; the rest is read, and forgotten."""
    printed = b""
    while process.stdout is not None and (part := await process.stdout.read(65536)):
        printed = (printed + part)[: LARGEST_OUTPUT + 1]
    return printed


async def _write(process: Process, text: str) -> None:
    assert process.stdin is not None
    # It need not read what it does not want.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(text.encode("utf-8", "backslashreplace") + b"\n")
        await process.stdin.drain()
        process.stdin.close()
        await process.stdin.wait_closed()


async def _end(process: Process) -> None:
    """Let nothing of it be left: it was told to end, and had its time."""
    if process.returncode is None:
        _signal(process, signal.SIGTERM)
        try:
            async with asyncio.timeout(LAST_WORDS):
                await process.wait()
        except (TimeoutError, asyncio.CancelledError):
            _signal(process, signal.SIGKILL)
            await process.wait()
    _close(process)


def _signal(process: Process, number: int) -> None:
    """To it and all that it has started, which are a session of their own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _close(process: Process) -> None:
    """What it has started may hold its output open; nobody waits for that."""
    transport: Any = getattr(process, "_transport", None)
    if transport is not None:
        transport.close()
