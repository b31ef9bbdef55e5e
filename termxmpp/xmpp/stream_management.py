"""XEP-0198 Stream Management: the server's word that it has taken a stanza.

Acknowledgements only; nothing is resumed here. Requests are tied to need: `<r/>` is sent when
somebody waits for the proof, and no timer runs.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from xml.etree.ElementTree import Element

from termxmpp.errors import RemoteError

__all__ = ["NS", "StreamManagement"]

NS = "urn:xmpp:sm:3"

# Counters wrap to zero after this (§4).
MODULUS = 2**32


class StreamManagement:
    """The counters of one stream.

    `write` sends an element outside the stanza count; `on_acknowledged` gets the ids of
    stanzas that the server has taken, in their order.
    """

    def __init__(
        self, write: Callable[[Element], None], on_acknowledged: Callable[[list[str]], None]
    ) -> None:
        self._write = write
        self._on_acknowledged = on_acknowledged
        self._unacknowledged: deque[str] = deque()
        self._acknowledged = 0
        self._handled = 0
        self._is_counting_ours = False
        self._is_enabled = False
        self._answered: asyncio.Future[None] | None = None
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    @property
    def is_enabled(self) -> bool:
        """Whether the server has agreed."""
        return self._is_enabled

    async def enable(self) -> None:
        """Ask for it, and return when the server has answered (§3)."""
        self._answered = asyncio.get_running_loop().create_future()
        self._is_counting_ours = True
        self._write(Element(f"{{{NS}}}enable"))
        await self._answered

    def sent(self, stanza_id: str) -> None:
        """A stanza has been written."""
        if self._is_counting_ours:
            self._unacknowledged.append(stanza_id)

    def received(self) -> None:
        """A stanza has come in."""
        if self._is_enabled:
            self._handled = (self._handled + 1) % MODULUS

    def handle(self, element: Element) -> bool:
        """Take an element of this protocol; False for any other."""
        if not element.tag.startswith(f"{{{NS}}}"):
            return False
        match element.tag.removeprefix(f"{{{NS}}}"):
            case "enabled":
                self._is_enabled = True
                self._answer()
            case "failed":
                self._is_counting_ours = False
                self._answer()
            case "r" if self._is_enabled:
                self._write(Element(f"{{{NS}}}a", {"h": str(self._handled)}))
            case "a":
                self._acknowledge(element.get("h", ""))
        return True

    async def prove(self) -> None:
        """Return when the server has taken all that has been sent so far."""
        if not self._unacknowledged:
            return
        target = len(self._unacknowledged) + self._acknowledged
        proven: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((target, proven))
        self._write(Element(f"{{{NS}}}r"))
        await proven

    def _acknowledge(self, text: str) -> None:
        if not (text.isascii() and text.isdecimal()) or int(text) >= MODULUS:
            raise RemoteError("The server acknowledges without a number (XEP-0198).")
        count = (int(text) - self._acknowledged) % MODULUS
        if count > len(self._unacknowledged):
            raise RemoteError("The server acknowledges more than was sent (XEP-0198).")
        self._acknowledged += count
        taken = [self._unacknowledged.popleft() for _ in range(count)]
        if taken:
            self._on_acknowledged(taken)
        self._settle()

    def _answer(self) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(None)

    def _settle(self) -> None:
        """Tell those who wait for what is proven now."""
        still = []
        for target, proven in self._waiting:
            if target > self._acknowledged:
                still.append((target, proven))
            elif not proven.done():
                proven.set_result(None)
        self._waiting = still
