"""Message Styling (XEP-0393): which parts of a text its author has marked, and how.

The directives stay in the text, so nothing that somebody wrote is ever lost. Each character is
looked at a bounded number of times, whatever the text is.
"""

from __future__ import annotations

from termxmpp.values import dataclass

__all__ = ["Line", "Span", "styled"]

# Quotations in quotations beyond these are text of the innermost one.
DEEPEST = 8

# What each directive does to what it encloses (XEP-0393 §6.2).
DIRECTIVES = {"*": "strong", "_": "emphasis", "~": "strike", "`": "mono"}

_FENCE = "```"


@dataclass(frozen=True, slots=True)
class Span:
    """The characters from `start` to `end`, directives included, are `style`."""

    start: int
    end: int
    style: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text: the `text` in `depth` quotations, without their signs.

    `is_code`: it belongs to a preformatted block, `is_fence`: it begins or ends one.
    """

    text: str
    spans: tuple[Span, ...] = ()
    depth: int = 0
    is_code: bool = False
    is_fence: bool = False


def styled(text: str) -> list[Line]:
    """The lines of `text`, blocks first, then the spans in each of them."""
    lines: list[Line] = []
    # How deep the quotation is that a preformatted block stands in; None outside of one.
    code: int | None = None
    for line in text.split("\n"):
        depth, content = _unquoted(line, DEEPEST if code is None else code)
        if code is not None and depth < code:
            # The quotation has ended, and the block with it (§6.1.2).
            code = None
            depth, content = _unquoted(line, DEEPEST)
        if code is not None:
            is_end = content == _FENCE
            lines.append(Line(content, (), depth, True, is_end))
            code = None if is_end else code
        elif content.startswith(_FENCE):
            lines.append(Line(content, (), depth, True, True))
            code = depth
        else:
            lines.append(Line(content, tuple(_spans(content)), depth))
    return lines


def _unquoted(line: str, deepest: int) -> tuple[int, str]:
    """In how many quotations `line` is, at most `deepest`, and what is said there (§6.1.3)."""
    place = depth = 0
    while depth < deepest and line.startswith(">", place):
        place += 1
        depth += 1
        if line[place : place + 1].isspace():
            place += 1
    return depth, line[place:]


def _spans(text: str) -> list[Span]:
    """The spans of a line that is no block of its own (§6.2): lazily matched, from left to right.

    Where spans are nested both are told. Closing directives are looked for from the left once for
    each directive, so a line of nothing but directives costs no more than any other.
    """
    spans: list[Span] = []
    closings = {sign: _closings(text, sign) for sign in DIRECTIVES if sign in text}
    if closings:
        _scan(text, 0, len(text), closings, spans)
    return spans


def _closings(text: str, sign: str) -> list[int]:
    """For each place the first one from there on at which `sign` can close a span, or -1."""
    found = [-1] * (len(text) + 1)
    for place in range(len(text) - 1, -1, -1):
        can_close = text[place] == sign and place > 0 and not text[place - 1].isspace()
        found[place] = place if can_close else found[place + 1]
    return found


def _scan(
    text: str, start: int, end: int, closings: dict[str, list[int]], spans: list[Span]
) -> None:
    """Find the spans from `start` to `end`; what is in a span is looked through in its turn.

    In it the sign of no span around it can be closed, so there are four levels at most.
    """
    waiting = [(start, end)]
    while waiting:
        begin, end = waiting.pop()
        place, is_opened = begin, True
        while place < end:
            sign = text[place]
            close = _close(text, place, end, closings) if is_opened and sign in closings else -1
            if close < 0:
                is_opened = sign.isspace()
                place += 1
                continue
            spans.append(Span(place, close + 1, DIRECTIVES[sign]))
            if sign != "`":
                waiting.append((place + 1, close))
            place, is_opened = close + 1, False
    spans.sort(key=lambda span: (span.start, -span.end))


def _close(text: str, place: int, end: int, closings: dict[str, list[int]]) -> int:
    """Where the directive at `place` is closed before `end`, or -1 if it opens nothing."""
    # Lazily matched, two in a row enclose nothing, so that neither counts.
    if place + 2 >= len(text) or text[place + 1].isspace() or text[place + 1] == text[place]:
        return -1
    found = closings[text[place]][place + 2]
    return found if 0 <= found < end else -1
