"""The configuration while the program runs: what holds now, and who is told when it changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from termxmpp.config import Config

__all__ = ["Settings"]


class Settings:
    """`config` as it holds now, from the file at `path` (None: from no file).

    `observers` are called after each change.
    """

    def __init__(self, config: Config | None = None, path: Path | None = None) -> None:
        self.config = config or Config()
        self.path = path
        self.observers: list[Callable[[], None]] = []

    def replace(self, config: Config) -> None:
        """Let `config` hold from now on."""
        if config != self.config:
            self.config = config
            for observer in self.observers:
                observer()
