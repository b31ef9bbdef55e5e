"""The commands there are, the user's own among them, and what each of them acts on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from termxmpp.accounts import ACCOUNT_COMMANDS, AccountContext, Accounts
from termxmpp.client import Client
from termxmpp.commands.aliases import alias_commands
from termxmpp.commands.registry import Command, Registry
from termxmpp.desk import DESK_COMMANDS, Desk, DeskContext
from termxmpp.doctor import DOCTOR_COMMANDS, DoctorContext, Doctored
from termxmpp.export import EXPORT_COMMANDS, ExportContext
from termxmpp.feature import CommandContext
from termxmpp.helping import HELP_COMMANDS, HelpContext, Helped
from termxmpp.new_password import account_password
from termxmpp.tuning import TUNING_COMMANDS, Tuned, TuningContext

__all__ = ["WORKSPACE_COMMANDS", "Everything", "all_commands", "context_of", "with_aliases"]

WORKSPACE_COMMANDS = (
    *HELP_COMMANDS,
    *DESK_COMMANDS,
    *ACCOUNT_COMMANDS,
    account_password,
    *TUNING_COMMANDS,
    *DOCTOR_COMMANDS,
    *EXPORT_COMMANDS,
)
"""The commands that belong to no feature."""


class Everything(Accounts, Desk, Doctored, Helped, Tuned, Protocol):
    """What all commands together need besides the account and the window."""


def all_commands(clients: Sequence[Client]) -> Registry:
    """Every command, those of the features in the order of the features."""
    commands = [command for feature in clients[0].features for command in feature.commands]
    return Registry([*WORKSPACE_COMMANDS, *commands])


def with_aliases(
    own: Registry, aliases: Mapping[str, str], enter: Callable[[str], None]
) -> Registry:
    """`own`, and behind them the user's, which take no command's name; `enter` does a line."""

    def act(context: TuningContext, line: str) -> None:
        enter(line)

    return Registry([*own.commands, *alias_commands(aliases, own.names, act)])


def context_of(command: Command, desk: Everything, here: CommandContext, client: Client) -> object:
    """What `command`, which was typed `here` in a window of `client`, acts on."""
    if command in DESK_COMMANDS:
        return DeskContext(desk, here)
    if command in HELP_COMMANDS:
        return HelpContext(desk, here)
    if command in (*ACCOUNT_COMMANDS, account_password):
        return AccountContext(desk, here)
    if command in EXPORT_COMMANDS:
        return ExportContext(here, client)
    if command in DOCTOR_COMMANDS:
        return DoctorContext(desk, here, client)
    if command in TUNING_COMMANDS or command not in desk.own_registry.commands:
        return TuningContext(desk, here)
    return here
