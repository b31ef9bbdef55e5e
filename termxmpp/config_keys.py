"""A setting by its name: `ui.theme`, `account.me@example.org.markers`, or only `markers`.

Pure: from what a user types to a key, a value, and the configuration with it. What there is, the
dataclasses of `config` say alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import Field, fields, replace
from typing import Any, cast

from termxmpp.config import SECTIONS, AccountConfig, Config, Effect, wrong_value
from termxmpp.errors import UserError
from termxmpp.nearest import nearest
from termxmpp.proxies import has_password, without_password
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = [
    "DEFAULT",
    "Edit",
    "SettingKey",
    "Value",
    "account_keys",
    "all_keys",
    "find",
    "read_value",
    "value_words",
    "with_edits",
]

Value = bool | int | float | str

# The word for what a setting is when nothing is said of it.
DEFAULT = "default"

_SWITCH = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class Edit:
    """In the file, `value` for what `path` leads to, as in `("ui", "theme")`; None takes it out.

    A path to a table, as `("account", "me@example.org")`, can be taken out only.
    """

    path: tuple[str, ...]
    value: Value | None


@dataclass(frozen=True, slots=True)
class SettingKey:
    """The setting `name` of the table `table`; of an account, that of `address`."""

    table: str
    name: str
    address: str = ""

    def __str__(self) -> str:
        return ".".join(self.path)

    @property
    def path(self) -> tuple[str, ...]:
        """Where it stands in the file."""
        return (self.table, self.address, self.name) if self.address else (self.table, self.name)

    @property
    def default(self) -> Value:
        value: Any = self.field.default
        return cast(Value, value)

    @property
    def words(self) -> str:
        """What it does, in one line."""
        words: str = self.field.metadata["words"]
        return words

    @property
    def choices(self) -> tuple[str, ...]:
        """What may be typed for it, where it is not just anything."""
        if isinstance(self.default, bool):
            return ("on", "off")
        choices: tuple[str, ...] = self.field.metadata["choices"]
        return choices

    @property
    def effect(self) -> Effect:
        effect: Effect = self.field.metadata["effect"]
        return effect

    @property
    def field(self) -> Field[Any]:
        """How it is declared."""
        table = AccountConfig() if self.address else SECTIONS[self.table]
        return next(each for each in fields(table) if each.name == self.name)

    def value(self, config: Config) -> Value:
        """What it is in `config`."""
        table = config.account(self.address) if self.address else getattr(config, self.table)
        value: Value = getattr(table, self.name)
        return value


def all_keys(addresses: Iterable[str] = ()) -> list[SettingKey]:
    """Every setting there is, with those of the accounts with `addresses` at the end."""
    keys = [SettingKey(table, each.name) for table in SECTIONS for each in fields(SECTIONS[table])]
    return keys + [key for address in addresses for key in account_keys(address)]


def account_keys(address: str) -> list[SettingKey]:
    """The settings of the account `address`."""
    return [SettingKey("account", each.name, address) for each in fields(AccountConfig())]


def find(typed: str, addresses: Sequence[str], here: str = "") -> SettingKey:
    """The setting that `typed` means: its whole name, or the last word of it if that is clear.

    `addresses` are those of the accounts that there are, `here` is that of which no address need
    be given. UserError with the nearest one if there is none.
    """
    wanted = typed.strip().replace("-", "_") if "@" not in typed else typed.strip()
    keys = all_keys(dict.fromkeys((*addresses, *([here] if here else ()))))
    for key in keys:
        if str(key) == wanted:
            return key
    short = [key for key in keys if key.name == wanted and key.address in ("", here)]
    if len(short) == 1:
        return short[0]
    if short:
        raise UserError(
            _("{name} may be {keys}: say which.").format(
                name=typed, keys=", ".join(str(key) for key in short)
            )
        )
    raise _unknown(typed, keys)


def _unknown(typed: str, keys: Sequence[SettingKey]) -> UserError:
    names = {str(key): str(key) for key in keys} | {key.name: str(key) for key in keys}
    meant = nearest(typed, names)
    if meant is None:
        return UserError(
            _("There is no setting {name}; /set lists those there are.").format(name=typed)
        )
    return UserError(
        _("There is no setting {name}. Did you mean {nearest}?").format(
            name=typed, nearest=names[meant]
        )
    )


def read_value(key: SettingKey, typed: str) -> Value | None:
    """What `typed` means as a value of `key`; None for `default`. UserError if it means nothing."""
    if typed == DEFAULT and DEFAULT not in key.choices:
        return None
    if has_password(typed):
        raise UserError(
            _("What is typed here is kept: write a password into the configuration file by hand.")
        )
    value = _converted(key.default, typed)
    kind = wrong_value(key.field, value)
    if not kind:
        return value
    if isinstance(key.default, bool):
        kind = _("on or off")
    raise UserError(
        _("{key} must be {kind}, not {value!r}.").format(key=key, kind=kind, value=typed)
    )


def _converted(default: Value, typed: str) -> Value:
    if isinstance(default, bool):
        return _SWITCH.get(typed.casefold(), typed)
    if isinstance(default, (int, float)):
        try:
            number = float(typed)
        except ValueError:
            return typed
        return int(number) if number.is_integer() else number
    return typed


def value_words(value: Value) -> str:
    """`value` as it would be typed, but for a password in it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return without_password(str(value)) if value != "" else '""'


def with_edits(config: Config, edits: Iterable[Edit]) -> Config:
    """`config` as it is behind `edits`."""
    for edit in edits:
        config = _with_edit(config, edit)
    return config


def _with_edit(config: Config, edit: Edit) -> Config:
    table, *rest = edit.path
    if table == "account":
        return replace(config, accounts=_accounts(config, rest, edit.value))
    name = rest[0]
    if table in SECTIONS:
        default = SettingKey(table, name).default
        value = default if edit.value is None else edit.value
        return replace(config, **{table: replace(getattr(config, table), **{name: value})})
    field = {"keys": "keys", "alias": "aliases"}[table]
    texts = {key: text for key, text in getattr(config, field).items() if key != name}
    if isinstance(edit.value, str):
        # What was there keeps its place.
        texts = {**getattr(config, field), name: edit.value}
    changed: dict[str, Any] = {field: texts}
    return replace(config, **changed)


def _accounts(config: Config, rest: Sequence[str], value: Value | None) -> dict[str, AccountConfig]:
    address, *names = rest
    accounts = dict(config.accounts)
    if not names:
        accounts.pop(address, None)
        return accounts
    if address not in accounts and value is None:
        return accounts
    default = SettingKey("account", names[0], address).default
    changed: dict[str, Any] = {names[0]: default if value is None else value}
    accounts[address] = replace(config.account(address), **changed)
    return accounts
