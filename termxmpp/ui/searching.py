"""The list of what a search finds, while one types: in the conversation, or everywhere."""

from __future__ import annotations

import asyncio
import re
from bisect import insort
from collections.abc import Callable, Iterator, Sequence

from termxmpp.core.gist import gist
from termxmpp.core.message import Message
from termxmpp.core.text import width
from termxmpp.ui.hits import Hit
from termxmpp.ui.lines import Line
from termxmpp.ui.theme import Symbols
from termxmpp.values import dataclass
from termxmpp.words import _, ngettext
from termxmpp.workspace import Window, Workspace

__all__ = ["SearchList", "snippet"]

# So many are listed, the newest; who wants others adds words.
LISTED = 200


@dataclass(frozen=True, slots=True)
class _Found:
    window: Window
    message: Message


class SearchList:
    """What is found for the words that are typed (`overlay.Picker`).

    It begins in the window looked at, and everywhere in a console. `go_to` is called with all
    hits and the place of the one that was chosen, `on_change` when there are more.
    """

    height = 2

    def __init__(
        self,
        workspace: Workspace,
        go_to: Callable[[list[Hit], int, str], None],
        on_change: Callable[[], None],
        symbols: Symbols,
    ) -> None:
        self._workspace = workspace
        self._symbols = symbols
        self._here = workspace.current
        self._is_everywhere = self._here.peer is None
        self._go_to = go_to
        self._on_change = on_change
        self._words = ""
        self._found: list[_Found] = []
        self._count = 0
        self._work: asyncio.Task[None] | None = None

    @property
    def title(self) -> str:
        if self._is_everywhere:
            return _("search everywhere")
        return _("search in {title}").format(title=self._symbols.one_line(self._here.title, 40))

    @property
    def keys(self) -> Sequence[str]:
        other = _("tab: only here") if self._is_everywhere else _("tab: everywhere")
        return _("enter goes there"), other, _("esc closes")

    @property
    def note(self) -> str:
        if not self._words.strip():
            return _("type words")
        if self._work is not None:
            return _("{count} so far").format(count=self._count)
        if not self._count:
            return _("nothing found")
        return ngettext("{count} found", "{count} found", self._count).format(count=self._count)

    def __len__(self) -> int:
        return len(self._found)

    def narrow(self, text: str) -> None:
        self.close()
        self._words = text
        self._found, self._count = [], 0
        if not text.strip():
            return
        parts = self._parts()
        # What is recent is there at once; the rest goes on beside the keys.
        next(parts, None)
        self._work = asyncio.get_running_loop().create_task(self._search(parts))

    def switch(self) -> None:
        """Here instead of everywhere, or the other way round."""
        self._is_everywhere = not self._is_everywhere or self._here.peer is None
        self.narrow(self._words)

    def close(self) -> None:
        if self._work is not None:
            self._work.cancel()
            self._work = None

    def choose(self, place: int) -> None:
        self._go_to([(each.window, each.message.key) for each in self._found], place, self._words)

    def draw(self, place: int, columns: int) -> list[Line]:
        found = self._found[place]
        message, state = found.message, found.window.client.state
        symbols = self._symbols
        who = _("you") if message.is_own else symbols.one_line(state.author_of(message), 40)
        head = f"{message.at.astimezone():%Y-%m-%d %H:%M}  {who}"
        if self._is_everywhere:
            head = symbols.separated(head, symbols.one_line(found.window.title, 40))
        is_hidden = self._workspace.is_hidden(message, found.window)
        text = snippet(gist(message, is_open=not is_hidden), self._words, columns, symbols)
        return [[("class:overlay.meta", symbols.truncated(head, columns))], text]

    async def _search(self, parts: Iterator[None]) -> None:
        """Go through the records, a part in each turn of the loop."""
        for _part in parts:
            self._on_change()
            await asyncio.sleep(0)
        self._work = None
        self._on_change()

    def _parts(self) -> Iterator[None]:
        """Look through the records, some milliseconds each time."""
        peer = None if self._is_everywhere else self._here.peer
        clients = self._workspace.clients if self._is_everywhere else (self._here.client,)
        for client in clients:
            start: int | None = None
            while True:
                page = client.recall.search(self._words, peer, start)
                self._count += len(page.found)
                for its_peer, message in page.found:
                    insort(self._found, _Found(Window(client, its_peer), message), key=_age)
                del self._found[LISTED:]
                yield
                if page.next is None:
                    break
                start = page.next


def _age(found: _Found) -> float:
    return -found.message.at.timestamp()


def snippet(text: str, words: str, columns: int, symbols: Symbols) -> Line:
    """The part of `text` around the first of `words` in one line, in which they are marked."""
    shown = symbols.one_line(text, 10_000)
    parts = sorted({re.escape(word) for word in words.split()}, key=len, reverse=True)
    looked_for = re.compile("|".join(parts), re.IGNORECASE) if parts else None
    first = looked_for.search(shown) if looked_for is not None else None
    start = first.start() if first is not None else 0
    if start > columns * 2 // 3:
        begin = shown.rfind(" ", 0, max(0, start - columns // 3)) + 1
        shown = f"{symbols.ellipsis}{shown[begin:]}"
    shown = symbols.truncated(shown, columns)
    line: Line = []
    place = 0
    for found in looked_for.finditer(shown) if looked_for is not None else ():
        line += [("", shown[place : found.start()]), ("class:match", found[0])]
        place = found.end()
    return [*line, ("", shown[place:])] if width(shown) <= columns else []
