"""A conversation as lines of styled text: pure, and only as many lines as are looked at.

What is looked at is known by an anchor: an entry, and how far its end is below the screen. So it
stays where it is when something comes below, when older entries come above, and when the lines
get another width.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from datetime import datetime, timedelta

from termxmpp.core.archive import Gap
from termxmpp.core.conversation import Conversation
from termxmpp.core.message import Message
from termxmpp.core.text import width, wrap
from termxmpp.ui.entries import Entry, Line, Look, People, draw
from termxmpp.ui.skin import Skin
from termxmpp.values import dataclass
from termxmpp.words import _, date_words

__all__ = ["Anchor", "Timeline", "View", "rule"]

# What marks the lines of the selected message stands in the column between time and author,
# where it is free: it is known without a colour, too.
MARK_COLUMN = 5

# So many entries are kept as lines: some screens full.
KEPT = 600


@dataclass(frozen=True, slots=True)
class Anchor:
    """What is at the bottom: the entry `key`, of which `below` lines are below the screen."""

    key: int
    below: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """The `lines` that are visible, oldest first, and the keys of the entries they belong to.

    `anchor` is where they end, None where there is nothing at all; `newer` counts the entries
    below. `is_at_top`, `is_at_end`: there is nothing more at hand above, or below.
    """

    lines: list[Line]
    keys: list[int]
    anchor: Anchor | None
    newer: int
    is_at_top: bool
    is_at_end: bool


_Key = tuple[int, int, Look, bool]
"""The entry and the one before by their identities, how it looks, and if it is open."""

_Kept = tuple[Entry, Entry | None, list[Line]]
"""The lines of an entry, with those whose identities are not to become another's meanwhile."""

_Position = tuple[int, int]
"""The place of an entry, and how many of its lines are below."""


class Timeline:
    """Draws conversations in the skin that `skin` returns; `people` knows what to call authors.

    Lines of an entry are kept as long as the entry, the one before it and the look are the same.
    `words` are marked wherever they stand.
    """

    def __init__(self, people: Callable[[], People], skin: Callable[[], Skin]) -> None:
        self.words: tuple[str, ...] = ()
        self._people = people
        self._skin = skin
        self._kept: dict[_Key, _Kept] = {}

    def layout(
        self,
        conversation: Conversation,
        columns: int,
        gaps: Sequence[Gap] = (),
        top: str = "",
        opened: Set[int] = frozenset(),
    ) -> Layout:
        """How `conversation` stands in `columns`.

        `gaps` are those of its history that can't be filled; `top` are words to stand above all;
        `opened` are the keys of messages that are shown though their authors have hidden them.
        """
        look = Look(columns, self._skin(), self.words)

        def draw_entry(entry: Entry, before: Entry | None, look: Look) -> list[Line]:
            return self._entry(entry, before, look, entry.key in opened)

        return Layout(conversation, look, gaps, top, draw_entry)

    def render(
        self,
        conversation: Conversation,
        columns: int,
        rows: int,
        anchor: Anchor | None = None,
        gaps: Sequence[Gap] = (),
    ) -> View:
        """The `rows` lines of `conversation` above `anchor`, with None the last ones."""
        return self.layout(conversation, columns, gaps).view(rows, anchor)

    def _entry(self, entry: Entry, before: Entry | None, look: Look, is_open: bool) -> list[Line]:
        key = (id(entry), id(before), look, is_open)
        kept = self._kept.get(key)
        if kept is None:
            if len(self._kept) > KEPT:
                self._kept.clear()
            lines = draw(entry, before, look, self._people(), is_open=is_open)
            kept = self._kept[key] = (entry, before, lines)
        return kept[2]


