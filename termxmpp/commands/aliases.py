"""Commands of the user's own: a name that stands for a line.

Pure. In the line `$1` to `$9` are the words typed behind the name, as they were typed, `$*` is all
of them, and `$$` a dollar; where none of these stands in it, what was typed is put behind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from termxmpp.commands.line import words
from termxmpp.commands.registry import Command
from termxmpp.commands.signature import Parameter, Takes
from termxmpp.errors import UserError
from termxmpp.words import _, ngettext

__all__ = ["alias_commands", "expand", "is_alias_name"]

_MARK = re.compile(r"\$([$*1-9])")


def is_alias_name(name: str) -> bool:
    """Whether a command could be called `name`: one word, in small letters."""
    return bool(name) and name == name.lower() and not re.search(r"[\s/\"'\\]", name)


def expand(name: str, line: str, typed: str) -> str:
    """What `line` becomes where `typed` stands behind the alias `name`.

    UserError if it wants more words than that has.
    """
    typed = typed.strip()
    marks = {mark for mark in _MARK.findall(line) if mark != "$"}
    if not marks:
        whole = _MARK.sub("$", line)
        return f"{whole} {typed}" if typed else whole
    given = [typed[word.start : word.end] for word in words(typed)]
    most = max((int(mark) for mark in marks if mark != "*"), default=0)
    if most > len(given):
        raise UserError(
            ngettext(
                "/{name} needs a word behind it: it stands for {line}",
                "/{name} needs {count} words behind it: it stands for {line}",
                most,
            ).format(name=name, count=most, line=line)
        )
    values = {"$": "$", "*": typed} | {
        str(place): word for place, word in enumerate(given, 1) if place < 10
    }
    return _MARK.sub(lambda mark: values[mark[1]], line)


def alias_commands(
    aliases: Mapping[str, str], taken: Iterable[str], enter: Callable[[Any, str], None]
) -> list[Command]:
    """A command for each alias whose name is none of `taken`, which `enter`s its line.

    `enter` is called with the context and the line. What is no name at all is left out.
    """
    firsts = {name.partition(" ")[0] for name in taken}
    return [
        _command(name, line, enter)
        for name, line in aliases.items()
        if is_alias_name(name) and name not in firsts
    ]


def _command(name: str, line: str, enter: Callable[[Any, str], None]) -> Command:
    def run(ctx: Any, text: str | None) -> None:
        enter(ctx, expand(name, line, text or ""))

    parameters = (Parameter("TEXT", str, Takes.REST, is_optional=True),)
    summary = _("An alias of yours: {line}").format(line=" ".join(line.split()))
    return Command(name, (), run, parameters, summary, summary)
