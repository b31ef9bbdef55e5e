"""Rooms that were found, over the screen: how many are in each, where it is, what it is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from termxmpp.core.room import FoundRoom
from termxmpp.core.text import width
from termxmpp.ui.lines import Line
from termxmpp.ui.theme import Symbols
from termxmpp.words import _

__all__ = ["RoomList"]


class RoomList:
    """The `rooms` to choose from (`overlay.Picker`); `enters` is done with the one that is."""

    height = 1

    def __init__(
        self,
        rooms: Sequence[FoundRoom],
        enters: Callable[[FoundRoom], None],
        symbols: Symbols,
    ) -> None:
        self._rooms = rooms
        self._symbols = symbols
        self._enters = enters
        self._digits = max((len(str(each.count or "")) for each in rooms), default=0)
        self.narrow("")

    @property
    def title(self) -> str:
        return _("rooms")

    @property
    def keys(self) -> Sequence[str]:
        return _("enter goes in"), _("esc closes")

    @property
    def note(self) -> str:
        return str(len(self._found)) if self._found else _("nothing is called so")

    def __len__(self) -> int:
        return len(self._found)

    def narrow(self, text: str) -> None:
        words = text.casefold().split()
        self._found = [
            room
            for room in self._rooms
            if all(word in f"{room.jid} {room.about}".casefold() for word in words)
        ]

    def draw(self, place: int, columns: int) -> list[Line]:
        room = self._found[place]
        count = "" if room.count is None else str(room.count)
        begin = f"{count:>{self._digits}}  " if self._digits else ""
        most, symbols = max(8, columns // 2 - len(begin)), self._symbols
        addresses = [symbols.one_line(str(each.jid), most) for each in self._found]
        widest = min(most, max(map(width, addresses)))
        address = symbols.truncated(addresses[place], widest)
        gap = " " * (widest - width(address) + 2)
        left = max(0, columns - len(begin) - widest - 2)
        about = symbols.truncated(symbols.one_line(room.about, columns), left)
        return [[("", f"{begin}{address}{gap}"), ("class:overlay.meta", about)]]

    def choose(self, place: int) -> None:
        self._enters(self._found[place])

    def switch(self) -> None:
        """There is nothing else to offer."""

    def close(self) -> None:
        """Nothing goes on."""
