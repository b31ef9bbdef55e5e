"""What somebody may have meant who typed something that there is not."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["nearest"]


def nearest(typed: str, names: Iterable[str]) -> str | None:
    """Which of `names` is most like `typed`; None if none is like it."""
    import difflib  # a fifth of a megabyte, for those who mistype

    found = difflib.get_close_matches(typed, list(names), 1)
    return found[0] if found else None
