"""A conversation as lines of styled text: pure, and only as many lines as are looked at.

What a peer wrote stands right of a column that only we draw in, and has passed `visible`: it
can look like nothing but text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from prompt_toolkit.formatted_text import OneStyleAndTextTuple

from termxmpp.core.archive import Gap
from termxmpp.core.conversation import Conversation
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Notice
from termxmpp.core.text import one_line, truncate, visible, width, wrap

__all__ = ["Line", "Timeline"]

Line = list[OneStyleAndTextTuple]
"""A line of the screen: (style class, text) fragments, as prompt_toolkit takes them."""

Entry = Message | Notice

TIME_COLUMNS = 6
AUTHOR_COLUMNS = 12
NOTICE_MARK = "≡"

# Under so many columns the authors have only so many: the text needs them more.
NARROW, NARROW_AUTHOR_COLUMNS = 70, 9

# Messages of one author so close together are one utterance.
TOGETHER = timedelta(minutes=5)

# What stands before the last column of a row of a table, such as `/help` prints.
_GAP = re.compile(r"(?:\S.*?)?  +(?=\S)")


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
            kept = self._kept[key] = self._drawn(entry, before, columns)
        return kept

    def _drawn(self, entry: Entry, before: Entry | None, columns: int) -> list[Line]:
        if isinstance(entry, Notice):
            return _notice(entry, columns)
        return self._message(entry, before, columns)

    def _message(self, message: Message, before: Entry | None, columns: int) -> list[Line]:
        is_together = (
            isinstance(before, Message)
            and _writer(before) == _writer(message)
            and before.is_own == message.is_own
            and abs(message.at - before.at) < TOGETHER
        )
        who = "you" if message.is_own else one_line(self._title_of(message), 60)
        author = "" if is_together else who
        text = visible(message.text)
        style = "class:text.own" if message.is_own else "class:text.peer"
        if text.startswith("/me "):
            # "you looks up" is no sentence.
            nick = message.author.resource if message.is_groupchat else message.author.local
            doer = nick if message.is_own else who
            author, text, style = "*", f"{doer} {text[4:]}", "class:action"
        author_columns = AUTHOR_COLUMNS if columns >= NARROW else NARROW_AUTHOR_COLUMNS
        author = truncate(author, author_columns - 1)
        room = max(8, columns - TIME_COLUMNS - author_columns - 1)
        body = [(style, line) for line in wrap(text, room - 3)] or [(style, "")]
        if message.subject:
            subject = one_line(message.subject, 200)
            body[:0] = [("class:subject", line) for line in wrap(subject, room - 3)]
        side = "own" if message.is_own else "peer"
        time = _minute(message)
        if is_together and before is not None and time == _minute(before):
            time = ""
        lines: list[Line] = [
            [
                ("class:time", _padded(time if not number else "", TIME_COLUMNS)),
                (f"class:author.{side}", _padded(author if not number else "", author_columns)),
                fragment,
            ]
            for number, fragment in enumerate(body)
        ]
        if message.fate is not None:
            has_failed = message.fate is Fate.FAILED
            mark = "class:fate.failed" if has_failed else "class:fate"
            reason = "class:reason" if has_failed else "class:fate"
            lines[-1].append((mark, f" {message.fate.value}"))
            if message.reason:
                lines += [
                    [("", " " * (TIME_COLUMNS + author_columns)), (reason, line)]
                    for line in wrap(one_line(message.reason, 500), room)
                ]
        return lines


def _writer(message: Message) -> Jid:
    """Who wrote `message`, on whichever device; in a room that is an occupant."""
    return message.author if message.is_groupchat else message.author.bare


def _minute(entry: Entry) -> str:
    return f"{entry.at.astimezone():%H:%M}"


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


def _notice(notice: Notice, columns: int) -> list[Line]:
    style = "class:notice.error" if notice.is_error else "class:notice"
    room = max(8, columns - TIME_COLUMNS - 3)
    lines = [line for part in visible(notice.text).split("\n") for line in _hanging(part, room)]
    return [
        [
            ("class:time", _padded(_minute(notice) if not number else "", TIME_COLUMNS)),
            (style, f"{NOTICE_MARK if not number else ' '} {line}"),
        ]
        for number, line in enumerate(lines)
    ]


def _hanging(row: str, columns: int) -> list[str]:
    """`row` wrapped to `columns`; a row of a table goes on below where its last part begins."""
    gap = _GAP.match(row)
    indent = width(gap[0]) if gap else 0
    if not gap or indent > columns // 2:
        return wrap(row, columns) or [""]
    first, *rest = wrap(row[gap.end() :], columns - indent)
    return [gap[0] + first, *(" " * indent + line for line in rest)]


def _padded(text: str, columns: int) -> str:
    return text + " " * max(0, columns - width(text))
