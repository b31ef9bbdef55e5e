"""A form in lines, as the screen draws it: pure of the terminal and its keys."""

from __future__ import annotations

from termxmpp.core.text import one_line, visible, width, wrap
from termxmpp.filling import Filling, Stop, StopKind, is_chosen
from termxmpp.ui.halfblocks import PICTURE_DEPTH, half_blocks
from termxmpp.ui.hyperlinks import href
from termxmpp.ui.lines import Line
from termxmpp.ui.theme import Symbols
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.xmpp.bits import is_bits
from termxmpp.xmpp.forms import Field

__all__ = ["FormView", "Row", "is_link"]

# From so many columns on what a field is called stands beside its values, not above them.
BESIDE = 56

# A line to type into is no wider.
WIDEST = 50

# So many lines of a long text are seen at once, and so many options of a list that one is not in.
TALLEST = 6

# With fewer columns nobody knows what a picture is.
NARROWEST_PICTURE = 16

# What a peer says of a field, at most (characters).
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the form; `stop` is the number of the stop that a click there means."""

    line: Line
    stop: int | None = None


@dataclass(frozen=True, slots=True)
class _Value:
    """A line of a field's values; `at` is where the cursor is, if it is there."""

    line: Line
    stop: int | None = None
    at: int | None = None


