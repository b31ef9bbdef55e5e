"""A form asked line by line, for terminals that show no more than lines.

Each question says what is there already and what can be said; nothing keeps that, a lone `-`
empties it. In the end the user says how to go on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from termxmpp.core.text import one_line, visible
from termxmpp.errors import TermxmppError
from termxmpp.filling import GIVE_UP, Filled, Question, is_chosen
from termxmpp.values import dataclass
from termxmpp.words import _
from termxmpp.xmpp.bits import is_bits
from termxmpp.xmpp.forms import FALSE, TRUE, Field
from termxmpp.xmpp.stanzas import xml_text

__all__ = ["Asking", "ask_field", "ask_form"]

# What a peer says in one line, and of a field in all (columns, characters).
LONGEST_LINE, LONGEST = 300, 2000

NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Asking:
    """The terminal: `say` tells lines, `ask` gives the answer to a question, None for leaving.

    What `is_secret` is typed unseen.
    """

    say: Callable[[Sequence[str]], None]
    ask: Callable[[str, bool], Awaitable[str | None]]


async def ask_form(asking: Asking, question: Question) -> Filled | None:
    """What the user answers to `question`; None if it is given up."""
    form = question.form
    head = [one_line(question.title, LONGEST_LINE)]
    for words in (form.title, *form.instructions):
        head += _lines(words)
    asking.say([*head, _("Enter keeps what is there, - empties it, Ctrl-C gives up.")])
    values: dict[str, Sequence[str]] = {}
    problem = question.problem
    while True:
        if problem:
            asking.say([one_line(problem, LONGEST_LINE)])
        for each in form.fields:
            if each.type == "fixed":
                asking.say([line for value in each.values for line in _lines(value)])
            elif each.is_asked and each.name:
                answer = await ask_field(asking, each, values.get(each.name, each.values))
                if answer is None:
                    return None
                values[each.name] = answer
        way = await _way(asking, question)
        if way is None or way == GIVE_UP:
            return None
        found = next(each for each in question.ways_on if each.name == way)
        if found.is_back:
            return Filled(way)
        try:
            return Filled(way, form.answered(values))
        except TermxmppError as error:
            problem = str(error)


async def ask_field(asking: Asking, each: Field, present: Sequence[str]) -> Sequence[str] | None:
    """The values for `each`, asked until the form allows them; None if the user leaves.

    Whoever says nothing means those `present`.
    """
    asking.say(_about(each, present))
    while True:
        if each.type == "text-multi":
            given = await _several(asking, each, present)
        else:
            line = await asking.ask(_question(each, present), each.is_secret)
            given = None if line is None else _meant(each, line, present)
        if given is None:
            return None
        try:
            return each.checked([xml_text(value) for value in given]).values
        except TermxmppError as error:
            asking.say([one_line(str(error), LONGEST_LINE)])


async def _several(asking: Asking, each: Field, present: Sequence[str]) -> Sequence[str] | None:
    """Lines until an empty one."""
    asking.say([_("Several lines; an empty one ends them.")])
    lines: list[str] = []
    while True:
        line = await asking.ask(_question(each, ()), False)
        if line is None:
            return None
        if not line:
            return lines or present
        if line == NOTHING and not lines:
            return ()
        lines.append(line)


def _meant(each: Field, line: str, present: Sequence[str]) -> Sequence[str]:
    """The values that `line` means."""
    text = line if each.is_secret else line.strip()
    if not text:
        return present
    if text == NOTHING:
        return ()
    if each.type == "boolean":
        yes, no = {*TRUE, "y", "yes", _("yes")}, {*FALSE, "n", "no", _("no")}
        known = {**dict.fromkeys(no, "0"), **dict.fromkeys(yes, "1")}
        return (known.get(text.casefold(), text),)
    parts = [part for part in text.replace(",", " ").split() if part] if each.is_multi else [text]
    return [_chosen(each, part) for part in parts] if is_chosen(each) else parts


def _chosen(each: Field, text: str) -> str:
    """The option that `text` is the number, the value or the name of."""
    values = [option.value for option in each.options]
    if text in values:
        return text
    named = [option.value for option in each.options if option.words == text]
    if named:
        return named[0]
    is_number = text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= len(values)
    return values[int(text) - 1] if is_number and len(text) < 9 else text


def _about(each: Field, present: Sequence[str]) -> list[str]:
    """What there is to know before `each` is answered."""
    lines = _lines(each.description)
    for address in each.media:
        # What is named inside of the stream only is no address for people.
        is_here = is_bits(address)
        lines += [_("(a picture that lines can't show)")] if is_here else _lines(address)
    if each.validation.words:
        lines.append(one_line(each.validation.words, LONGEST_LINE))
    for number, option in enumerate(each.options, 1):
        lines.append(f"  {number}  {one_line(option.words, LONGEST_LINE)}")
    if each.type == "text-multi" and any(present):
        lines += [f"  {one_line(value, LONGEST_LINE)}" for value in present]
    return lines


def _question(each: Field, present: Sequence[str]) -> str:
    """What `each` is called, and what it holds."""
    name = one_line(each.words, LONGEST_LINE)
    if each.type == "boolean":
        held = _("yes") if present and present[0] in TRUE else _("no")
    elif each.is_secret:
        held = "***" if any(present) else ""
    else:
        held = ", ".join(one_line(each.words_of(value), LONGEST_LINE) for value in present if value)
    return f"{name} [{held}]" if held else name


async def _way(asking: Asking, question: Question) -> str | None:
    """The way on; the first one where nothing is said."""
    ways = question.ways_on
    asking.say([f"  {number}  {one_line(way.words, 60)}" for number, way in enumerate(ways, 1)])
    while True:
        line = await asking.ask(_("How to go on? [1]"), False)
        if line is None:
            return None
        text = line.strip() or "1"
        if text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= len(ways):
            return ways[int(text) - 1].name
        asking.say([_("A number from 1 to {last}, please.").format(last=len(ways))])


def _lines(text: str) -> list[str]:
    return visible(text[:LONGEST].strip()).split("\n") if text.strip() else []
