"""What a command that is being typed still wants, in one line: its usage, where one is in it.

Pure, and quick: it is asked with every key.
"""

from __future__ import annotations

from termxmpp.commands.completion import parameter_at_end
from termxmpp.commands.line import is_command, read_invocation
from termxmpp.commands.parser import arguments_start
from termxmpp.commands.registry import Command, Registry
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["Hint", "hint"]


@dataclass(frozen=True, slots=True)
class Hint:
    """The words of a usage line, `current` the place of the one that is being typed, and what
    the command does. `problem` stands alone: as it is written, it is no command.
    """

    words: tuple[str, ...] = ()
    current: int | None = None
    summary: str = ""
    problem: str = ""


def hint(line: str, cursor: int, registry: Registry) -> Hint | None:
    """What to say of `line`, typed up to `cursor`; None for a text and for half a name."""
    typed = line[:cursor]
    if not is_command(typed) or not typed[1:].strip():
        return None
    invocation = read_invocation(typed)
    if not invocation.word:
        return None
    whole = f"{invocation.word} {invocation.subword}"
    group = registry.group(invocation.word)
    command = registry.get(whole) or registry.get(invocation.word)
    if command is not None:
        return _of_command(command, typed, arguments_start(command, invocation))
    wanted = whole if group and invocation.subword else invocation.word
    is_begun = any(name.startswith(wanted.lower()) for name in registry.names)
    if group and (is_begun or not invocation.subword):
        ways = "|".join(dict.fromkeys(each.name.partition(" ")[2] for each in group))
        is_second = invocation.word_end < cursor
        return Hint((f"/{invocation.word.lower()}", ways), 1 if is_second else None)
    if is_begun and invocation.word_end == cursor:
        return None
    nearest = registry.nearest(wanted)
    if nearest is None:
        return Hint(
            problem=_(
                "There is no command /{name}; a text that begins with / is typed with //."
            ).format(name=wanted)
        )
    return Hint(
        problem=_("There is no command /{name}. Did you mean /{nearest}?").format(
            name=wanted, nearest=nearest
        )
    )


def _of_command(command: Command, typed: str, start: int) -> Hint:
    usages = (f"/{command.name}", *(each.usage for each in command.parameters))
    current = None
    if len(typed) > start:
        parameter = parameter_at_end(command, typed, start)
        current = command.parameters.index(parameter) + 1 if parameter else None
    return Hint(usages, current, command.summary)
