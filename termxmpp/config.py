"""The configuration file: read once, checked whole, kept as frozen values.

A wrong key or value is told with file, line, key and the nearest valid one; nothing is
guessed and nothing is ignored.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import platformdirs

from termxmpp.errors import ConfigError

__all__ = ["HELP", "AccountConfig", "Config", "default_path", "load"]

HELP = """\
# $XDG_CONFIG_HOME/termxmpp/config.toml: every key, with the value that it has when left out.

[account."me@example.org"]
auto = false             # connect this account when termxmpp is called without an address
server = ""              # HOST or HOST:PORT to dial instead of what DNS says
direct_tls = false       # dial `server` with TLS from the first byte (XEP-0368)
ca_file = ""             # trust these certificate authorities instead of the system's
pin = ""                 # sha256:HEX of the server's certificate: trust it and nothing else
password_file = ""       # the first line of this file is the password
password_command = ""    # the first line that this shell command prints is the password
"""


@dataclass(frozen=True, slots=True)
class AccountConfig:
    """What the file says of one account; paths may begin with `~`."""

    auto: bool = False
    server: str = ""
    direct_tls: bool = False
    ca_file: str = ""
    pin: str = ""
    password_file: str = ""
    password_command: str = ""


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file: the accounts by their addresses, in the file's order."""

    accounts: Mapping[str, AccountConfig] = field(default_factory=dict)

    def account(self, address: str) -> AccountConfig:
        """What is configured for the bare `address`; the defaults where nothing is."""
        return self.accounts.get(address, AccountConfig())


def default_path() -> Path:
    """Where the file is unless `--config` says otherwise."""
    return platformdirs.user_config_path("termxmpp") / "config.toml"


def load(path: Path, *, is_required: bool) -> Config:
    """Read the file at `path`; one that is not there is empty unless `is_required`.

    Raises ConfigError for a file that can't be read or says something that has no meaning.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if is_required:
            raise ConfigError(f"{path}: there is no such file.") from None
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: it can't be read ({error}).") from None
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}.") from None
    return _Reader(path, text).config(document)


class _Reader:
    """Checks the parsed `document` of the file at `path`, whose `text` tells the lines."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()

    def config(self, document: Mapping[str, Any]) -> Config:
        for key in document:
            if key != "account":
                raise self._error(key, f"unknown table or key {key!r}", ["account"])
        accounts = document.get("account", {})
        if not isinstance(accounts, dict):
            raise self._error("account", 'account must be tables: [account."me@example.org"]')
        return Config({address: self._account(address, accounts[address]) for address in accounts})

    def _account(self, address: str, table: Any) -> AccountConfig:
        if not isinstance(table, dict):
            raise self._error(address, f'{address!r} must be a table: [account."{address}"]')
        types = {each.name: type(each.default) for each in fields(AccountConfig)}
        for key, value in table.items():
            if key not in types:
                raise self._error(key, f"unknown key {key!r} of account {address}", list(types))
            if not isinstance(value, types[key]):
                kind = "true or false" if types[key] is bool else "a text in quotes"
                raise self._error(key, f"{key} of account {address} must be {kind}")
        return AccountConfig(**table)

    def _error(self, key: str, what: str, valid: list[str] | None = None) -> ConfigError:
        nearest = difflib.get_close_matches(key, valid or [], 1)
        if nearest:
            what += f"; did you mean {nearest[0]!r}?"
        elif valid:
            what += f"; there are {', '.join(valid)}."
        else:
            what += "."
        return ConfigError(f"{self._path}:{self._line(key)}: {what}")

    def _line(self, key: str) -> int:
        """The number of the first line that speaks of `key`: tomllib keeps no positions."""
        mention = re.compile(rf"(?<![\w-]){re.escape(key)}(?![\w-])")
        for number, line in enumerate(self._lines, 1):
            if mention.search(line.partition("#")[0]):
                return number
        return 1
