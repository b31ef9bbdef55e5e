"""`/help`: the commands, the keys and the settings, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Protocol

from termxmpp.commands.help import command_help, overview
from termxmpp.commands.registry import Command, Kind, Registry, Rest, command
from termxmpp.config import config_help
from termxmpp.feature import CommandContext
from termxmpp.keyboard import Keyboard
from termxmpp.overviews import key_lines
from termxmpp.settings import Settings
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["HELP_COMMANDS", "HelpContext", "Helped", "help_offers"]


class Helped(Protocol):
    """What help tells of."""

    @property
    def registry(self) -> Registry:
        """Every command there is."""
        ...

    @property
    def keyboard(self) -> Keyboard:
        """What keys can do."""
        ...

    @property
    def settings(self) -> Settings:
        """What holds now."""
        ...


@dataclass(frozen=True, slots=True)
class HelpContext:
    """Where help was asked for."""

    desk: Helped
    here: CommandContext


@command("help")
def help_(ctx: HelpContext, topic: Annotated[Rest, Kind.TOPIC] | None = None) -> None:
    """List the commands, or explain TOPIC.

    TOPIC is a command, a group of them like `roster`, `keys` (all keys, as they are bound now), or
    `config` (what the configuration file may hold).
    """
    ctx.here.tell("\n".join(_lines(ctx.desk, topic)))


HELP_COMMANDS: tuple[Command, ...] = (help_,)


def _lines(desk: Helped, topic: str | None) -> list[str]:
    if topic is None:
        more = _("/help and a command explains it, /help keys lists the keys, /set the settings.")
        return [*overview(desk.registry), "", more]
    match topic.casefold():
        case "keys":
            none = _("There are no keys to bind in this mode.")
            return key_lines(desk.keyboard, desk.settings.config.keys) or [none]
        case "config":
            return config_help().splitlines()
    return command_help(desk.registry, topic)


def help_offers(registry: Registry) -> Iterable[tuple[str, str]]:
    """What `/help` can explain, with what it is."""
    yield from ((each.name, each.summary) for each in registry.commands)
    yield "keys", _("all keys, as they are bound now")
    yield "config", _("what the configuration file may hold")
