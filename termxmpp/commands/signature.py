"""What the signature of a command says about its arguments.

It is read once, where the command is defined; what can't be read is a TypeError there, so
that no mistake waits for a user to find it.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable
from enum import Enum, StrEnum, auto
from typing import Any, NewType

from termxmpp.core.jid import Jid
from termxmpp.values import dataclass

__all__ = ["Kind", "Name", "Parameter", "Rest", "Takes", "read_parameters"]

Rest = NewType("Rest", str)
"""The remaining text as it was typed: quotes and line breaks belong to it."""

Name = NewType("Name", str)
"""The remaining text as one name, which may be in quotes but need not, spaces or not."""


class Kind(Enum):
    """What an argument names, which decides how it is completed: `Annotated[str, Kind.ROOM]`.

    A line with a SECRET is never kept.
    """

    JID = auto()
    CONTACT = auto()
    BLOCKED = auto()
    REQUEST = auto()
    GROUP = auto()
    ROOM = auto()
    NICK = auto()
    ACCOUNT = auto()
    WINDOW = auto()
    COMMAND = auto()
    FILE = auto()
    EMOJI = auto()
    SETTING = auto()
    VALUE = auto()
    THEME = auto()
    KEY = auto()
    ACTION = auto()
    ALIAS = auto()
    TOPIC = auto()
    NODE = auto()
    EXPORT = auto()
    PERSON = auto()
    TRAFFIC = auto()
    SECRET = auto()


class Takes(Enum):
    """How much of the line an argument takes."""

    WORD = auto()
    WORDS = auto()
    NAME = auto()
    REST = auto()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a command.

    `name` is written as in the usage line (`JID`). A word becomes `type`: str, int, Jid, or a
    StrEnum. `choices` are the only words allowed, or empty. An argument that `is_optional` and
    isn't given is `default`.
    """

    name: str
    type: type
    takes: Takes
    kind: Kind | None = None
    choices: tuple[str, ...] = ()
    is_optional: bool = False
    default: object = None

    @property
    def usage(self) -> str:
        """How the argument stands in the usage line: `JID`, `[TEXT]`, `on|off`, `[WORD ...]`."""
        word = "|".join(self.choices) or self.name
        if self.takes is Takes.WORDS:
            word += " ..."
        return f"[{word}]" if self.is_optional else word


@dataclass(frozen=True, slots=True)
class _Reading:
    """An annotation, taken apart."""

    type: type
    takes: Takes = Takes.WORD
    kind: Kind | None = None
    choices: tuple[str, ...] = ()
    is_optional: bool = False


def read_parameters(function: Callable[..., object]) -> tuple[Parameter, ...]:
    """The arguments of the command `function`: all its parameters but the first, its context.

    Raises TypeError for a parameter without annotation or with one that no typed word can
    become, and where something follows an argument that takes all the rest.
    """
    signature = list(inspect.signature(function).parameters.values())
    if not signature:
        raise TypeError(f"{function.__qualname__} takes no context")
    hints = typing.get_type_hints(function, include_extras=True)
    parameters = []
    for parameter in signature[1:]:
        try:
            parameters.append(_read_parameter(parameter, hints))
        except TypeError as error:
            place = f"{function.__module__}.{function.__qualname__}"
            raise TypeError(f"{place}, parameter {parameter.name!r}: {error}") from None
    for each in parameters[:-1]:
        if each.takes is not Takes.WORD:
            raise TypeError(f"{function.__qualname__}: nothing can follow {each.name}")
    return tuple(parameters)


def _read_parameter(parameter: inspect.Parameter, hints: dict[str, Any]) -> Parameter:
    if parameter.name not in hints:
        raise TypeError("it has no annotation")
    if parameter.kind in (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD):
        raise TypeError("arguments are typed in order, none by its name")
    reading = _read_annotation(hints[parameter.name])
    takes = reading.takes
    is_variadic = parameter.kind is inspect.Parameter.VAR_POSITIONAL
    if is_variadic and takes is not Takes.WORD:
        raise TypeError("only words can be repeated")
    has_default = parameter.default is not inspect.Parameter.empty
    return Parameter(
        name=parameter.name.strip("_").replace("_", "-").upper(),
        type=reading.type,
        takes=Takes.WORDS if is_variadic else takes,
        kind=reading.kind,
        choices=reading.choices,
        is_optional=is_variadic or has_default or reading.is_optional,
        default=parameter.default if has_default else None,
    )


def _read_annotation(annotation: Any) -> _Reading:
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType):
        return _read_optional(annotation)
    if origin is typing.Annotated:
        return _read_annotated(annotation)
    if origin is typing.Literal:
        choices = typing.get_args(annotation)
        if all(isinstance(choice, str) for choice in choices):
            return _Reading(str, choices=choices)
    if annotation is Rest:
        return _Reading(str, Takes.REST)
    if annotation is Name:
        return _Reading(str, Takes.NAME)
    if annotation is Jid:
        return _Reading(Jid, kind=Kind.JID)
    if annotation is str or annotation is int:
        return _Reading(annotation)
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return _Reading(annotation, choices=tuple(member.value for member in annotation))
    raise TypeError(f"no typed word becomes a {annotation!r}")


def _read_optional(annotation: Any) -> _Reading:
    meanings = [each for each in typing.get_args(annotation) if each is not types.NoneType]
    if len(meanings) != 1:
        raise TypeError(f"{annotation!r} leaves open what a typed word becomes")
    reading = _read_annotation(meanings[0])
    return _Reading(reading.type, reading.takes, reading.kind, reading.choices, is_optional=True)


def _read_annotated(annotation: Any) -> _Reading:
    meaning, *marks = typing.get_args(annotation)
    kinds = [mark for mark in marks if isinstance(mark, Kind)]
    if len(kinds) != 1:
        raise TypeError(f"{annotation!r} should carry one Kind")
    reading = _read_annotation(meaning)
    return _Reading(reading.type, reading.takes, kinds[0], reading.choices, reading.is_optional)
