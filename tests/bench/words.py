"""Words: what a key costs that looks through 10,000 names or all emoji, or stands in a line of many
characters, and what a hostile text."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from contextlib import closing

from termxmpp.core.emoji import find
from termxmpp.core.styling import styled
from termxmpp.ui.fuzzy import Finder
from tests.bench.measure import percentile
from tests.support.drawn import Drawn
from tests.support.harness import BOB, Actor

__all__ = ["main"]

NAMES = 10_000
PARTS = ("anna", "bertram", "christoph", "dorothea", "emil", "friederike", "gustav")
QUERIES = ("annaaaaaaaab", "ber", "fgus99", "org")
HOSTILE = ("*", "*a* ", "_*~`", "> ", "```\n")
LENGTH = 100_000
LINES = (10, 60_000, 200_000)


def main() -> None:
    print(f"words: Python {platform.python_version()}, ms")
    names = [
        f"{PARTS[number % 7].title()} {PARTS[number // 7 % 7].title()} {number}"
        f" {PARTS[number % 7]}.{number}@example.org"
        for number in range(NAMES)
    ]
    # And somebody who plays with letters.
    finder = Finder([*names, *["a" * 200] * 100])
    keys = [
        _took(lambda query=query, end=end: finder.find(query[:end]))  # type: ignore[misc]  # bound at once
        for query in QUERIES
        for end in range(1, len(query) + 1)
    ]
    print(f"  a key among {NAMES:,} names: p50={percentile(keys, 50):.1f} max={max(keys):.1f}")
    shown = [_took(lambda: list(find(":a"))) for _ in range(20)]
    print(f"  a key among all emoji: p50={percentile(shown, 50):.1f} max={max(shown):.1f}")
    for length in LINES:
        print(f"  a key in a line of {length:,} characters: {_key_in(length)}")
    for piece in HOSTILE:
        text = (piece * LENGTH)[:LENGTH]
        print(f"  {LENGTH:,} characters of {piece!r}: {_took(lambda text=text: styled(text)):.0f}")  # type: ignore[misc]  # bound at once


def _key_in(length: int) -> str:
    """What a key costs, to the whole frame, behind so many characters without a break."""
    alice = Actor()
    alice.goes_online()
    alice.looks_at(BOB)
    with closing(alice), closing(Drawn(alice, 120, 40)) as drawn:
        drawn.types(f"\x1b[200~{'x' * length}\x1b[201~")
        drawn.settles()

        def key() -> None:
            drawn.types("y")
            drawn.settles()

        times = [_took(key) for _ in range(50)]
    return f"p50={percentile(times, 50):.1f} max={max(times):.1f}"


def _took(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000
