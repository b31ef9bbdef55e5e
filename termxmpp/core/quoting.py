"""The words of a message quoted in the text of another (XEP-0393 §4.1.2): pure."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["LONGEST", "excerpt", "quoted", "unquoted", "without"]

# So much of what is answered is quoted (characters, lines): the rest is a look away.
LONGEST, MOST_LINES = 300, 4


def excerpt(text: str) -> str:
    """The beginning of `text`, as long as it is quoted."""
    whole = text.replace("\r", "").strip()
    kept = "\n".join(whole.split("\n")[:MOST_LINES])[:LONGEST]
    return kept if kept == whole else f"{kept.rstrip()}..."


def quoted(text: str) -> str:
    """`text` as a quotation, each line with its newline; nothing of nothing."""
    return "".join(f"> {line}\n" for line in text.split("\n")) if text else ""


def unquoted(text: str) -> str:
    """What a quotation quotes."""
    lines = (line.removeprefix(">").removeprefix(" ") for line in text.strip("\n").split("\n"))
    return "\n".join(lines).strip("\n")


def without(body: str, ranges: Iterable[tuple[int, int]]) -> tuple[str, str]:
    """`body` without the `ranges` of it (code points, XEP-0426), and what stood in these.

    A range that the body has not got says nothing; if nothing else would be left, nothing is
    taken out.
    """
    kept, taken, place = [], [], 0
    for start, end in sorted(ranges):
        if place <= start < end <= len(body):
            kept.append(body[place:start])
            taken.append(body[start:end])
            place = end
    rest = ("".join(kept) + body[place:]).lstrip("\n") if taken else body
    return (rest, "".join(taken)) if rest.strip() else (body, "")
