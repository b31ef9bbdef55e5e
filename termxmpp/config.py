"""The configuration file: read once, checked whole, kept as frozen values.

A wrong key or value is told with file, line, key and the nearest valid one; nothing is
guessed and nothing is ignored.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

import platformdirs

from termxmpp.errors import ConfigError
from termxmpp.words import _

__all__ = [
    "AccountConfig",
    "Config",
    "NetworkConfig",
    "NotifyConfig",
    "UiConfig",
    "config_help",
    "default_path",
    "load",
]

# No time that is set need be longer (seconds); one that is not even finite is a slip.
A_DAY = 86_400


def setting(default: Any, words: str, *, choices: tuple[str, ...] = ()) -> Any:
    """A key of a table: what it is when left out, what it does in `words` of one line.

    A text may be one of `choices` only, where there are some.
    """
    return field(default=default, metadata={"words": words, "choices": choices})


@dataclass(frozen=True, slots=True)
class AccountConfig:
    """What the file says of one account; paths may begin with `~`."""

    auto: bool = setting(
        False, _("connect this account when termxmpp is called without an address")
    )
    server: str = setting("", _("HOST or HOST:PORT to dial instead of what DNS says"))
    direct_tls: bool = setting(False, _("dial `server` with TLS from the first byte (XEP-0368)"))
    ca_file: str = setting("", _("trust these certificate authorities instead of the system's"))
    pin: str = setting("", _("sha256:HEX of the server's certificate: trust it and nothing else"))
    password_file: str = setting("", _("the first line of this file is the password"))
    password_command: str = setting(
        "", _("the first line that this shell command prints is the password")
    )
    markers: bool = setting(True, _("let contacts know how far you have read (XEP-0333)"))
    typing: bool = setting(True, _("let contacts know that you are writing to them (XEP-0085)"))


@dataclass(frozen=True, slots=True)
class UiConfig:
    """What the file says of the screen."""

    theme: str = setting("dark", _("dark, light, contrast, ascii, or the path of a file of yours"))
    editing: str = setting("emacs", _("the keys of the input line"), choices=("emacs", "vi"))
    mouse: bool = setting(True, _("clicks and the wheel are for termxmpp, not for the terminal"))
    opener: str = setting("", _("the command that opens links; empty: xdg-open"))
    sidebar: bool = setting(True, _("show the sidebar where there is room for it"))


@dataclass(frozen=True, slots=True)
class NotifyConfig:
    """What the file says of being told."""

    bell: bool = setting(True, _("ring the terminal's bell"))


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """What the file says of all connections; times are in seconds."""

    ping_interval: float = setting(
        300, _("seconds of silence before a server is asked if it is there; 0: never")
    )


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file: the accounts by their addresses, in the file's order.

    `keys` are key: action, `aliases` are name: the line that it stands for.
    """

    accounts: Mapping[str, AccountConfig] = field(default_factory=dict)
    ui: UiConfig = UiConfig()
    keys: Mapping[str, str] = field(default_factory=dict)
    notify: NotifyConfig = NotifyConfig()
    network: NetworkConfig = NetworkConfig()
    aliases: Mapping[str, str] = field(default_factory=dict)

    def account(self, address: str) -> AccountConfig:
        """What is configured for the bare `address`; the defaults where nothing is."""
        return self.accounts.get(address, AccountConfig())


_Table = AccountConfig | UiConfig | NotifyConfig | NetworkConfig

_TABLES = ("account", "ui", "keys", "notify", "network", "alias")


def config_help() -> str:
    """The file with every key and the value that it has when left out: itself a valid file."""
    heading = _("every key, with the value that it has when left out.")
    parts = [
        f"# $XDG_CONFIG_HOME/termxmpp/config.toml: {heading}\n",
        _help_of('account."me@example.org"', AccountConfig()),
        _help_of("ui", UiConfig()),
        _help_of("notify", NotifyConfig()),
        _help_of("network", NetworkConfig()),
        "[keys]\n# "
        + _("a key and its action, as /bind lists them:")
        + ' "alt-x" = "next-unread"\n',
        "[alias]\n# " + _("a command of your own:") + ' brb = "/away back soon"\n',
    ]
    return "\n".join(parts)


def _help_of(name: str, table: _Table) -> str:
    lines = [(f"{each.name} = {_toml(getattr(table, each.name))}", each) for each in fields(table)]
    column = max(len(line) for line, _each in lines) + 1
    rows = [f"{line:{column}}# {_words(each)}\n" for line, each in lines]
    return f"[{name}]\n" + "".join(rows)


def _words(key: Field[Any]) -> str:
    choices = key.metadata["choices"]
    words: str = key.metadata["words"]
    return f"{words}: {', '.join(choices)}" if choices else words


def _toml(value: bool | float | str) -> str:
    return str(value).lower() if isinstance(value, bool) else json.dumps(value, ensure_ascii=False)


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
            if key not in _TABLES:
                raise self._error(key, f"unknown table or key {key!r}", list(_TABLES))
        accounts = document.get("account", {})
        if not isinstance(accounts, dict):
            raise self._error("account", 'account must be tables: [account."me@example.org"]')
        return Config(
            {address: self._account(address, accounts[address]) for address in accounts},
            UiConfig(**self._table(document, "ui", UiConfig())),
            self._texts(document, "keys"),
            NotifyConfig(**self._table(document, "notify", NotifyConfig())),
            NetworkConfig(**self._table(document, "network", NetworkConfig())),
            self._texts(document, "alias"),
        )

    def _account(self, address: str, table: Any) -> AccountConfig:
        if not isinstance(table, dict):
            raise self._error(address, f'{address!r} must be a table: [account."{address}"]')
        self._check(table, AccountConfig(), f"account {address}")
        return AccountConfig(**table)

    def _table(self, document: Mapping[str, Any], name: str, defaults: _Table) -> dict[str, Any]:
        table = document.get(name, {})
        if not isinstance(table, dict):
            raise self._error(name, f"{name} must be a table: [{name}]")
        self._check(table, defaults, name)
        return table

    def _texts(self, document: Mapping[str, Any], name: str) -> dict[str, str]:
        """The table `name`, whose keys are the user's own."""
        table = document.get(name, {})
        if not isinstance(table, dict):
            raise self._error(name, f"{name} must be a table: [{name}]")
        for key, value in table.items():
            if not isinstance(value, str):
                raise self._error(key, f"{key} of {name} must be a text in quotes")
        return table

    def _check(self, table: Mapping[str, Any], defaults: _Table, place: str) -> None:
        """ConfigError for a key that `defaults` has not, or a value of another kind."""
        known = {each.name: each for each in fields(defaults)}
        for key, value in table.items():
            if key not in known:
                raise self._error(key, f"unknown key {key!r} of {place}", list(known))
            kind = _wrong_kind(getattr(defaults, key), value)
            choices = known[key].metadata["choices"]
            if not kind and choices and value not in choices:
                kind = f"one of {', '.join(choices)}"
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
