"""What is examined: an account, and what is around it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from termxmpp.client import Client
from termxmpp.core.jid import Jid
from termxmpp.doctor.terminal import TerminalFacts
from termxmpp.feature import CommandContext
from termxmpp.values import dataclass

__all__ = ["DoctorContext", "Doctored"]


class Doctored(Protocol):
    """What is examined besides the account."""

    @property
    def examinations(self) -> dict[Client, asyncio.Task[None]]:
        """Those that are under way."""
        ...

    @property
    def terminal_facts(self) -> Callable[[], TerminalFacts | None]:
        """What is known of the terminal now, if there is one."""
        ...

    def records_of(self, jid: Jid) -> Path | None:
        """Where the records of an account are, if they are kept."""
        ...


@dataclass(frozen=True, slots=True)
class DoctorContext:
    """Where a command was typed, and whom it is about."""

    desk: Doctored
    here: CommandContext
    client: Client
