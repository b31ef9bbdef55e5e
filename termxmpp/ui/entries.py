"""How one entry of a conversation looks: pure, lines of styled text for a number of columns.

What a peer wrote stands right of a column that only we draw in, and has passed `visible`: it
can look like nothing but text.
"""

from __future__ import annotations

import re
from datetime import timedelta

from prompt_toolkit.formatted_text import OneStyleAndTextTuple

from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Notice
from termxmpp.core.text import one_line, truncate, visible, width, wrap

__all__ = ["Entry", "Line", "draw"]

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


def draw(entry: Entry, before: Entry | None, columns: int, title: str) -> list[Line]:
    """The lines of `entry`, which stands below `before`; `title` is what to call its author."""
    if isinstance(entry, Notice):
        return _notice(entry, columns)
    return _message(entry, before, columns, title)


def _message(message: Message, before: Entry | None, columns: int, title: str) -> list[Line]:
    is_together = (
        isinstance(before, Message)
        and _writer(before) == _writer(message)
        and before.is_own == message.is_own
        and abs(message.at - before.at) < TOGETHER
    )
    who = "you" if message.is_own else one_line(title, 60)
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
