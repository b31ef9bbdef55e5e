"""The configuration file: read once, checked whole, kept as frozen values (`config`).

A wrong key or value is told with file, line, key and the nearest valid one; nothing is
guessed and nothing is ignored.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import platformdirs

from termxmpp.config import (
    AccountConfig,
    Config,
    ListenConfig,
    NetworkConfig,
    NotifyConfig,
    Table,
    UiConfig,
    wrong_value,
)
from termxmpp.errors import ConfigError, UserError
from termxmpp.keyboard import canonical
from termxmpp.nearest import nearest
from termxmpp.words import _

__all__ = ["default_path", "load", "parse", "read"]

_TABLES = ("account", "ui", "keys", "notify", "network", "listen", "alias")


def default_path() -> Path:
    """Where the file is unless `--config` says otherwise."""
    return platformdirs.user_config_path("termxmpp") / "config.toml"


def load(path: Path, *, is_required: bool, actions: Collection[str] | None = None) -> Config:
    """Read the file at `path`; one that is not there is empty unless `is_required`.

    Where `actions` are given, keys can be bound to these only. Raises ConfigError for a file that
    can't be read or says something that has no meaning.
    """
    text = read(path)
    if text is None:
        if is_required:
            raise ConfigError(_("{path}: there is no such file.").format(path=path))
        return Config()
    return parse(text, path, actions)


def read(path: Path) -> str | None:
    """The text of the file at `path`, None if there is none; ConfigError if it can't be read."""
    try:
        # As it is, with whatever ends its lines: it may be written again.
        return path.read_bytes().decode()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            _("{path}: it can't be read ({error}).").format(path=path, error=error)
        ) from None


def parse(text: str, path: Path, actions: Collection[str] | None = None) -> Config:
    """What `text` of the file at `path` says; see `load`."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}.") from None
    return _Reader(path, text, actions).config(document)


class _Reader:
    """Checks the parsed `document` of the file at `path`, whose `text` tells the lines."""

    def __init__(self, path: Path, text: str, actions: Collection[str] | None) -> None:
        self._path = path
        self._lines = text.splitlines()
        self._actions = actions

    def config(self, document: Mapping[str, Any]) -> Config:
        for key in document:
            if key not in _TABLES:
                raise self._error(
                    key, _("unknown table or key {key!r}").format(key=key), list(_TABLES)
                )
        accounts = document.get("account", {})
        if not isinstance(accounts, dict):
            raise self._error("account", _('account must be tables: [account."me@example.org"]'))
        return Config(
            {address: self._account(address, accounts[address]) for address in accounts},
            UiConfig(**self._table(document, "ui", UiConfig())),
            self._keys(document),
            NotifyConfig(**self._table(document, "notify", NotifyConfig())),
            NetworkConfig(**self._table(document, "network", NetworkConfig())),
            self._texts(document, "alias"),
            ListenConfig(**self._table(document, "listen", ListenConfig())),
        )

    def _account(self, address: str, table: Any) -> AccountConfig:
        if not isinstance(table, dict):
            words = _('{address!r} must be a table: [account."{address}"]')
            raise self._error(address, words.format(address=address))
        self._check(table, AccountConfig(), f"account {address}", address)
        return AccountConfig(**table)

    def _table(self, document: Mapping[str, Any], name: str, defaults: Table) -> dict[str, Any]:
        table = document.get(name, {})
        if not isinstance(table, dict):
            raise self._error(name, _("{name} must be a table: [{name}]").format(name=name))
        self._check(table, defaults, name, name)
        return table

    def _keys(self, document: Mapping[str, Any]) -> dict[str, str]:
        """The table `keys`; ConfigError for what is no key, and for what none can do."""
        table = self._texts(document, "keys")
        for key, action in table.items():
            try:
                canonical(key)
            except UserError as error:
                raise ConfigError(f"{self._place(key, 'keys')}: {error}") from None
            if self._actions is None or not action or action.startswith("/"):
                continue
            if action not in self._actions:
                what = _("unknown action {action!r} of the key {key}").format(
                    action=action, key=key
                )
                raise self._error(key, what, list(self._actions), "keys", action)
        return table

    def _texts(self, document: Mapping[str, Any], name: str) -> dict[str, str]:
        """The table `name`, whose keys are the user's own."""
        table = document.get(name, {})
        if not isinstance(table, dict):
            raise self._error(name, _("{name} must be a table: [{name}]").format(name=name))
        for key, value in table.items():
            if not isinstance(value, str):
                raise self._error(
                    key,
                    _("{key} of {name} must be a text in quotes").format(key=key, name=name),
                    table=name,
                )
        return table

    def _check(self, table: Mapping[str, Any], defaults: Table, place: str, heading: str) -> None:
        """ConfigError for a key that `defaults` has not, or a value of another kind."""
        known = {each.name: each for each in fields(defaults)}
        for key, value in table.items():
            if key not in known:
                raise self._error(
                    key,
                    _("unknown key {key!r} of {place}").format(key=key, place=place),
                    list(known),
                    heading,
                )
            kind = wrong_value(known[key], value)
            if kind:
                raise self._error(
                    key,
                    _("{key} of {place} must be {kind}").format(key=key, place=place, kind=kind),
                    table=heading,
                )

    def _error(
        self,
        key: str,
        what: str,
        valid: list[str] | None = None,
        table: str = "",
        wrong: str = "",
    ) -> ConfigError:
        """What is wrong with `key` of `table`; `valid` is what could stand there for `wrong`."""
        meant = nearest(wrong or key, valid or [])
        if meant:
            what += _("; did you mean {nearest!r}?").format(nearest=meant)
        elif valid:
            what += _("; there are {valid}.").format(valid=", ".join(valid))
        else:
            what += "."
        return ConfigError(f"{self._place(key, table)}: {what}")

    def _place(self, key: str, table: str) -> str:
        return f"{self._path}:{self._line(key, table)}"

    def _line(self, key: str, table: str) -> int:
        """The number of the line that speaks of `key`, behind what speaks of `table`.

        Looked for, since tomllib keeps no positions; the first one if none does.
        """
        start = self._mention(table, 1) if table else 1
        return self._mention(key, start or 1) or self._mention(key, 1) or 1

    def _mention(self, word: str, start: int) -> int:
        """The first line from `start` on in which `word` stands; 0 if there is none."""
        mention = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
        for number, line in enumerate(self._lines[start - 1 :], start):
            if mention.search(line.partition("#")[0]):
                return number
        return 0
