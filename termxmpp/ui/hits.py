"""The hits of a search that are gone to one after the other, and the way back from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from termxmpp.errors import UserError
from termxmpp.words import _
from termxmpp.workspace import Window

__all__ = ["Hit", "Hits"]

Hit = tuple[Window, int]
"""The window of a message, and its key."""

# `application.Screen`, which imports this.
Screen = Any


class Hits:
    """Those of the last search, and which of them is looked at."""

    def __init__(self) -> None:
        self._hits: Sequence[Hit] = ()
        self._place = 0
        self._from: tuple[Window, int | None] | None = None

    @property
    def words(self) -> str:
        """Which hit is looked at, and of how many; empty where nothing was searched for."""
        if not self._hits:
            return ""
        return _("hit {number}/{count}").format(number=self._place + 1, count=len(self._hits))

    def begin(
        self, screen: Screen, hits: Sequence[Hit], place: int, origin: tuple[Window, int | None]
    ) -> None:
        """Look at the hit at `place`; the way back leads to `origin`."""
        if self._from is None:
            self._from = origin
        self._hits, self._place = hits, place
        self._show(screen)

    def step(self, screen: Screen, by: int) -> None:
        """Look at the hit `by` further on, which is older."""
        if not self._hits:
            raise UserError(_("There is nothing found: /search WORDS looks for something."))
        self._place = (self._place + by) % len(self._hits)
        self._show(screen)

    def go_back(self, screen: Screen) -> None:
        """Look again where one was before the search."""
        if self._from is None:
            raise UserError(_("There is no way back: nothing was searched for."))
        origin, self._from, self._hits = self._from, None, ()
        screen.viewport.mark("")
        screen.viewport.return_to(origin)

    def _show(self, screen: Screen) -> None:
        window, key = self._hits[self._place]
        screen.workspace.show(window)
        if not screen.viewport.look_at(key):
            raise UserError(_("That message is not here any more."))
