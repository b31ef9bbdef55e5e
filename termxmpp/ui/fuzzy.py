"""Finding names by a few of their letters: pure, and quick among ten thousand.

A query fits a name that has its letters in their order. Better than that is a name in which they
stand together, better still where they begin a word, and best where they begin the name. Among
equals the order of the names decides, which is the caller's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["Finder", "matched"]

# What parts words in names and addresses becomes a blank, so that one look finds beginnings.
_PARTING = dict.fromkeys(map(ord, "@.-_/\\():#+,;'\"[]|&\t\n"), " ")

# Letters that are scattered are weighed one by one, for so many names.
WEIGHED = 200

# What a letter of the query is worth that stands anywhere, at the beginning of a word, and right
# behind the letter before it.
ANYWHERE, BEGINNING, TOGETHER = 1, 6, 4


class Finder:
    """Finds among `names`; letter by letter it looks only at what it has found before."""

    def __init__(self, names: Sequence[str]) -> None:
        self._words = [f" {_folded(name).translate(_PARTING)}" for name in names]
        self._query = ""
        self._found: list[int] = [*range(len(names))]

    def find(self, query: str) -> list[int]:
        """The places of the names that `query` fits, best first."""
        query = " ".join(_folded(query).translate(_PARTING).split())
        if not query.startswith(self._query):
            self._found = [*range(len(self._words))]
        self._query = query
        if not query:
            return self._found
        self._found = self._fitting(query)
        return self._ranked(query)

    def _fitting(self, query: str) -> list[int]:
        words, last = self._words, query[-1]
        found = [place for place in self._found if last in words[place]]
        if len(query) == 1:
            return found
        # Each part ends with the first of its letters: there is one way to read a name.
        fits = re.compile("".join(f"[^{re.escape(each)}]*{re.escape(each)}" for each in query))
        return [place for place in found if fits.match(words[place])]

    def _ranked(self, query: str) -> list[int]:
        words, begin = self._words, f" {query}"
        first: list[int] = []
        second: list[int] = []
        third: list[int] = []
        scattered: list[int] = []
        for place in self._found:
            name = words[place]
            if begin in name:
                (first if name.startswith(begin) else second).append(place)
            elif query in name:
                third.append(place)
            else:
                scattered.append(place)
        weighed = sorted(
            scattered[:WEIGHED], key=lambda place: _weight(words[place], query), reverse=True
        )
        return [*first, *second, *third, *weighed, *scattered[WEIGHED:]]


def matched(name: str, query: str) -> frozenset[int]:
    """The places in `name` of the letters that `query` fits; none where it does not."""
    query = " ".join(_folded(query).translate(_PARTING).split())
    words = f" {_folded(name).translate(_PARTING)}"
    if not query:
        return frozenset()
    start = words.find(f" {query}")
    together = start + 1 if start >= 0 else words.find(query)
    if together > 0 or (together == 0 and query[0] == " "):
        return frozenset(range(together - 1, together - 1 + len(query)))
    aligned = _aligned(words, query)
    return frozenset(place - 1 for place in aligned[1]) if aligned is not None else frozenset()


def _folded(text: str) -> str:
    """`text` in small letters, each in the place that it had."""
    folded = text.lower()
    if len(folded) == len(text):
        return folded
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def _weight(words: str, query: str) -> int:
    aligned = _aligned(words, query)
    return aligned[0] if aligned is not None else 0


def _aligned(words: str, query: str) -> tuple[int, tuple[int, ...]] | None:
    """The best way in which the letters of `query` stand in `words`: what it is worth, where."""
    # For each place the best way that ends there with the letter looked at.
    ways: dict[int, tuple[int, tuple[int, ...]]] = {-1: (0, ())}
    for letter in query:
        following: dict[int, tuple[int, tuple[int, ...]]] = {}
        best: tuple[int, tuple[int, ...]] | None = ways.get(-1)
        for place, char in enumerate(words):
            before = ways.get(place - 1) if place else None
            if before is not None and (best is None or before[0] > best[0]):
                best = before
            if char != letter or best is None:
                continue
            worth = BEGINNING if place and words[place - 1] == " " else ANYWHERE
            way = (best[0] + worth, (*best[1], place))
            if before is not None and before[0] + worth + TOGETHER > way[0]:
                way = (before[0] + worth + TOGETHER, (*before[1], place))
            following[place] = way
        ways = following
    return max(ways.values(), key=lambda way: way[0], default=None)
