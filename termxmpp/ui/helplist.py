"""Help over the screen: the keys and commands that matter where one is, then all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from termxmpp.core.text import width
from termxmpp.overviews import Entry, Where, commands_of, keys_of, matters
from termxmpp.ui.lines import Line
from termxmpp.ui.theme import Symbols
from termxmpp.words import _
from termxmpp.workspace import Workspace

__all__ = ["HelpList"]


class HelpList:
    """What there is to be done in `workspace` (`overlay.Picker`), in pages; `does` does one of it.

    Nothing of it is written here: the tables of keys and commands say it all.
    """

    height = 1

    def __init__(
        self,
        workspace: Workspace,
        does: Callable[[str], None],
        symbols: Symbols,
    ) -> None:
        self._does = does
        self._symbols = symbols
        changed, keyboard = workspace.settings.config.keys, workspace.keyboard
        where = _where(workspace)
        here = {
            Where.CONSOLE: _("in the console"),
            Where.CONVERSATION: _("in a conversation"),
            Where.ROOM: _("in a room"),
        }
        self._pages: list[tuple[str, Sequence[Entry]]] = [
            (here[where], matters(where, workspace.registry, keyboard, changed)),
            (_("all keys"), keys_of(keyboard, changed)),
            (_("all commands"), commands_of(workspace.registry)),
        ]
        self._page = 0
        self._query = ""
        self._is_elsewhere = False
        self.narrow("")

    @property
    def title(self) -> str:
        if self._is_elsewhere:
            return _("help: all keys and commands")
        return _("help: {page}").format(page=self._pages[self._page][0])

    @property
    def keys(self) -> Sequence[str]:
        following = self._pages[(self._page + 1) % len(self._pages)][0]
        tab = _("tab: {following}").format(following=following)
        return _("enter does it"), tab, _("esc closes")

    @property
    def note(self) -> str:
        return str(len(self._found)) if self._found else _("nothing is called so")

    def __len__(self) -> int:
        return len(self._found)

    def narrow(self, text: str) -> None:
        """Show what `text` stands in: of this page or, if nothing there does, of all."""
        self._query = text
        self._found = _having(text, self._pages[self._page][1])
        self._is_elsewhere = not self._found
        if self._is_elsewhere:
            self._found = [each for _name, page in self._pages[1:] for each in _having(text, page)]

    def draw(self, place: int, columns: int) -> list[Line]:
        most = columns * 2 // 5
        room = min(max(width(entry.what) for entry in self._found), most)
        entry = self._found[place]
        symbols = self._symbols
        what = symbols.truncated(symbols.one_line(entry.what, most), room)
        gap = " " * (room - width(what) + 2)
        words = symbols.one_line(entry.words, columns)
        words = symbols.truncated(words, max(0, columns - room - 2))
        return [[("", what + gap), ("class:overlay.meta", words)]]

    def choose(self, place: int) -> None:
        self._does(self._found[place].does)

    def switch(self) -> None:
        self._page = (self._page + 1) % len(self._pages)
        self.narrow(self._query)

    def close(self) -> None:
        """Nothing goes on."""


def _having(text: str, entries: Sequence[Entry]) -> list[Entry]:
    wanted = text.casefold()
    return [
        entry
        for entry in entries
        if wanted in f"{entry.what} {entry.words} {entry.does}".casefold()
    ]


def _where(workspace: Workspace) -> Where:
    window = workspace.current
    if window.peer is None:
        return Where.CONSOLE
    return Where.CONVERSATION if window.room is None else Where.ROOM
