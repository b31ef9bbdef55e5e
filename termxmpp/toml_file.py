"""A TOML file of the user's, and where in it something wrong stands.

What is wrong is told with file, line, key and the nearest valid one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from termxmpp.errors import ConfigError
from termxmpp.nearest import nearest
from termxmpp.words import _

__all__ = ["TomlFile"]


class TomlFile:
    """The file at `path` with that `text`; ConfigError if it is no TOML."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self._lines = text.splitlines()
        try:
            self.document: Mapping[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{path}: {error}.") from None

    @staticmethod
    def read(path: Path) -> TomlFile:
        """The file at `path`; ConfigError if it can't be read."""
        try:
            text = path.read_bytes().decode()
        except FileNotFoundError:
            raise ConfigError(_("{path}: there is no such file.").format(path=path)) from None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                _("{path}: it can't be read ({error}).").format(path=path, error=error)
            ) from None
        return TomlFile(path, text)

    def error(
        self, key: str, what: str, valid: Sequence[str] = (), table: str = "", wrong: str = ""
    ) -> ConfigError:
        """What is wrong with `key` of `table`; `valid` is what could stand there for `wrong`.

        Without `wrong` it is the key itself that should be another.
        """
        meant = nearest(wrong or key, valid)
        if meant:
            what += "; " + _("did you mean {nearest!r}?").format(nearest=meant)
        elif valid:
            what += "; " + _("there are {names}.").format(names=", ".join(valid))
        else:
            what += "."
        return ConfigError(f"{self.path}:{self._line(key, table)}: {what}")

    def _line(self, key: str, table: str) -> int:
        """The number of the line that speaks of `key`, behind what speaks of `table`.

        Looked for, since tomllib keeps no positions; the first one if none does.
        """
        start = self._mention(table, 1) if table else 1
        return self._mention(key, start or 1) or self._mention(key, 1) or 1

    def _mention(self, word: str, start: int) -> int:
        mention = re.compile(rf"(?<![\w.-]){re.escape(word)}(?![\w.-])")
        for number, line in enumerate(self._lines[start - 1 :], start):
            if mention.search(line.partition("#")[0]):
                return number
        return 0
