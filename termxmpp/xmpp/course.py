"""How far a connection has come, for whoever waits: for the next step, or for its end."""

from __future__ import annotations

import asyncio
from typing import Any

from termxmpp.errors import ConnectionFailed, TermxmppError
from termxmpp.words import _

__all__ = ["Course"]


class Course:
    """The steps of one connection, which are done one after the other, up to its end."""

    def __init__(self) -> None:
        self._end: asyncio.Future[TermxmppError | None] = asyncio.get_running_loop().create_future()
        self._steps = asyncio.Semaphore(0)

    @property
    def is_over(self) -> bool:
        """Whether the connection has ended."""
        return self._end.done()

    def advance(self) -> None:
        """Another step is done."""
        self._steps.release()

    def end(self, error: TermxmppError | None) -> None:
        """The connection has ended, because of `error` or in good order."""
        if not self._end.done():
            self._end.set_result(error)

    async def over(self) -> None:
        """Return when the connection has ended."""
        await asyncio.shield(self._end)

    def require(self) -> None:
        """Raise why the connection ended, if the end came along with the last answer."""
        if self._end.done():
            raise self._end.result() or ConnectionFailed(_("The server closed the stream."))

    async def step(self) -> None:
        """Return when the next step is done; raise why the connection ended."""
        await self.unless_over(self._steps.acquire())

    async def unless_over(self, work: Any) -> Any:
        """The result of `work`, to be awaited, unless the connection ends before."""
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait({task, self._end}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                self.require()
            return task.result()
        finally:
            task.cancel()
