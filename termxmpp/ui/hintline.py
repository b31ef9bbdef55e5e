"""The line above the input: how the command goes on that is being typed, or that it is none."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition
from prompt_toolkit.layout import ConditionalContainer, Window
from prompt_toolkit.layout.controls import FormattedTextControl

from termxmpp.commands.hint import Hint
from termxmpp.core.text import width
from termxmpp.ui.lines import Line
from termxmpp.ui.theme import Symbols

__all__ = ["hint_container", "hint_line"]


def hint_container(
    buffer: Buffer,
    find: Callable[[str, int], Hint | None],
    columns: Callable[[], int],
    symbols: Callable[[], Symbols],
    about: Callable[[str], str] = lambda text: "",
) -> ConditionalContainer:
    """The line for what is typed in `buffer`; it takes no room where there is nothing to say.

    What is known `about` the whole of it comes first.
    """
    kept: tuple[str, int, Hint | None] = ("", 0, None)

    def found() -> Hint | None:
        nonlocal kept
        text, cursor = buffer.text, buffer.cursor_position
        if not text.startswith("/"):
            return None
        if kept[:2] != (text, cursor):
            kept = (text, cursor, find(text, cursor))
        return kept[2]

    def line() -> Line:
        words = about(buffer.text)
        if words:
            return [("class:hint", symbols().truncated(f" {words}", columns()))]
        hint = found()
        return hint_line(hint, columns(), symbols()) if hint is not None else []

    is_needed = Condition(lambda: bool(about(buffer.text)) or found() is not None)
    return ConditionalContainer(Window(FormattedTextControl(line), height=1), is_needed)


def hint_line(hint: Hint, columns: int, symbols: Symbols) -> Line:
    """`hint` in at most `columns`; the word that is being typed is always in it."""
    if hint.problem:
        return [("class:hint.problem", symbols.truncated(f" {hint.problem}", columns))]
    line: Line = []
    room = columns
    for place, word in enumerate(_fitting(hint, columns, symbols.ellipsis)):
        is_current = word is not None and place == hint.current
        style = "class:hint.current" if is_current else "class:hint"
        shown = symbols.truncated(f" {symbols.ellipsis if word is None else word}", room)
        if is_current:
            # The space before it is not underlined.
            line += [("class:hint", shown[:1]), (style, shown[1:])]
        else:
            line.append((style, shown))
        room -= width(shown)
    if hint.summary and room > 10:
        line.append(("class:hint.summary", symbols.truncated(f"  {hint.summary}", room)))
    return line


def _fitting(hint: Hint, columns: int, ellipsis: str) -> list[str | None]:
    """The words, of those before the current one only as many as leave room for it."""
    words: list[str | None] = list(hint.words)
    current = hint.current or 0
    for place in range(1, current):
        if sum(width(word or ellipsis) + 1 for word in words[: current + 1]) <= columns:
            break
        words[place] = None
    return words
