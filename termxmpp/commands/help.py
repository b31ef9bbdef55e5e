"""What the commands are, in words: all of it derived from the commands, as plain lines.

There is no other text about a command than its docstring.
"""

from __future__ import annotations

from termxmpp.commands.registry import Command, Registry
from termxmpp.core.text import width
from termxmpp.words import _

__all__ = ["command_help", "markdown_table", "overview"]

# Usage lines longer than this get a line of their own, so that the summaries stay readable.
_USAGE_COLUMNS = 20


def overview(registry: Registry) -> list[str]:
    """A line for each command, its usage and summary, under what it is about."""
    about = {word: title for title, words in _topics() for word in words}
    titles = [*dict(_topics()), _("More")]
    sorted_by: dict[str, list[Command]] = {title: [] for title in titles}
    for each in registry.commands:
        sorted_by[about.get(each.name.partition(" ")[0], titles[-1])].append(each)
    column = _column(registry.commands)
    lines: list[str] = []
    for title, commands in sorted_by.items():
        if commands:
            lines += ([""] if lines else []) + [title, *_rows(tuple(commands), column)]
    return lines


def _topics() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What commands are about: a title, and the first words of those commands, also to come."""
    return (
        (
            _("Talk"),
            (
                *("msg", "me", "reply", "react", "correct", "retract", "moderate", "quote", "send"),
                *("stop", "open", "save", "search", "history", "export", "resend", "clear"),
                "close",
            ),
        ),
        (
            _("People"),
            ("roster", "subscription", "info", "vcard", "block", "unblock", "report"),
        ),
        (_("You"), ("online", "away", "xa", "dnd", "chatty")),
        (
            _("Rooms"),
            (
                *("join", "leave", "rooms", "who", "topic", "voice", "nick", "invite", "bookmark"),
                *("kick", "ban", "affiliation", "role", "configure", "destroy"),
            ),
        ),
        (_("Windows and what you are told"), ("win", "notify", "mute")),
        (_("Accounts"), ("account", "connect", "disconnect", "register")),
        (_("As you like it"), ("set", "theme", "bind", "alias")),
        (_("Under the bonnet"), ("doctor", "ping", "version", "disco", "adhoc", "xml", "omemo")),
        (_("This program"), ("help", "quit")),
    )


def command_help(registry: Registry, name: str) -> list[str]:
    """All about the command `name`, or an overview of the group; the slash may be left out.

    Raises UserError with the nearest name if there is none.
    """
    name = " ".join(name.removeprefix("/").split())
    found, group = registry.get(name), registry.group(name)
    if found is None and not group:
        raise registry.unknown(name)
    lines = [] if found is None else _full(found)
    if lines and group:
        lines.append("")
    return lines + _table(group)


def markdown_table(registry: Registry) -> str:
    """The table of commands in README.md."""
    rows = [f"| {_markdown_usage(each)} | {_cell(each.summary)} |\n" for each in registry.commands]
    return "".join(["| command | what it does |\n", "|---|---|\n", *rows])


def _full(command: Command) -> list[str]:
    lines = [command.usage]
    if command.aliases:
        lines.append(
            _("also {names}").format(names=", ".join(f"/{alias}" for alias in command.aliases))
        )
    return [*lines, "", *command.help.splitlines()]


def _table(commands: tuple[Command, ...]) -> list[str]:
    return _rows(commands, _column(commands))


def _column(commands: tuple[Command, ...]) -> int:
    """Where the summaries begin."""
    usages = [width(each.usage) for each in commands if width(each.usage) <= _USAGE_COLUMNS]
    return max(usages, default=0) + 2


def _rows(commands: tuple[Command, ...], column: int) -> list[str]:
    lines = []
    for each in commands:
        if width(each.usage) <= _USAGE_COLUMNS:
            lines.append(each.usage + " " * (column - width(each.usage)) + each.summary)
        else:
            lines += [each.usage, " " * column + each.summary]
    return lines


def _markdown_usage(command: Command) -> str:
    names = [command.usage, *(f"/{alias}" for alias in command.aliases)]
    return ", ".join(f"`{_cell(name)}`" for name in names)


def _cell(text: str) -> str:
    """`text` with the bars escaped that would end the cell (also needed inside backticks)."""
    return text.replace("|", "\\|")
