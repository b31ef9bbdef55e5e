"""A form that the user fills in: what is asked, and how far the answer has come. Pure.

Features ask a `Question` by their context. `Filling` is the form under the user's hands, as the
screen draws it; on a line terminal the same `Question` is asked line by line. What a peer wrote in
it is made harmless by who shows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from enum import Enum, auto

from termxmpp.core.table import aligned
from termxmpp.errors import TermxmppError
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.xmpp.forms import TRUE, Field, Form
from termxmpp.xmpp.stanzas import xml_text

__all__ = ["GIVE_UP", "Filled", "Filling", "Question", "Stop", "StopKind", "Way", "result_lines"]

SUBMIT, GIVE_UP = "submit", ""


@dataclass(frozen=True, slots=True)
class Way:
    """A way on from a form: `name` is the asker's, `words` stand on its button.

    Where it `is_back`, nothing is sent, so that nothing need be right.
    """

    name: str
    words: str
    is_back: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A form for the user, who leaves it by one of the `ways`, the first one by default.

    `title` says who asks for what, `problem` why it is asked once more.
    """

    title: str
    form: Form
    ways: tuple[Way, ...] = ()
    problem: str = ""

    @property
    def ways_on(self) -> tuple[Way, ...]:
        """The ways, and behind them the one that gives up."""
        return *(self.ways or (Way(SUBMIT, _("Submit")),)), Way(GIVE_UP, _("Cancel"), is_back=True)


@dataclass(frozen=True, slots=True)
class Filled:
    """What the user answers: the name of the way, and the form to be sent."""

    way: str
    form: Form = field(default_factory=lambda: Form("submit"))


class StopKind(Enum):
    """What there is to be done at a stop."""

    TEXT = auto()
    SWITCH = auto()
    OPTION = auto()
    WAY = auto()


@dataclass(frozen=True, slots=True)
class Stop:
    """A place where the user can do something: in the field `field`, at its option `number`.

    Of the ways on, `number` is which, and `field` is -1.
    """

    kind: StopKind
    field: int
    number: int = 0


