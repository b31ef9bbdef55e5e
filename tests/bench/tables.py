"""Figures side by side: what was measured, by table, row and program, and how it is told.

As Markdown: one table for each part, a column for each program, in each cell the median and, where
there was more than one round, what the rounds lay between. As JSON: the same, with each value.
"""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["BEGIN", "END", "Figures", "machine", "put"]

# Between them the README quotes one run.
BEGIN, END = "<!-- peers -->", "<!-- /peers -->"


@dataclass
class Row:
    """One thing that was measured: `values` are those of each program, one for each round."""

    unit: str
    values: dict[str, list[float]] = field(default_factory=dict)


class Figures:
    """What was measured of `programs`; `notes` are lines that stand below a table."""

    def __init__(self, programs: Sequence[str]) -> None:
        self.programs = tuple(programs)
        self.tables: dict[str, dict[str, Row]] = {}
        self.notes: dict[str, list[str]] = {}

    def add(self, table: str, program: str, values: Mapping[str, float]) -> None:
        """Note what one round gave; a key is what was measured and its unit: `join, ms`."""
        rows = self.tables.setdefault(table, {})
        for what, value in values.items():
            name, _, unit = what.rpartition(", ")
            rows.setdefault(what, Row(unit if name else ""))
            rows[what].values.setdefault(program, []).append(value)

    def note(self, table: str, line: str) -> None:
        """Have `line` told below the table, once."""
        lines = self.notes.setdefault(table, [])
        if line not in lines:
            lines.append(line)

    @contextmanager
    def attempt(self, table: str, program: str) -> Iterator[None]:
        """One round of a program; that it failed is told below the table, and others go on."""
        try:
            yield
        except (OSError, RuntimeError, AssertionError) as error:
            # What its screen showed then is for who looks into it.
            print(f"{table}: {program}: {error}", file=sys.stderr, flush=True)
            self.note(table, f"{program} failed in a round: {str(error).splitlines()[0]}")

    def markdown(self, table: str) -> str:
        """One table, with its notes."""
        rows = self.tables.get(table, {})
        used = {name for row in rows.values() for name in row.values}
        # Who sends only is not among the programs; it comes behind them, as it came.
        names = [name for name in self.programs if name in used]
        names += [name for row in rows.values() for name in row.values if name not in names]
        names = list(dict.fromkeys(names))
        lines = [f"| {table} | {' | '.join(names)} |", f"|---|{'---:|' * len(names)}"]
        for what, row in rows.items():
            cells = (told(row.values.get(name, ())) for name in names)
            lines.append(f"| {what} | {' | '.join(cells)} |")
        notes = self.notes.get(table, [])
        return "\n".join([*lines, *(f"\n{note}" for note in notes)])

    def json(self, **more: Any) -> str:
        """All of it."""
        tables = {
            table: {
                what: {
                    "unit": row.unit,
                    "programs": {name: _summary(values) for name, values in row.values.items()},
                }
                for what, row in rows.items()
            }
            for table, rows in self.tables.items()
        }
        return json.dumps({**more, "tables": tables, "notes": self.notes}, ensure_ascii=False)


def put(text: str, told: str) -> str:
    """`text` with `told` in the place that is kept for it; ValueError if there is none."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"There is no place for it, between {BEGIN} and {END}.")
    return f"{before}{begin}\n{told}\n{end}{after}"


def told(values: Sequence[float]) -> str:
    """The median of `values` and what they lie between; a dash if there are none."""
    if not values:
        return "–"
    middle, least, most = statistics.median(values), min(values), max(values)
    # Zero is said without a spread: it is what all of them were.
    if len(values) == 1 or least == most:
        return _number(middle)
    return f"{_number(middle)} ({_number(least)}–{_number(most)})"


def machine() -> dict[str, str]:
    """What this was measured on, and when."""
    info = Path("/proc/cpuinfo").read_text(errors="replace")
    model = re.search(r"^model name\s*: (.+)$", info, re.MULTILINE)
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "kernel": platform.release(),
        "processors": f"{os.cpu_count()} × {model[1] if model else platform.machine()}",
    }


def _summary(values: Sequence[float]) -> dict[str, Any]:
    return {
        "median": statistics.median(values),
        "min": min(values),
        "max": max(values),
        "values": list(values),
    }


def _number(value: float) -> str:
    """Three digits that count, and all of those before the point."""
    if abs(value) >= 100 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
