"""Standard input, whatever it is: a terminal, a pipe, a file, /dev/null, or closed.

epoll refuses regular files, which are always ready: those are read in pieces with a turn of
the loop between. Everything else is read when epoll says so, which can't block.
"""

from __future__ import annotations

import codecs
import os
from collections import deque
from collections.abc import AsyncIterator

from termxmpp.errors import DataError, InputError
from termxmpp.mainloop.ready import readable
from termxmpp.words import _

__all__ = ["Lines", "read_all", "read_lines"]

STDIN = 0
CHUNK = 65536

# Of lines that come faster than they can be sent, no more than this is taken at a time: what was
# read and could not be sent has to be told.
SHARE = 4096

# One message: far more than any server lets through (XEP-0478 names stanza limits, commonly
# 256 KiB), far less than what would hurt.
LARGEST_MESSAGE = 16 * 1024 * 1024


async def read_all(fd: int = STDIN) -> str:
    """All that standard input holds.

    Raises DataError if it is no UTF-8 or too large, InputError if it can't be read.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    parts: list[str] = []
    size = 0
    while chunk := await _chunk(fd, CHUNK):
        parts.append(_decode(decoder, chunk, final=False))
        size += len(parts[-1])
        if size > LARGEST_MESSAGE:
            raise DataError(_("Standard input is too large to be a message."))
    parts.append(_decode(decoder, b"", final=True))
    return "".join(parts)


class Lines:
    """The lines of standard input, which is read no further than they are asked for."""

    def __init__(self, fd: int = STDIN) -> None:
        self._fd = fd
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._whole: deque[str] = deque()
        self._parts: list[str] = []
        self._size = 0
        self.has_ended = False

    def take(self) -> str | None:
        """The next line that has been read, without its newline, or None if there is none."""
        return self._whole.popleft() if self._whole else None

    def left(self) -> list[str]:
        """What has been read and not been taken, the beginning of a line too."""
        self._end_line()
        left = list(self._whole)
        self._whole.clear()
        return left

    async def read(self) -> None:
        """Wait for more; DataError if it is no text, or no end of a line comes in sight."""
        chunk = await _chunk(self._fd, SHARE)
        self.has_ended = not chunk
        first, *others = _decode(self._decoder, chunk, final=not chunk).split("\n")
        self._begin_line(first)
        for piece in others:
            self._whole.append("".join(self._parts).removesuffix("\r"))
            self._parts, self._size = [], 0
            self._begin_line(piece)
        if self.has_ended:
            self._end_line()
        if self._size > LARGEST_MESSAGE:
            raise DataError(_("A line of standard input is too large to be a message."))

    def _begin_line(self, piece: str) -> None:
        if piece:
            self._parts.append(piece)
            self._size += len(piece)

    def _end_line(self) -> None:
        """What stands behind the last newline is a line, too, if it is not empty."""
        if self._parts:
            self._whole.append("".join(self._parts))
            self._parts, self._size = [], 0


async def read_lines(fd: int = STDIN) -> AsyncIterator[str]:
    """The lines of standard input as they come, without their newlines."""
    lines = Lines(fd)
    while not lines.has_ended:
        await lines.read()
        while (line := lines.take()) is not None:
            yield line


def _decode(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool) -> str:
    try:
        return decoder.decode(chunk, final)
    except UnicodeDecodeError as error:
        raise DataError(
            _("Standard input is not UTF-8: {reason}.").format(reason=error.reason)
        ) from None


async def _chunk(fd: int, size: int) -> bytes:
    """What `fd` has, at most so much; nothing at its end. InputError if it can't be read."""
    try:
        await readable(fd)
        return os.read(fd, size)
    except OSError as error:
        # A closed standard input is an empty one.
        if not _is_open(fd):
            return b""
        raise InputError(
            _("Standard input can't be read: {strerror}.").format(strerror=error.strerror)
        ) from None


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True
