"""A box over the screen: a frame with words in its upper and lower edge, and what stands inside."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.filters import Filter
from prompt_toolkit.layout import ConditionalContainer, Container, Float, HSplit, VSplit, Window
from prompt_toolkit.layout.controls import FormattedTextControl

from termxmpp.core.text import width
from termxmpp.ui.floating import Floating
from termxmpp.ui.lines import Line
from termxmpp.ui.theme import Symbols

__all__ = ["boxed"]


def boxed(
    inside: Container,
    is_open: Filter,
    *,
    columns: Callable[[], int],
    rows: Callable[[], int],
    above: Callable[[], str],
    below: Callable[[], str],
    symbols: Callable[[], Symbols],
) -> Float:
    """`inside` in a frame of that size, there while it `is_open`."""

    def edge(left: str, words: str, right: str) -> Line:
        rule = symbols().rule
        line = f"{left}{rule} {symbols().truncated(words, max(0, columns() - 6))} "
        return [("class:overlay.border", line + rule * (columns() - 1 - width(line)) + right)]

    def top() -> Line:
        return edge(symbols().corner_top_left, above(), symbols().corner_top_right)

    def bottom() -> Line:
        return edge(symbols().corner_bottom_left, below(), symbols().corner_bottom_right)

    def side() -> str:
        return symbols().border

    sides = [Window(width=1, char=side, style="class:overlay.border") for _side in "lr"]
    box = HSplit(
        [
            Window(FormattedTextControl(top), height=1),
            VSplit([sides[0], inside, sides[1]]),
            Window(FormattedTextControl(bottom), height=1),
        ],
        style="class:overlay",
    )
    floating = Floating(ConditionalContainer(box, is_open), is_open)
    return Float(floating, top=1, width=columns, height=rows)
