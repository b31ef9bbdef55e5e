"""A conversation as lines of styled text: pure, and only as many lines as are looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from termxmpp.core.archive import Gap
from termxmpp.core.conversation import Conversation
from termxmpp.core.message import Message
from termxmpp.core.text import one_line, width, wrap
from termxmpp.ui.entries import Entry, Line, draw

__all__ = ["Timeline"]


@dataclass(frozen=True, slots=True)
class _Key:
    entry: Entry
    before: Entry | None
    columns: int


class Timeline:
    """Draws conversations; `title_of` says what to call an author.

    Lines of an entry are kept as long as the entry, the one before it and the width are the
    same.
    """

    def __init__(self, title_of: Callable[[Message], str]) -> None:
        self._title_of = title_of
        self._kept: dict[_Key, list[Line]] = {}

    def render(
        self,
        conversation: Conversation,
        columns: int,
        rows: int,
        scrolled: int = 0,
        gaps: Sequence[Gap] = (),
    ) -> tuple[list[Line], int]:
        """The last `rows` lines of `conversation` above the `scrolled` newest ones.

        `gaps` are those of its history that can't be filled. Returns the lines, oldest first,
        and how far it is really scrolled: no further than to the first line.
        """
        wanted = rows + scrolled
        entries = conversation.entries
        problems = {conversation.index_of(gap.high): gap.problem for gap in gaps}
        if conversation.has_older:
            # It may lie before what is older still.
            problems.pop(0, None)
        lines = _gap(problems.get(len(entries)), columns)
        for place in range(len(entries) - 1, -1, -1):
            before = entries[place - 1] if place else None
            entry = entries[place]
            is_new = isinstance(entry, Message) and entry.key == conversation.first_unread
            is_below_line = is_new or place in problems
            # Below the line nobody is to look above it for the author.
            lines[:0] = self._entry(entry, None if is_below_line else before, columns)
            if is_new:
                lines.insert(0, _rule("new", "new", columns))
            lines[:0] = _date(entry, before, columns)
            lines[:0] = _gap(problems.get(place), columns)
            if len(lines) >= wanted:
                break
        scrolled = max(0, min(scrolled, len(lines) - rows))
        end = len(lines) - scrolled
        return lines[max(0, end - rows) : end], scrolled

    def _entry(self, entry: Entry, before: Entry | None, columns: int) -> list[Line]:
        key = _Key(entry, before, columns)
        kept = self._kept.get(key)
        if kept is None:
            if len(self._kept) > 2000:
                self._kept.clear()
            title = self._title_of(entry) if isinstance(entry, Message) else ""
            kept = self._kept[key] = draw(entry, before, columns, title)
        return kept


def _date(entry: Entry, before: Entry | None, columns: int) -> list[Line]:
    day = entry.at.astimezone().date()
    if before is not None and before.at.astimezone().date() == day:
        return []
    return [_rule(f"{day:%A, %d %B %Y}", "date", columns)]


def _gap(problem: str | None, columns: int) -> list[Line]:
    """What is missing there and why; no line where nothing is."""
    if problem is None:
        return []
    reason = one_line(problem, 200).rstrip(".")
    words = f"not all could be fetched: {reason}; /history tries again"
    return [_rule(line, "gap", columns) for line in wrap(words, max(1, columns - 6))]


def _rule(words: str, style: str, columns: int) -> Line:
    line = f"── {words} "
    return [(f"class:{style}", line + "─" * max(0, columns - width(line)))]
