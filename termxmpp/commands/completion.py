"""What could stand at the cursor of a typed line: commands, and arguments by their kind.

Pure, and bounded: what is known comes in by `CompletionSources`, and nobody reads more than
`LIMIT` offers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Protocol

from termxmpp.commands.line import is_command, read_invocation, words
from termxmpp.commands.parser import arguments_start, convert
from termxmpp.commands.registry import Command, Registry
from termxmpp.commands.signature import Kind, Parameter, Takes
from termxmpp.core import emoji
from termxmpp.core.text import one_line
from termxmpp.errors import UserError
from termxmpp.values import dataclass

__all__ = ["LIMIT", "Completion", "CompletionSources", "complete", "parameter_at_end", "quoted"]

# A menu longer than any screen; who wants the rest types another letter.
LIMIT = 200

# More of an offer and of what it means nobody shows.
_COLUMNS = 200

Offers = Iterable[tuple[str, str]]


class CompletionSources(Protocol):
    """What there is to offer: pairs of what would be typed and what it is, best first."""

    def contacts(self) -> Offers:
        """Addresses of contacts, with their names."""
        ...

    def rooms(self) -> Offers:
        """Addresses of rooms, with their names."""
        ...

    def nicks(self) -> Offers:
        """Nicknames in the room that is looked at, whoever spoke last first."""
        ...

    def accounts(self) -> Offers:
        """Addresses of our accounts, with their states."""
        ...

    def window_names(self) -> Offers:
        """Numbers or names of windows, with their titles."""
        ...

    def named(self, kind: Kind, before: str) -> Offers:
        """What there is of another `kind`; the word `before` may decide it, as for a VALUE."""
        ...

    def blocked(self) -> Offers:
        """Addresses that are blocked, with the names of contacts."""
        ...

    def files(self, prefix: str) -> Offers:
        """Paths that begin with `prefix`, folders with a slash at the end, as far as known."""
        ...


@dataclass(frozen=True, slots=True)
class Completion:
    """`text` could replace the line from the offset `start` to the cursor.

    `display` is how to show it, `meta` says what it is; both are fit for a screen. It `is_whole`:
    if it is the only one, a space can follow.
    """

    start: int
    text: str
    display: str
    meta: str
    is_whole: bool = True


def complete(
    line: str, cursor: int, registry: Registry, sources: CompletionSources
) -> list[Completion]:
    """What could stand at `cursor` in `line`, best first, at most LIMIT."""
    typed = line[:cursor]
    if not is_command(typed):
        return _in_text(typed, 0, sources)
    invocation = read_invocation(typed)
    if invocation.word_end == cursor:
        return _made(_beginning(typed[1:], _first_words(registry)), 1)
    group = registry.group(invocation.word)
    offers = []
    if invocation.subword_end == cursor:
        start = cursor - len(invocation.subword)
        offers = _made(_beginning(invocation.subword, _second_words(group)), start)
    command = registry.get(f"{invocation.word} {invocation.subword}")
    if command is None or invocation.subword_end == cursor:
        command = registry.get(invocation.word)
    if command is not None:
        start = arguments_start(command, invocation)
        offers += _in_arguments(command, typed, start, registry, sources)
    return offers[:LIMIT]


def parameter_at_end(command: Command, typed: str, start: int) -> Parameter | None:
    """The parameter of `command` that the end of `typed` is for; its arguments begin at `start`."""
    return _at_end(command.parameters, typed, start)[0]


def _first_words(registry: Registry) -> Offers:
    """Each command or group once, with a space behind it where more must follow."""
    groups: dict[str, list[str]] = {}
    for name in registry.names:
        first, _, second = name.partition(" ")
        groups.setdefault(first, []).append(second)
    for first in sorted(groups):
        command = registry.get(first)
        if command is None:
            yield f"{first} ", ", ".join(sorted(groups[first]))
        else:
            yield f"{first} " if command.parameters or groups[first][1:] else first, command.summary


def _second_words(group: tuple[Command, ...]) -> Offers:
    for command in group:
        second = command.name.partition(" ")[2]
        yield f"{second} " if command.parameters else second, command.summary


def _in_arguments(
    command: Command, typed: str, start: int, registry: Registry, sources: CompletionSources
) -> list[Completion]:
    """Offers for the argument that `typed` ends in; its arguments begin at `start`."""
    beginning = start
    parameter, start = _at_end(command.parameters, typed, start)
    if parameter is None:
        return []
    before = _last_word(typed[:start], beginning)
    rest = typed[start:].lstrip()
    if parameter.takes in (Takes.REST, Takes.NAME):
        start = len(typed) - len(rest)
        if parameter.kind is None:
            return _in_text(typed, start, sources, is_said=False)
        return _made(_offers(parameter, rest, registry, sources, before), start)
    last = deque(words(typed, start), maxlen=1)
    if last and last[0].end == len(typed):
        prefix, start = last[0].text, last[0].start
    else:
        prefix, start = "", len(typed)
    if parameter.takes is Takes.WORDS:
        before = _last_word(typed[:start], beginning)
    parameter = _meant(parameter, before)
    if parameter.kind is Kind.EMOJI:
        return _emoji(prefix, start)
    offers = _offers(parameter, prefix, registry, sources, before)
    if parameter.kind is Kind.FILE:
        return _paths(offers, start)
    return _made(((quoted(value), meaning) for value, meaning in offers), start)


def _last_word(typed: str, start: int) -> str:
    return "".join(each.text for each in deque(words(typed, start), maxlen=1))


# What follows these words of an EXPORT.
_BEHIND = {"to": Kind.FILE, "by": Kind.PERSON}


def _meant(parameter: Parameter, before: str) -> Parameter:
    """`parameter` as it is behind the word `before`, which may say what it names."""
    if parameter.kind is Kind.EXPORT and before in _BEHIND:
        return replace(parameter, kind=_BEHIND[before])
    return parameter


def _at_end(
    parameters: tuple[Parameter, ...], typed: str, start: int
) -> tuple[Parameter | None, int]:
    """The parameter that the end of `typed` is for, and where what is for it begins."""
    for place, parameter in enumerate(parameters):
        if parameter.takes is not Takes.WORD:
            return parameter, start
        word = next(words(typed, start), None)
        following = parameters[place + 1 :]
        # As the parser reads it: what is no number is for what follows an optional number.
        is_number = parameter.type is int and word is not None and bool(following)
        may_be_skipped = parameter.is_optional and (
            is_number or not all(each.is_optional for each in following)
        )
        if may_be_skipped and not _fits(parameter, word.text if word else ""):
            continue
        if word is None or word.end == len(typed):
            return parameter, start
        start = word.end
    return None, start


def _fits(parameter: Parameter, text: str) -> bool:
    try:
        convert(parameter, text)
    except UserError:
        return False
    return True


def _offers(
    parameter: Parameter,
    prefix: str,
    registry: Registry,
    sources: CompletionSources,
    before: str,
) -> Offers:
    if parameter.choices:
        return _beginning(prefix, ((choice, "") for choice in parameter.choices))
    match parameter.kind:
        case Kind.JID:
            return _matching(prefix, (*sources.contacts(), *sources.rooms()))
        case Kind.CONTACT:
            return _matching(prefix, sources.contacts())
        case Kind.BLOCKED:
            return _matching(prefix, sources.blocked())
        case Kind.ROOM:
            return _matching(prefix, sources.rooms())
        case Kind.PERSON:
            return _matching(prefix, (*sources.nicks(), *sources.contacts()))
        case Kind.NICK:
            return _matching(prefix, sources.nicks())
        case Kind.ACCOUNT:
            return _matching(prefix, sources.accounts())
        case Kind.WINDOW:
            return _matching(prefix, sources.window_names())
        case Kind.COMMAND:
            return _beginning(prefix, ((each.name, each.summary) for each in registry.commands))
        case Kind.FILE:
            return sources.files(prefix)
        case Kind.EMOJI | Kind.SECRET | None:
            return ()
        case kind:
            return _matching(prefix, sources.named(kind, before))


def _in_text(
    typed: str, start: int, sources: CompletionSources, *, is_said: bool = True
) -> list[Completion]:
    """Emoji where `typed` ends in a name with a colon before it, else nicknames for its last word.

    A nick at the beginning of what `is_said` calls somebody, which a colon shows.
    """
    name = emoji.begun(typed[start:])
    if name is not None:
        return _emoji(name, len(typed) - len(name))
    place = max(typed.rfind(space, start) for space in " \n\t") + 1 or start
    prefix = typed[place:].removeprefix("@")
    if not prefix:
        return []
    colon = ": " if is_said and place == 0 else ""
    return _made(
        ((f"{nick}{colon}", role) for nick, role in _beginning(prefix, sources.nicks())), place
    )


def _emoji(name: str, start: int) -> list[Completion]:
    """The emoji called `name`, or nearly so, each with the name that fits."""
    found = islice(emoji.find(name), LIMIT)
    return [
        Completion(start, each, f":{called}:", one_line(f"{each} {words}", _COLUMNS))
        for each, called, words in found
    ]


def _paths(offers: Offers, start: int) -> list[Completion]:
    """Paths as one word each; one of a folder stays open, since more is to follow."""
    made = []
    for value, meaning in islice(offers, LIMIT):
        is_folder = value.endswith("/")
        word = quoted(value)
        if is_folder and word.startswith('"'):
            word = word[:-1]
        last = value.rstrip("/").rpartition("/")[2] + "/" * is_folder
        shown = one_line(last, _COLUMNS)
        made.append(Completion(start, word, shown, one_line(meaning, _COLUMNS), not is_folder))
    return made


def _beginning(prefix: str, offers: Offers) -> Offers:
    """Those of `offers` that begin with `prefix`; case does not count."""
    wanted = prefix.casefold()
    return (offer for offer in offers if offer[0].casefold().startswith(wanted))


def _matching(prefix: str, offers: Offers) -> Offers:
    """Those of `offers` that begin with `prefix`, then those whose meaning does, then those
    that hold it anywhere; case does not count.
    """
    wanted = prefix.casefold()
    named: list[tuple[str, str]] = []
    anywhere: list[tuple[str, str]] = []
    count = 0
    for offer in offers:
        value, meaning = offer[0].casefold(), offer[1].casefold()
        if value.startswith(wanted):
            yield offer
            count += 1
            if count == LIMIT:
                return
        elif len(named) < LIMIT and meaning.startswith(wanted):
            named.append(offer)
        elif len(anywhere) < LIMIT and (wanted in value or wanted in meaning):
            anywhere.append(offer)
    yield from (named + anywhere)[: LIMIT - count]


def _made(offers: Offers, start: int) -> list[Completion]:
    return [
        Completion(start, value, one_line(value.strip(), _COLUMNS), one_line(meaning, _COLUMNS))
        for value, meaning in islice(offers, LIMIT)
    ]


def quoted(value: str) -> str:
    """`value` so that it is read as one word."""
    if value and not any(char.isspace() or char in "'\"\\" for char in value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