class FormView:
    """The lines of `filling`; `cursor` is where in the text it is typed, as (line, column).

    `depth` are the colours there are, as binary digits of them: pictures need many.
    """

    def __init__(self, symbols: Symbols, depth: int = 1) -> None:
        self._symbols = symbols
        self._depth = depth
        self.cursor: tuple[int, int] | None = None
        self.current = 0
        self._first_stops: dict[int, int] = {}

    def rows(self, filling: Filling, columns: int, typed_at: tuple[int, int]) -> list[Row]:
        """All rows, `columns` wide; the cursor is in line and column `typed_at` of the text."""
        self.cursor, self.current = None, 0
        self._first_stops = {}
        for number, stop in enumerate(filling.stops):
            self._first_stops.setdefault(stop.field, number)
        rows = [Row(line) for line in self._head(filling, columns)]
        label_columns = self._label_columns(filling, columns)
        for place, each in enumerate(filling.fields):
            if each.type == "fixed":
                is_first = not rows or not rows[-1].line
                rows += [Row(line) for line in self._fixed(each, columns, is_first=is_first)]
                continue
            room = columns - label_columns - 2 if label_columns else columns - 4
            values = self._values(filling, place, room, typed_at)
            values += [_Value(line) for line in self._about(each, room)]
            rows += self._field(filling, place, values, label_columns, columns, len(rows))
        rows.append(Row([]))
        rows += self._ways(filling, columns, len(rows))
        return rows

    def _head(self, filling: Filling, columns: int) -> list[Line]:
        form = filling.question.form
        lines: list[Line] = []
        for words, style in [(form.title, "class:title"), *((i, "") for i in form.instructions)]:
            lines += [[(style, line)] for line in _wrapped(words, columns)]
        return [*lines, []] if lines else []

    def _fixed(self, each: Field, columns: int, *, is_first: bool) -> list[Line]:
        words = "\n".join(filter(None, (each.label, *each.values)))
        lines: list[Line] = [[("class:subject", line)] for line in _wrapped(words, columns)]
        return lines if is_first else [[], *lines]

    def _label_columns(self, filling: Filling, columns: int) -> int:
        """How much room labels have beside the values; 0, if these stand below."""
        if columns < BESIDE:
            return 0
        longest = max((width(_label(each)) for each in filling.fields if each.is_asked), default=0)
        return min(longest, columns * 2 // 5) + 2

    def _field(
        self,
        filling: Filling,
        place: int,
        values: list[_Value],
        label_columns: int,
        columns: int,
        first_row: int,
    ) -> list[Row]:
        """The rows of a field: its name, and its values with what is said of it."""
        each = filling.fields[place]
        is_here = filling.stop.field == place
        sign = f"{self._symbols.current} " if is_here else "  "
        style = "class:title" if is_here else ""
        first_stop = self._first_stops[place]
        label = _wrapped(_label(each), (label_columns or columns) - 2)
        rows: list[Row] = []
        if label_columns:
            for number in range(max(len(label), len(values))):
                name = label[number] if number < len(label) else ""
                value = values[number] if number < len(values) else _Value([])
                gap = " " * (label_columns - width(name))
                head: Line = [(style, sign if not number else "  "), (style, name + gap)]
                self._note(value, first_row + len(rows), label_columns + 2)
                stop = value.stop if value.stop is not None else first_stop
                rows.append(Row([*head, *value.line], stop))
        else:
            for number, name in enumerate(label):
                rows.append(Row([(style, (sign if not number else "  ") + name)], first_stop))
            for value in values:
                self._note(value, first_row + len(rows), 4)
                rows.append(Row([("", "    "), *value.line], value.stop))
        if is_here and filling.stop.kind is not StopKind.OPTION and self.cursor is None:
            self.current = first_row
        return rows

    def _note(self, value: _Value, row: int, indent: int) -> None:
        if value.at is not None:
            self.current = row
            if value.at >= 0:
                self.cursor = (row, indent + value.at)

    def _values(
        self, filling: Filling, place: int, columns: int, typed_at: tuple[int, int]
    ) -> list[_Value]:
        each = filling.fields[place]
        is_here = filling.stop.field == place
        stop = self._first_stops[place]
        if each.type == "boolean":
            words = "[x]" if filling.is_on(place) else "[ ]"
            return [_Value([(_current(is_here), words)], stop)]
        if is_chosen(each):
            return self._options(filling, place, columns)
        lines = list(filling.values(place)) or [""]
        if each.is_secret:
            lines = ["*" * len(line) for line in lines]
        room = min(columns - 1, WIDEST)
        return self._typed(lines, room, stop, typed_at if is_here else None)

    def _typed(
        self, lines: list[str], columns: int, stop: int, typed_at: tuple[int, int] | None
    ) -> list[_Value]:
        """Lines to type into, as far as there is room; underlined up to their ends."""
        row, column = typed_at or (0, 0)
        row = min(row, len(lines) - 1)
        first = max(0, min(row - TALLEST // 2, len(lines) - TALLEST))
        shown = []
        for number in range(first, min(len(lines), first + TALLEST)):
            at = column if typed_at is not None and number == row else None
            text, place = _scrolled(lines[number], columns, at)
            fill = "_" * (columns - width(text))
            line: Line = [("class:text.own", text), ("class:overlay.meta", fill)]
            shown.append(_Value(line, stop, place))
        if len(lines) > first + TALLEST:
            shown.append(_Value([("class:overlay.meta", "…")]))
        return shown

    def _options(self, filling: Filling, place: int, columns: int) -> list[_Value]:
        each, stop = filling.fields[place], filling.stop
        first = self._first_stops[place]
        is_here = stop.field == place
        numbers = list(range(len(each.options)))
        left_out = 0
        if not is_here and len(numbers) > TALLEST:
            # What is chosen is seen, and that there is more.
            chosen = [n for n in numbers if filling.is_on(place, each.options[n].value)]
            left_out = len(numbers) - len(chosen)
            numbers = chosen[:TALLEST]
        shown = []
        for number in numbers:
            option = each.options[number]
            is_on = filling.is_on(place, option.value)
            sign = ("[x]" if is_on else "[ ]") if each.is_multi else "(*)" if is_on else "( )"
            is_current = is_here and stop.number == number
            words = f"{sign} {one_line(option.words, max(1, columns - 4))}"
            at = -1 if is_current else None
            shown.append(_Value([(_current(is_current), words)], first + number, at))
        if left_out:
            words = _("… {count} others").format(count=left_out)
            shown.append(_Value([("class:overlay.meta", words)], first))
        return shown

    def _ways(self, filling: Filling, columns: int, row: int) -> list[Row]:
        """The ways on: below each other, so that they fit wherever they are."""
        rows = []
        for number, way in enumerate(filling.question.ways_on):
            is_here = filling.stop == Stop(StopKind.WAY, -1, number)
            sign = f"{self._symbols.current} " if is_here else "  "
            words = f"[ {one_line(way.words, max(1, columns - 6))} ]"
            if is_here:
                self.current = row + number
            stop = len(filling.stops) - len(filling.question.ways_on) + number
            rows.append(Row([("", sign), (_current(is_here), words)], stop))
        return rows

    def _about(self, each: Field, columns: int) -> list[Line]:
        """What is said of a field: what it is for, what there is to look at, what it takes."""
        words = each.description[:LONGEST]
        lines: list[Line] = [[("class:overlay.meta", line)] for line in _wrapped(words, columns)]
        lines += self._media(each, columns)
        takes = each.validation.words
        if each.options and not is_chosen(each):
            offered = ", ".join(option.words for option in each.options)
            takes = "; ".join(filter(None, (takes, _("as {offered}").format(offered=offered))))
        elif each.type == "jid-multi":
            takes = _("one address a line")
        shown = _wrapped(takes[:LONGEST], columns)
        return lines + [[("class:overlay.meta", line)] for line in shown]

    def _media(self, each: Field, columns: int) -> list[Line]:
        """What there is to look at: links, and what was looked at, where there are the colours."""
        lines: list[Line] = []
        for address in each.media:
            if is_bits(address) and each.pictures:
                continue
            style = f"class:link {href(address)}" if is_link(address) else "class:overlay.meta"
            # What is named inside of the stream only is no address for people.
            words = _("a picture") if is_bits(address) else address
            lines.append([(style, one_line(words, columns))])
        if each.pictures and self._depth < PICTURE_DEPTH:
            few = _("(This terminal has not the colours for a picture.)")
            lines += [[("class:overlay.meta", line)] for line in _wrapped(few, columns)]
        elif columns >= NARROWEST_PICTURE:
            for picture in each.pictures:
                lines += half_blocks(picture, columns, self._symbols.half)
        return lines


def is_link(address: str) -> bool:
    """Whether `address` is one that can be opened."""
    return address.lower().startswith(("http://", "https://"))


def _label(each: Field) -> str:
    """What a field is called, and whether it must be filled in."""
    return one_line(each.words, LONGEST) + (" *" if each.is_required else "")


def _wrapped(text: str, columns: int) -> list[str]:
    shown = visible(text[:LONGEST].strip())
    return wrap(shown, max(1, columns)) if shown else []


def _current(is_here: bool) -> str:
    return "class:overlay.current" if is_here else ""


def _scrolled(text: str, columns: int, at: int | None) -> tuple[str, int | None]:
    """The part of `text` that is seen in `columns`, and the column of the place `at` in it."""
    begin = 0
    if at is not None:
        while begin < at and width(visible(text[begin:at], multiline=False)) >= columns:
            begin += max(1, (at - begin) // 4)
    shown = one_line(text[begin : begin + columns * 4], columns)
    if at is None:
        return shown, None
    before = visible(text[begin:at], multiline=False)
    return shown, min(width(before), columns - 1)
