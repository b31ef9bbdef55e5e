"""Emoji by the names that people type: `:smile:`, as Slack, GitHub and Gajim have them.

The table is a file that `python -m tests.shortcodes` writes; it is read when a name is asked for
the first time, and looked through as the text that it is: as objects it would be a megabyte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

__all__ = ["TABLE", "begun", "find", "named", "replaced"]

TABLE = Path(__file__).with_name("emoji.txt")

# A name that is being typed at the end of a text; `10:30`, `http://` and `a::b` begin none. One
# letter is a face of old (`:D`, `:p`) as long as nothing closes it.
_BEGUN = re.compile(r"(?<![A-Za-z0-9:/]):([A-Za-z0-9_+-]{2,}|[A-Za-z0-9_+-]+(?=:)):?$")

_NAME = re.compile(r":([a-z0-9_+-]+):")
_NAMES = re.compile(rf"(?<![A-Za-z0-9:/])(?:{_NAME.pattern})+(?![A-Za-z0-9:])")


def begun(text: str) -> str | None:
    """The name that `text` ends in, with its colons, or None."""
    found = _BEGUN.search(text)
    return found[0] if found else None


def named(name: str) -> str | None:
    """The emoji of exactly that name, without its colons."""
    found = re.search(rf"^(\S+)(?: \S+)*? {re.escape(name.lower())}(?: |$)", _table(), re.MULTILINE)
    return found[1] if found else None


def find(part: str) -> Iterator[tuple[str, str, str]]:
    """The emoji with a name that `part` is in, as (emoji, that name, Unicode's name in words).

    First the one whose name it is, then the names that begin so, then those that have a word
    which begins so.
    """
    wanted = part.strip(":").lower().replace(" ", "_")
    exact, begin, within = [], [], []
    for line in _lines_with(wanted):
        emoji, *names = line.split(" ")
        words = names[-1].replace("_", " ")
        if wanted in names:
            exact.append((emoji, wanted, words))
        elif first := next((name for name in names if name.startswith(wanted)), None):
            begin.append((emoji, first, words))
        elif second := next((name for name in names if f"_{wanted}" in name), None):
            within.append((emoji, second, words))
    yield from exact
    yield from sorted(begin, key=lambda each: len(each[1]))
    yield from within


def replaced(text: str) -> str:
    """`text` with an emoji for each name between colons that is one's."""
    return _NAMES.sub(lambda names: _NAME.sub(_replaced, names[0]), text)


def _replaced(name: re.Match[str]) -> str:
    return named(name[1]) or name[0]


def _lines_with(part: str) -> list[str]:
    return re.findall(rf"^.*[ _]{re.escape(part)}.*$", _table(), re.MULTILINE)


@cache
def _table() -> str:
    return TABLE.read_text(encoding="utf-8")
