"""The links of a message that has several, of which one is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from termxmpp.ui.lines import Line
from termxmpp.ui.theme import Symbols
from termxmpp.words import _

__all__ = ["LinkList"]


class LinkList:
    """`links` to choose from (`overlay.Picker`); `follow` opens one."""

    height = 1

    def __init__(
        self, links: Sequence[str], follow: Callable[[str], None], symbols: Symbols
    ) -> None:
        self.title = _("open a link")
        self.keys = _("enter opens"), _("esc closes")
        self._symbols = symbols
        self._links = links
        self._follow = follow
        self._found = list(links)

    @property
    def note(self) -> str:
        return str(len(self._found))

    def __len__(self) -> int:
        return len(self._found)

    def narrow(self, text: str) -> None:
        wanted = text.casefold()
        self._found = [link for link in self._links if wanted in link.casefold()]

    def draw(self, place: int, columns: int) -> list[Line]:
        return [[("", self._symbols.one_line(self._found[place], columns))]]

    def choose(self, place: int) -> None:
        self._follow(self._found[place])

    def switch(self) -> None:
        """There is one list only."""

    def close(self) -> None:
        """Nothing goes on."""
