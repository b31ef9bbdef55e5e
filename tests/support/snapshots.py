"""Screens that were looked at and found good, as text: `tests/ui/snapshots/`.

A snapshot that is missing is written, and the test fails once, so that somebody looks at it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

__all__ = ["SIZES", "assert_looks_like"]

SIZES = [(80, 24), (40, 12), (200, 60)]
"""The columns and rows that each view is drawn in."""

_FOLDER = Path(__file__).parents[1] / "ui" / "snapshots"


def assert_looks_like(text: str, name: str) -> None:
    """`text` is what the snapshot `name` holds."""
    file = _FOLDER / f"{name}.txt"
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        pytest.fail(f"{file} was missing: look at it, then run again")
    assert text == file.read_text()
