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

__all__ = ["HELP", "AccountConfig", "Config", "NetworkConfig", "default_path", "load"]

# No time that is set need be longer (seconds); one that is not even finite is a slip.
A_DAY = 86_400

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
markers = true           # let contacts know how far you have read (XEP-0333)

[network]
ping_interval = 300      # seconds of silence before a server is asked if it is there; 0: never
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
    markers: bool = True


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """What the file says of all connections; times are in seconds."""

    ping_interval: float = 300


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file: the accounts by their addresses, in the file's order."""

    accounts: Mapping[str, AccountConfig] = field(default_factory=dict)
    network: NetworkConfig = NetworkConfig()

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
            if key not in ("account", "network"):
                raise self._error(key, f"unknown table or key {key!r}", ["account", "network"])
        accounts = document.get("account", {})
        if not isinstance(accounts, dict):
            raise self._error("account", 'account must be tables: [account."me@example.org"]')
        return Config(
            {address: self._account(address, accounts[address]) for address in accounts},
            self._network(document.get("network", {})),
        )

    def _account(self, address: str, table: Any) -> AccountConfig:
        if not isinstance(table, dict):
            raise self._error(address, f'{address!r} must be a table: [account."{address}"]')
        self._check(table, AccountConfig(), f"account {address}")
        return AccountConfig(**table)

    def _network(self, table: Any) -> NetworkConfig:
        if not isinstance(table, dict):
            raise self._error("network", "network must be a table: [network]")
        self._check(table, NetworkConfig(), "network")
        return NetworkConfig(**table)

    def _check(
        self, table: Mapping[str, Any], defaults: AccountConfig | NetworkConfig, place: str
    ) -> None:
        """ConfigError for a key that `defaults` has not, or a value of another kind."""
        keys = [each.name for each in fields(defaults)]
        for key, value in table.items():
            if key not in keys:
                raise self._error(key, f"unknown key {key!r} of {place}", keys)
            kind = _wrong_kind(getattr(defaults, key), value)
            if kind:
                raise self._error(key, f"{key} of {place} must be {kind}")

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


def _wrong_kind(default: object, value: object) -> str:
    """What a value must be in place of `default` and `value` is not; empty if it is."""
    if isinstance(default, bool):
        return "" if isinstance(value, bool) else "true or false"
    if isinstance(default, (int, float)):
        # A `bool` is an `int` to Python, and to nobody else.
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= A_DAY:
            return ""
        return f"a number from 0 to {A_DAY}"
    return "" if isinstance(value, str) else "a text in quotes"