class Layout:
    """The lines of `conversation`, made as far as somebody asks for them."""

    def __init__(
        self,
        conversation: Conversation,
        look: Look,
        gaps: Sequence[Gap],
        top: str,
        draw_entry: Callable[[Entry, Entry | None, Look], list[Line]],
    ) -> None:
        self._conversation = conversation
        self._entries = conversation.entries
        self._look = look
        self._top = top
        self._draw_entry = draw_entry
        self._blocks: dict[int, list[Line]] = {}
        self._problems = {conversation.index_of(gap.high): gap.problem for gap in gaps}
        if conversation.has_older:
            # It may lie before what is older still.
            self._problems.pop(0, None)
        if conversation.has_newer:
            self._problems.pop(len(self._entries), None)

    def view(self, rows: int, anchor: Anchor | None = None, selected: int | None = None) -> View:
        """The `rows` lines above `anchor`, with None the last ones; `selected` is marked."""
        if not self._entries:
            empty = _gap(self._problems.get(0), self._look)[-rows:]
            return View(empty, [0] * len(empty), None, 0, True, True)
        place, below = position = self._raised(self._position(anchor), rows)
        lines: list[Line] = []
        keys: list[int] = []
        while len(lines) < rows and place >= 0:
            block = self._block(place)
            shown = block[: len(block) - below]
            entry = self._entries[place]
            if entry.key == selected:
                shown = self._marked(place, shown)
            lines[:0] = shown
            keys[:0] = [entry.key] * len(shown)
            place, below = place - 1, 0
        is_at_top = place < 0 and len(lines) <= rows
        return View(
            lines[max(0, len(lines) - rows) :],
            keys[max(0, len(keys) - rows) :],
            self._anchor(position),
            len(self._entries) - 1 - position[0],
            is_at_top,
            position == (len(self._entries) - 1, 0),
        )

    def above(self, anchor: Anchor | None, most: int) -> int:
        """How many lines there are at hand up to `anchor`; `most` is enough to know."""
        if not self._entries:
            return 0
        place, below = self._position(anchor)
        found = -below
        while place >= 0 and found < most:
            found += len(self._block(place))
            place -= 1
        return found

    def moved(self, anchor: Anchor | None, lines: int) -> Anchor | None:
        """The anchor `lines` further back, or with less than zero further on."""
        if not self._entries:
            return None
        place, below = self._position(anchor)
        below += lines
        while below < 0 and place < len(self._entries) - 1:
            place += 1
            below += len(self._block(place))
        while below >= len(self._block(place)) and place > 0:
            below -= len(self._block(place))
            place -= 1
        return self._anchor((place, max(0, min(below, len(self._block(place)) - 1))))

    def beginning(self, rows: int, place: int = 0) -> Anchor | None:
        """The anchor that has the entry at `place` at the top of `rows` lines."""
        if not self._entries:
            return None
        height = len(self._block(place))
        return self.moved(self._anchor((place, height - 1)), 1 - rows)

    def with_whole(self, key: int, rows: int, anchor: Anchor | None) -> Anchor | None:
        """The anchor next to `anchor` by which all of the entry `key` is visible, or its end."""
        wanted = self._conversation.place_of(key)
        if wanted is None:
            return anchor
        place, below = self._raised(self._position(anchor), rows)
        if wanted > place or (wanted == place and below):
            return Anchor(key)
        found = -below
        for each in range(place, wanted - 1, -1):
            found += len(self._block(each)) if each != wanted else self._height(each)
            if found > rows and each != wanted:
                break
        if found <= rows:
            return anchor
        return self.moved(Anchor(key, self._height(wanted) - 1), 1 - rows)

    def centred(self, key: int, rows: int) -> Anchor | None:
        """The anchor that has the entry `key` in the middle of `rows` lines."""
        place = self._conversation.place_of(key)
        height = self._height(place) if place is not None else 0
        return self.moved(Anchor(key), -max(0, (rows - height) // 2))

    def day_before(self, place: int) -> int | None:
        """Where the day begins in which the entry at `place` stands, or the one before that.

        The latter, if the entry is the first of its day. None if that is not at hand.
        """
        is_first = place == 0 or self._is_new_day(place)
        begin = _midnight(self._entries[place].at)
        if is_first:
            if place == 0:
                return None
            begin = _midnight(self._entries[place - 1].at)
            place -= 1
        while place > 0 and self._entries[place - 1].at >= begin:
            place -= 1
        return place if place > 0 or not self._conversation.has_older else None

    def day_behind(self, place: int) -> int | None:
        """Where the next day begins behind the entry at `place`; None if there is none."""
        end = _midnight(_midnight(self._entries[place].at) + timedelta(hours=36))
        for each in range(place + 1, len(self._entries)):
            if self._entries[each].at >= end:
                return each
        return None

    def _position(self, anchor: Anchor | None) -> _Position:
        place = self._conversation.place_of(anchor.key) if anchor is not None else None
        if anchor is None or place is None:
            return len(self._entries) - 1, 0
        return place, min(anchor.below, len(self._block(place)) - 1)

    def _anchor(self, position: _Position) -> Anchor:
        return Anchor(self._entries[position[0]].key, position[1])

    def _raised(self, position: _Position, rows: int) -> _Position:
        """`position`, or further on if there are not `rows` lines above it."""
        place, below = position
        missing = rows + below
        while place >= 0 and missing > 0:
            missing -= len(self._block(place))
            place -= 1
        if missing <= 0:
            return position
        place, below = position
        below -= missing
        while below < 0 and place < len(self._entries) - 1:
            place += 1
            below += len(self._block(place))
        return place, max(0, below)

    def _block(self, place: int) -> list[Line]:
        """The lines of the entry at `place`, with those about what lies before it."""
        found = self._blocks.get(place)
        if found is None:
            found = self._blocks[place] = [*self._lines(place)]
        return found

    def _height(self, place: int) -> int:
        """How many lines the entry itself has, with what lies behind the last one."""
        return len(self._block(place)) - sum(1 for _each in self._head(place))

    def _lines(self, place: int) -> Iterator[Line]:
        yield from self._head(place)
        before = self._entries[place - 1] if place else None
        is_below_line = self._is_first_new(place) or place in self._problems
        # Below the line nobody is to look above it for the author.
        entry = self._entries[place]
        yield from self._draw_entry(entry, None if is_below_line else before, self._look)
        if place == len(self._entries) - 1:
            yield from _gap(self._problems.get(place + 1), self._look)

    def _head(self, place: int) -> Iterator[Line]:
        if place == 0 and self._top:
            yield rule(self._top, "date", self._look)
        yield from _gap(self._problems.get(place), self._look)
        if place == 0 or self._is_new_day(place):
            day = self._entries[place].at.astimezone().date()
            yield rule(date_words(day), "date", self._look)
        if self._is_first_new(place):
            yield rule(_("new"), "new", self._look)

    def _is_first_new(self, place: int) -> bool:
        entry = self._entries[place]
        return isinstance(entry, Message) and entry.key == self._conversation.first_unread

    def _is_new_day(self, place: int) -> bool:
        day, before = (self._entries[each].at.astimezone().date() for each in (place, place - 1))
        return day != before

    def _marked(self, place: int, block: list[Line]) -> list[Line]:
        """`block` with the lines of the entry itself marked as selected."""
        head = sum(1 for _each in self._head(place))
        return [*block[:head], *(_marked(line, self._look) for line in block[head:])]


def _midnight(at: datetime) -> datetime:
    """When the day began here in which `at` lies."""
    return (
        at.astimezone().replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None).astimezone()
    )


def _marked(line: Line, look: Look) -> Line:
    mark = look.skin.symbols.selected
    shown: Line = []
    column = 0
    for style, text, *_others in line:
        place = MARK_COLUMN - column
        if 0 <= place < len(text) and text[place] == " " and text.isascii():
            text = text[:place] + mark + text[place + 1 :]
        column += width(text)
        # The selection takes all other attributes away, but what was looked for stays visible.
        again = " class:match" if "class:match" in style.split() else ""
        shown.append((f"{style} class:selected{again}", text))
    return [*shown, ("class:selected", " " * max(0, look.columns - column))]


def _gap(problem: str | None, look: Look) -> list[Line]:
    """What is missing there and why; no line where nothing is."""
    if problem is None:
        return []
    reason = look.skin.symbols.one_line(problem, 200).rstrip(".")
    words = _("{reason}; /history tries again").format(reason=reason)
    # The strokes are before each line: what a server says can look like nothing else.
    sign = f"{look.skin.symbols.rule * 2} "
    room = max(1, look.columns - width(sign) - 3)
    why: list[Line] = [[("class:gap", sign + line)] for line in wrap(words, room)]
    return [rule(_("not all could be fetched"), "gap", look), *why]


def rule(words: str, style: str, look: Look) -> Line:
    """A line from edge to edge with `words` in it."""
    stroke = look.skin.symbols.rule
    line = f"{stroke * 2} {words} "
    return [(f"class:{style}", line + stroke * max(0, look.columns - width(line)))]
