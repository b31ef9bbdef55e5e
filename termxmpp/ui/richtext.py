"""What somebody wrote, as lines of styled text: its styling, its links, and what is looked for."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from termxmpp.core.links import link_spans
from termxmpp.core.styling import Line as StyledLine
from termxmpp.core.styling import styled
from termxmpp.core.text import LRM, expanded, kept_in_place, width, wrap
from termxmpp.ui.hyperlinks import href
from termxmpp.ui.lines import Line
from termxmpp.ui.theme import Symbols

__all__ = ["painted"]

# However deep a quotation is, so many columns are for what is said in it.
FEWEST = 8

_Part = tuple[int, int, str]
"""Where in a text a style begins and ends, and its words."""


def painted(
    text: str,
    columns: int,
    style: str,
    symbols: Symbols,
    words: Sequence[str] = (),
    *,
    is_unstyled: bool = False,
) -> list[Line]:
    """The lines of visible `text`, all of it in `style`, none wider than `columns`.

    `words` are marked where they stand, in capitals or not. If it `is_unstyled`, what looks like
    styling is text.
    """
    rows = [expanded(row) for row in text.split("\n")]
    lines = [*map(StyledLine, rows)] if is_unstyled else _shown(styled("\n".join(rows)))
    return [line for each in lines for line in _painted(each, columns, style, symbols, words)]


def _shown(lines: list[StyledLine]) -> list[StyledLine]:
    """`lines` without the fences that say nothing but that a block begins or ends."""
    kept = [line for line in lines if not (line.is_fence and not line.text.strip("` "))]
    return kept or lines


def _painted(
    line: StyledLine, columns: int, style: str, symbols: Symbols, words: Sequence[str]
) -> Iterator[Line]:
    depth = max(0, min(line.depth, (columns - FEWEST) // 2))
    before: Line = [("class:quote", f"{symbols.quote} " * depth)] if depth else []
    room = max(1, columns - 2 * depth)
    if line.is_code and room > FEWEST:
        before.append(("class:code class:code-bar", f"{symbols.code} "))
        room -= 2
    style = f"{style} class:quote" if line.depth else style
    style = f"{style} class:code" if line.is_code else style
    text = line.text
    if line.is_fence and text.strip("` "):
        # What is said of the block: its language, mostly.
        style, text = f"{style} class:fence", text.strip("` ")
    parts = deque(sorted([*_styling(line), *_links(line), *_found(text, words)]))
    here: list[_Part] = []
    place = 0
    for row in wrap(text, room) or [""]:
        place = text.find(row, place) if row else place
        end = place + len(row)
        here = [each for each in here if each[1] > place]
        while parts and parts[0][0] < end:
            here.append(parts.popleft())
        fragments = _fragments(row, place, style, here)
        place = end
        if line.is_code:
            fragments.append((style, " " * (room - width(row))))
        ends_in_place = kept_in_place(row) == row
        yield [*before, *fragments] if ends_in_place else [*before, *fragments, (style, LRM)]


def _styling(line: StyledLine) -> list[_Part]:
    return [(span.start, span.end, f"class:{span.style}") for span in line.spans]


def _links(line: StyledLine) -> list[_Part]:
    return [
        (start, end, f"class:link {href(line.text[start:end])}")
        for start, end in link_spans(line.text)
        if not line.is_fence
    ]


def _found(text: str, words: Sequence[str]) -> list[_Part]:
    if not words:
        return []
    finds = _pattern(tuple(words)).finditer(text)
    return [(found.start(), found.end(), "class:match") for found in finds]


@lru_cache(maxsize=4)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)


def _fragments(row: str, place: int, style: str, here: Sequence[_Part]) -> Line:
    """`row`, which stands at `place` of its text, cut where a style of those `here` changes."""
    end = place + len(row)
    if not here:
        return [(style, row)]
    cuts = sorted({place, end, *(at for each in here for at in each[:2] if place < at < end)})
    found: Line = []
    for start, stop in pairwise(cuts):
        inside = [each[2] for each in here if each[0] <= start and each[1] >= stop]
        found.append((" ".join([style, *inside]), row[start - place : stop - place]))
    return found
