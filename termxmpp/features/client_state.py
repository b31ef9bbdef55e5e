"""XEP-0352 Client State Indication: nobody is looking, so the server may hold back what can wait.

Told when the terminal loses the focus or the program is suspended, and when the user is back.
"""

from __future__ import annotations

import contextlib
from xml.etree.ElementTree import Element

from termxmpp.errors import ConnectionFailed
from termxmpp.feature import Feature, Handler

__all__ = ["FEATURE"]

NS = "urn:xmpp:csi:0"


class ClientStateHandler(Handler):
    """Tells the server whether the user looks at the screen, if it wants to know."""

    async def online(self) -> None:
        if not self.ctx.is_active:
            self._tell("inactive")

    async def resumed(self) -> None:
        # A resumed session begins as active (§5.1).
        await self.online()

    def attention(self, *, is_active: bool) -> None:
        self._tell("active" if is_active else "inactive")

    def _tell(self, state: str) -> None:
        if f"{{{NS}}}csi" in self.ctx.stream_features and self.ctx.is_online:
            with contextlib.suppress(ConnectionFailed):
                self.ctx.send_element(Element(f"{{{NS}}}{state}"))


FEATURE = Feature("XEP-0352", "Client State Indication", (), ClientStateHandler, version="1.0.0")
