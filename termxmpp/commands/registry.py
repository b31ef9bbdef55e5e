"""Commands and the registry that finds them by name.

A registry is built from an explicit list; nothing registers itself. Only whole names and
aliases count: what a prefix means would change with every new command.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from termxmpp.commands.line import Invocation, is_command, read_invocation
from termxmpp.commands.signature import Kind, Name, Parameter, Rest, read_parameters
from termxmpp.errors import UserError
from termxmpp.nearest import nearest
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["Command", "Kind", "Name", "Registry", "Rest", "command"]


@dataclass(frozen=True, slots=True)
class Command:
    """What `/name` does: call `function` with a context and the arguments.

    `name` is one word, or two: `roster add` belongs to the group `roster`. `help` is the whole
    docstring, `summary` its first paragraph in one line. A function that is a coroutine
    function returns a coroutine, which the caller runs.
    """

    name: str
    aliases: tuple[str, ...]
    function: Callable[..., Any]
    parameters: tuple[Parameter, ...]
    summary: str
    help: str

    @property
    def group(self) -> str:
        """The first of the name's two words; empty for a name of one."""
        return self.name.partition(" ")[0] if " " in self.name else ""

    @property
    def has_secret(self) -> bool:
        """Whether what is typed behind it is not to be kept anywhere."""
        return any(each.kind is Kind.SECRET for each in self.parameters)

    @property
    def usage(self) -> str:
        """How to type it: `/msg JID [TEXT]`."""
        return " ".join([f"/{self.name}", *(each.usage for each in self.parameters)])


def command(name: str, aliases: tuple[str, ...] = ()) -> Callable[[Callable[..., Any]], Command]:
    """Make the decorated function the command `name`.

    Its first parameter is the context; the others are the arguments, by their annotations: str,
    int, Jid, a StrEnum or a Literal of strings for a word, `X | None` for one that may be left
    out, `*words: X` for any number, `Rest` or `Name` for all that remains, and
    `Annotated[X, Kind.ROOM]` to say how it is completed. Raises TypeError for any other.
    """
    for each in (name, *aliases):
        if each != " ".join(each.lower().split()) or each.count(" ") != name.count(" ") or not each:
            raise TypeError(f"{each!r} is no name for the command {name!r}")
    if name.count(" ") > 1:
        raise TypeError(f"{name!r} has more than two words")

    def make(function: Callable[..., Any]) -> Command:
        text = inspect.cleandoc(function.__doc__ or "")
        if not text:
            raise TypeError(f"the command {name!r} has no docstring, which is its help")
        text = _(text)
        summary = " ".join(text.partition("\n\n")[0].split())
        return Command(name, aliases, function, read_parameters(function), summary, text)

    return make


class Registry:
    """The `commands` there are, sorted by name.

    Raises ValueError where two of them have a name or alias in common.
    """

    def __init__(self, commands: Iterable[Command]) -> None:
        self.commands = tuple(sorted(commands, key=lambda each: each.name))
        self._by_name: dict[str, Command] = {}
        for each in self.commands:
            for name in (each.name, *each.aliases):
                if name in self._by_name:
                    raise ValueError(f"two commands are called /{name}")
                self._by_name[name] = each

    @property
    def names(self) -> tuple[str, ...]:
        """Every name and alias."""
        return tuple(self._by_name)

    def get(self, name: str) -> Command | None:
        """The command with that name or alias, in any case; two words are joined by a space."""
        return self._by_name.get(name.lower())

    def group(self, word: str) -> tuple[Command, ...]:
        """The commands whose name or alias has two words, the first of them `word`."""
        prefix = f"{word.lower()} "
        found = (each for name, each in self._by_name.items() if name.startswith(prefix))
        return tuple(dict.fromkeys(found))

    def lookup(self, invocation: Invocation) -> Command:
        """The command that is meant; UserError with the nearest name if there is none."""
        whole = f"{invocation.word} {invocation.subword}"
        found = self.get(whole) or self.get(invocation.word)
        if found:
            return found
        group = self.group(invocation.word)
        if group and not invocation.subword:
            raise UserError(
                _("/{word} needs to know more: {usages}.").format(
                    word=invocation.word, usages=_usages(group)
                )
            )
        raise self.unknown(whole if group else invocation.word)

    def has_secret(self, line: str) -> bool:
        """Whether `line` holds a secret; also behind a name that is only nearly the command's."""
        if not is_command(line):
            return False
        invocation = read_invocation(line)
        whole = f"{invocation.word} {invocation.subword}"
        found = self.get(whole) or self.get(invocation.word)
        if found is not None:
            return found.has_secret
        names = [name for name, each in self._by_name.items() if each.has_secret]
        likely = [name if " " in name else name.partition(" ")[0] for name in names]
        return any(nearest(typed.lower(), likely) for typed in (whole, invocation.word))

    def nearest(self, name: str) -> str | None:
        """The command whose name is most like `name`, which is none's; None if none is."""
        first, second = name.lower().split(" ", 1) if " " in name else (name.lower(), "")
        if self.group(first):
            ways = [each.partition(" ")[2] for each in self.names if each.startswith(f"{first} ")]
            way = nearest(second, ways)
            return f"{first} {way}" if way else None
        return nearest(first, sorted({each.partition(" ")[0] for each in self.names}))

    def unknown(self, name: str) -> UserError:
        """The error that there is no command `name`, with a way out."""
        group, meant = self.group(name.partition(" ")[0]), self.nearest(name)
        if meant:
            way_out = _("Did you mean /{name}?").format(name=meant)
        elif group:
            way_out = _("There is {usages}.").format(usages=_usages(group))
        else:
            way_out = _("/help lists those there are; a text that begins with / is typed with //.")
        return UserError(
            _("There is no command /{name}. {way_out}").format(name=name, way_out=way_out)
        )


def _usages(commands: tuple[Command, ...]) -> str:
    return ", ".join(each.usage for each in commands)
