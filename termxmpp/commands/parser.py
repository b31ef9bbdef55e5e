"""From a typed line to a command's arguments, by the grammar that its signature is.

Either every argument fits or UserError says which does not, with the usage line; a command
never sees half of what was meant.
"""

from __future__ import annotations

import re
from typing import Any

from termxmpp.commands.line import Invocation, Text, Word, is_command, read_invocation, words
from termxmpp.commands.registry import Command
from termxmpp.commands.signature import Parameter, Takes
from termxmpp.core.jid import Jid
from termxmpp.errors import UserError
from termxmpp.words import _

__all__ = ["Invocation", "Text", "arguments_start", "bind", "convert", "parse"]

# Far more than any count of messages, windows or seconds needs, far below what int() refuses.
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")


def parse(line: str) -> Invocation | Text:
    """What `line` is: a command, or text, of which a leading `//` stands for one slash.

    It may have many lines; only how the first one begins counts. UserError for a lone slash.
    """
    if not is_command(line):
        return Text(line[1:] if line.startswith("//") else line)
    invocation = read_invocation(line)
    if line[1:2].isspace() or not invocation.word:
        raise UserError(
            _(
                "The name of a command belongs right behind the /. /help lists them; a "
                "text that begins with / is typed with //."
            )
        )
    return invocation


def bind(command: Command, invocation: Invocation) -> list[Any]:
    """The arguments for `command.function`, behind its context.

    Raises UserError with what is wrong and the usage line.
    """
    try:
        return _bind(command.parameters, invocation.line, arguments_start(command, invocation))
    except UserError as error:
        raise UserError(
            _("{problem} Usage: {usage}").format(problem=error, usage=command.usage)
        ) from None


def arguments_start(command: Command, invocation: Invocation) -> int:
    """The offset behind the words that named `command`."""
    return invocation.subword_end if command.group else invocation.word_end


def _bind(parameters: tuple[Parameter, ...], line: str, start: int) -> list[Any]:
    values: list[Any] = []
    for place, parameter in enumerate(parameters):
        match parameter.takes:
            case Takes.WORDS:
                found = [_closed(line, word) for word in words(line, start)]
                return [*values, *(convert(parameter, word.text) for word in found)]
            case Takes.REST | Takes.NAME:
                return [*values, _remainder(parameter, line[start:].strip())]
            case Takes.WORD:
                word = next(words(line, start), None)
                is_left_out = parameter.is_optional and not _is_for(
                    parameter, parameters[place + 1 :], line, word
                )
                if word is None or is_left_out:
                    values.append(_left_out(parameter))
                    continue
                values.append(convert(parameter, _closed(line, word).text))
                start = word.end
    excess = line[start:].strip()
    if excess:
        raise UserError(_("{excerpt} is too much.").format(excerpt=_excerpt(excess)))
    return values


def _is_for(
    parameter: Parameter, following: tuple[Parameter, ...], line: str, word: Word | None
) -> bool:
    """Whether `word` is for the optional `parameter`, not for one behind it.

    So in `/reply [N] TEXT` a first word that is a number with text behind it is the N, and in
    `/save [N] [PATH]` one that is no number is the PATH.
    """
    if word is None:
        return False
    if all(each.is_optional for each in following):
        return not following or parameter.type is not int or _fits(parameter, word)
    if word.open_quote is not None or not line[word.end :].strip():
        return False
    return _fits(parameter, word)


def _fits(parameter: Parameter, word: Word) -> bool:
    """Whether `word` can become a value of `parameter`."""
    try:
        convert(parameter, word.text)
    except UserError:
        return False
    return True


def _remainder(parameter: Parameter, text: str) -> object:
    if not text:
        return _left_out(parameter)
    if parameter.takes is Takes.NAME:
        first = next(words(text))
        if first.end == len(text) and first.open_quote is None:
            return first.text
    return text


def _left_out(parameter: Parameter) -> object:
    if not parameter.is_optional:
        raise UserError(_("{name} is missing.").format(name=parameter.name))
    return parameter.default


def _closed(line: str, word: Word) -> Word:
    """`word`, or UserError where a quote in it is never closed."""
    if word.open_quote is None:
        return word
    quote = line[word.open_quote]
    where = _excerpt(line[word.open_quote :])
    raise UserError(
        _(
            "The quote {quote} before {where} (character {open_quote}) is never "
            "closed; \\{quote} is the mark itself."
        ).format(quote=quote, where=where, open_quote=word.open_quote + 1)
    )


def convert(parameter: Parameter, text: str) -> object:
    """What `text` becomes as `parameter`; UserError where it does not fit."""
    if parameter.choices:
        return parameter.type(_choice(parameter, text))
    if parameter.type is int:
        if not _INTEGER.fullmatch(text):
            raise UserError(
                _("{name} is a number, which {excerpt} is not.").format(
                    name=parameter.name, excerpt=_excerpt(text)
                )
            )
        return int(text)
    if parameter.type is Jid:
        return Jid.parse(text)
    return text


def _choice(parameter: Parameter, text: str) -> str:
    for choice in parameter.choices:
        if choice.casefold() == text.casefold():
            return choice
    choices = ", ".join(parameter.choices)
    raise UserError(
        _("{name} is one of {choices}, not {excerpt}.").format(
            name=parameter.name, choices=choices, excerpt=_excerpt(text)
        )
    )


def _excerpt(text: str) -> str:
    """The beginning of what the user typed, in quotes; long enough to be found again."""
    return repr(text if len(text) <= 24 else f"{text[:21]}...")
