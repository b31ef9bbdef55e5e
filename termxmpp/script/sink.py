"""Standard output that is waited for: what is not read holds up who writes, never the loop."""

from __future__ import annotations

import asyncio
import os
import socket
import stat

from termxmpp.mainloop.ready import writable

__all__ = ["Sink"]

# What is given at once to something that might block in spite of its word (pipe(7), PIPE_BUF).
SHARE = 512


class Sink:
    """Writes to the descriptor `fd`, whatever it is, in the running loop.

    A pipe or terminal is opened a second time: O_NONBLOCK belongs to an open file, which others
    share. `broken` is done as soon as nobody can read it any more, where that can be seen.
    """

    def __init__(self, fd: int) -> None:
        mode = os.fstat(fd).st_mode
        self._fd, self._is_own, self._socket = fd, False, None
        self._is_file = stat.S_ISREG(mode)
        if stat.S_ISSOCK(mode):
            self._socket = socket.socket(fileno=os.dup(fd))
        elif stat.S_ISFIFO(mode) or stat.S_ISCHR(mode):
            try:
                self._fd = os.open(
                    f"/proc/self/fd/{fd}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
                )
                self._is_own = True
            except OSError:
                # Somebody else's: then it is asked before each small part.
                self._fd = fd
        self.is_at_line_start = True
        self._watches_reader = stat.S_ISFIFO(mode)
        self.broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._watches_reader:
            # Nothing ever comes out of this end; it is ready to be read when nobody reads.
            asyncio.get_running_loop().add_reader(self._fd, self._break)

    async def write(self, line: str) -> None:
        """Write `line` and its end; returns when all of it was taken. Raises OSError."""
        left = memoryview(line.encode("utf-8", "backslashreplace") + b"\n")
        self.is_at_line_start = False
        while left:
            if self._is_own or self._socket is not None:
                written = self._write(left)
                if not written:
                    await self._writable()
            else:
                await self._writable()
                written = os.write(self._fd, left if self._is_file else left[:SHARE])
            left = left[written:]
        self.is_at_line_start = True

    def close(self) -> None:
        """Let go of it; the descriptor that was given stays open."""
        loop = asyncio.get_running_loop()
        if self._watches_reader:
            loop.remove_reader(self._fd)
        self.broken.cancel()
        if self._socket is not None:
            self._socket.close()
        elif self._is_own:
            os.close(self._fd)

    def _write(self, data: memoryview) -> int:
        """How much is taken now."""
        try:
            if self._socket is not None:
                return self._socket.send(data, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
            return os.write(self._fd, data)
        except (BlockingIOError, InterruptedError):
            return 0

    async def _writable(self) -> None:
        await writable(self._socket.fileno() if self._socket is not None else self._fd)

    def _break(self) -> None:
        asyncio.get_running_loop().remove_reader(self._fd)
        self._watches_reader = False
        if not self.broken.done():
            self.broken.set_result(None)
