"""Standard input, whatever it is: a terminal, a pipe, a file, /dev/null, or closed.

epoll refuses regular files, which are always ready: those are read in pieces with a turn of
the loop between. Everything else is read when epoll says so, which can't block.
"""

from __future__ import annotations

import asyncio
import codecs
import os
from collections.abc import AsyncIterator

from termxmpp.errors import DataError, InputError
from termxmpp.words import _

__all__ = ["read_all", "read_lines"]

STDIN = 0
CHUNK = 65536

# One message: far more than any server lets through (XEP-0478 names stanza limits, commonly
# 256 KiB), far less than what would hurt.
LARGEST_MESSAGE = 16 * 1024 * 1024


async def read_all(fd: int = STDIN) -> str:
    """All that standard input holds.

    Raises DataError if it is no UTF-8 or too large, InputError if it can't be read.
    """
    parts = []
    size = 0
    async for part in _decoded(fd):
        parts.append(part)
        size += len(part)
        if size > LARGEST_MESSAGE:
            raise DataError(_("Standard input is too large to be a message."))
    return "".join(parts)


async def read_lines(fd: int = STDIN) -> AsyncIterator[str]:
    """The lines of standard input as they come, without their newlines."""
    rest = ""
    async for part in _decoded(fd):
        *lines, rest = (rest + part).split("\n")
        for line in lines:
            yield line.removesuffix("\r")
        if len(rest) > LARGEST_MESSAGE:
            raise DataError(_("A line of standard input is too large to be a message."))
    if rest:
        yield rest


async def _decoded(fd: int) -> AsyncIterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        async for chunk in _chunks(fd):
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise DataError(
            _("Standard input is not UTF-8: {reason}.").format(reason=error.reason)
        ) from None


async def _chunks(fd: int) -> AsyncIterator[bytes]:
    while True:
        try:
            await _readable(fd)
            chunk = os.read(fd, CHUNK)
        except OSError as error:
            # A closed standard input is an empty one.
            if not _is_open(fd):
                return
            raise InputError(
                _("Standard input can't be read: {strerror}.").format(strerror=error.strerror)
            ) from None
        if not chunk:
            return
        yield chunk


async def _readable(fd: int) -> None:
    """Wait until `fd` has something, or its end, to read."""
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    try:
        loop.add_reader(fd, _settle, ready)
    except PermissionError:
        await asyncio.sleep(0)
        return
    try:
        await ready
    finally:
        loop.remove_reader(fd)


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True