class Filling:
    """The answer to `question` while it is made.

    `fields` are those to be seen, in order; `place` is the stop where the user is, `problem` what
    does not let the answer go.
    """

    def __init__(self, question: Question) -> None:
        self.question = question
        self.fields = tuple(_shown(question.form))
        self.problem = question.problem
        self._values = {each.name: each.values for each in self.fields if each.is_asked}
        self._before = dict(self._values)
        self.stops = tuple(self._all_stops())
        self.place = 0
        # Another number after each answer.
        self.revision = 0

    @property
    def stop(self) -> Stop:
        return self.stops[self.place]

    @property
    def is_changed(self) -> bool:
        """Whether the user would lose something."""
        return self._values != self._before

    def values(self, place: int) -> tuple[str, ...]:
        """The values of the field at `place`."""
        each = self.fields[place]
        return self._values[each.name] if each.is_asked else each.values

    def is_on(self, place: int, value: str = "") -> bool:
        """Whether the boolean field at `place` is true, or `value` of a list is chosen."""
        values = self.values(place)
        return value in values if value else bool(values) and values[0] in TRUE

    # Moving.

    def move(self, by: int) -> None:
        """Go `by` stops on, around the end."""
        self.place = (self.place + by) % len(self.stops)

    def move_field(self, by: int) -> None:
        """Go to the next field, or the one before; the ways on are one."""
        here = self.stop.field
        while self.stop.field == here:
            self.move(by)
            if self.place == 0 and here == self.stops[0].field:
                break
        # A field is entered at its first stop, and a list at what is chosen of it.
        while self.place and self.stops[self.place - 1].field == self.stop.field:
            self.place -= 1
        self._to_chosen()

    def go(self, place: int) -> None:
        """Go to the stop at `place`."""
        self.place = max(0, min(place, len(self.stops) - 1))

    def jump(self, letters: str) -> None:
        """Go to the next option here that begins with `letters`."""
        stop = self.stop
        if stop.kind is not StopKind.OPTION or not letters.strip():
            return
        options = self.fields[stop.field].options
        for step in range(1, len(options) + 1):
            number = (stop.number + step) % len(options)
            if options[number].words.casefold().startswith(letters.casefold()):
                self.go(self.place + number - stop.number)
                return

    # Answering.

    @property
    def is_text(self) -> bool:
        """Whether something is typed here."""
        return self.stop.kind is StopKind.TEXT

    @property
    def is_multiline(self) -> bool:
        """Whether what is typed here may have several lines."""
        return self.is_text and self.fields[self.stop.field].is_multi

    @property
    def text(self) -> str:
        """What is typed here so far."""
        return "\n".join(self.values(self.stop.field)) if self.is_text else ""

    def type(self, text: str) -> None:
        """Let `text` be what is typed here."""
        if self.is_text:
            each = self.fields[self.stop.field]
            lines = tuple(text.split("\n")) if each.is_multi else (text,)
            self._set(each, lines if any(lines) else ())

    def press(self) -> str:
        """Switch or choose what is here; the name of the way on, if it is one."""
        stop = self.stop
        if stop.kind is StopKind.WAY:
            return self.question.ways_on[stop.number].name
        if stop.kind is StopKind.SWITCH:
            self._set(self.fields[stop.field], ("0",) if self.is_on(stop.field) else ("1",))
        elif stop.kind is StopKind.OPTION:
            self._choose(self.fields[stop.field], stop.number)
        return ""

    def leave(self, way: str) -> Filled | None:
        """The answer, if the form allows it; else `problem` says why not, where the user is led.

        Who gives up is no matter of it.
        """
        found = next((each for each in self.question.ways_on if each.name == way), None)
        if found is None or found.is_back:
            return Filled(way)
        values = {name: [xml_text(each) for each in given] for name, given in self._values.items()}
        for place, each in enumerate(self.fields):
            if not each.is_asked:
                continue
            try:
                each.checked(values[each.name])
            except TermxmppError as error:
                self.problem = str(error)
                self.go(next(n for n, stop in enumerate(self.stops) if stop.field == place))
                self._to_chosen()
                return None
        self.problem = ""
        return Filled(way, self.question.form.answered(values))

    def _set(self, each: Field, values: tuple[str, ...]) -> None:
        self._values[each.name] = values
        self.revision += 1
        self.problem = ""

    def _choose(self, each: Field, number: int) -> None:
        value, chosen = each.options[number].value, self._values[each.name]
        if not each.is_multi:
            # What need not be filled in can be taken back.
            is_back = value in chosen and not each.is_required
            self._set(each, () if is_back else (value,))
        elif value in chosen:
            self._set(each, tuple(other for other in chosen if other != value))
        else:
            order = [option.value for option in each.options]
            self._set(each, tuple(other for other in order if other in (*chosen, value)))

    def _to_chosen(self) -> None:
        stop = self.stop
        if stop.kind is not StopKind.OPTION:
            return
        each = self.fields[stop.field]
        chosen = self._values[each.name]
        for number, option in enumerate(each.options):
            if option.value in chosen and not each.is_multi:
                self.go(self.place + number)
                return

    def _all_stops(self) -> Iterator[Stop]:
        for place, each in enumerate(self.fields):
            if not each.is_asked:
                continue
            if each.type == "boolean":
                yield Stop(StopKind.SWITCH, place)
            elif is_chosen(each):
                for number in range(len(each.options)):
                    yield Stop(StopKind.OPTION, place, number)
            else:
                yield Stop(StopKind.TEXT, place)
        for number in range(len(self.question.ways_on)):
            yield Stop(StopKind.WAY, -1, number)


def is_chosen(each: Field) -> bool:
    """Whether `each` is answered by its options only; else something is typed."""
    is_list = each.type in ("list-single", "list-multi")
    return is_list and bool(each.options) and not each.validation.is_open


def result_lines(form: Form) -> list[str]:
    """What `form` tells, one thing a line; of a table, columns (XEP-0004 §3.4)."""
    lines = [each for each in (form.title, *form.instructions) if each.strip()]
    for each in form.fields:
        if each.type == "hidden":
            continue
        values = [_value_words(each, value) for value in each.values]
        if each.type == "fixed" or not each.words:
            lines += values
        elif len(values) == 1 and "\n" not in values[0]:
            lines.append(f"{each.words}: {values[0]}")
        elif values:
            lines += [f"{each.words}:", *(f"  {value}" for value in values)]
    return [*lines, *_table(form)]


def _value_words(each: Field, value: str) -> str:
    if each.type == "boolean":
        return _("yes") if value in TRUE else _("no")
    return each.words_of(value)


def _table(form: Form) -> list[str]:
    columns = [each for each in form.reported if each.type != "hidden" and each.name]
    if not columns or not form.items:
        return []
    rows = [[each.words for each in columns]]
    for item in form.items:
        cells = {each.name: each.values for each in item}
        rows.append(
            [
                ", ".join(_value_words(each, value) for value in cells.get(each.name, ()))
                for each in columns
            ]
        )
    return aligned(rows)


def _shown(form: Form) -> Iterator[Field]:
    """The fields to be seen; of those with the same name the first."""
    names = set()
    for each in form.fields:
        if each.type == "fixed":
            if any(value.strip() for value in each.values):
                yield each
        elif each.is_asked and each.name and each.name not in names:
            names.add(each.name)
            yield each
