"""A typed line and its words, with their places: quotes and backslash as in a shell.

Nothing here raises: a quote that is never closed is a property of the word, since to the one
who is still typing it is no error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from termxmpp.values import dataclass

__all__ = ["Invocation", "Text", "Word", "is_command", "read_invocation", "words"]

_HEAD = re.compile(r"/(\S*)\s*(\S*)")
_NOT_SPACE = re.compile(r"\S")


@dataclass(frozen=True, slots=True)
class Text:
    """A line that is to be said; of a leading `//` one slash is gone."""

    text: str


@dataclass(frozen=True, slots=True)
class Invocation:
    """A line that names a command: `word` behind the slash, `subword` behind that, as typed.

    What stands behind `word_end` or, where the command's name has two words, `subword_end`
    are the arguments; both are offsets into `line`.
    """

    line: str
    word: str
    word_end: int
    subword: str
    subword_end: int


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a line: its text without quotes, and `line[start:end]`, where it stands.

    `open_quote` is the offset of a quote that is never closed.
    """

    text: str
    start: int
    end: int
    open_quote: int | None = None


def is_command(line: str) -> bool:
    """Whether `line` begins as a command does: with one slash."""
    return line.startswith("/") and not line.startswith("//")


def read_invocation(line: str) -> Invocation:
    """The words that `line`, which begins with a slash, names its command by."""
    head = _HEAD.match(line)
    if head is None:
        raise ValueError(f"{line!r} is no command line")
    return Invocation(line, head[1], head.end(1), head[2], head.end(2))


def words(line: str, start: int = 0) -> Iterator[Word]:
    """The words of `line` from the offset `start` on, read as they are asked for.

    Single quotes take all as it stands; in double quotes a backslash escapes `"` and itself,
    outside of quotes any character.
    """
    while found := _NOT_SPACE.search(line, start):
        word = _word(line, found.start())
        yield word
        start = word.end


def _word(line: str, start: int) -> Word:
    text: list[str] = []
    quote_at: int | None = None
    place = start
    while place < len(line):
        char, following = line[place], line[place + 1 : place + 2]
        quote = "" if quote_at is None else line[quote_at]
        if not quote and char.isspace():
            break
        if char == quote:
            quote_at = None
        elif not quote and char in "'\"":
            quote_at = place
        elif char == "\\" and _is_escape(quote, following):
            text.append(following)
            place += 1
        else:
            text.append(char)
        place += 1
    return Word("".join(text), start, place, quote_at)


def _is_escape(quote: str, following: str) -> bool:
    """Whether a backslash before `following` escapes it; at the line's end it is itself."""
    if not quote:
        return following != ""
    return quote == '"' and following in ('"', "\\")
