"""The configuration file: read once, checked whole, kept as frozen values.

A wrong key or value is told with file, line, key and the nearest valid one; nothing is
guessed and nothing is ignored.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import time
from enum import Enum, auto
from pathlib import Path
from typing import Any

import platformdirs

from termxmpp.errors import ConfigError, UserError
from termxmpp.keyboard import canonical
from termxmpp.nearest import nearest
from termxmpp.proxies import read_proxy
from termxmpp.words import _

__all__ = [
    "SECTIONS",
    "TELLABLE",
    "AccountConfig",
    "Config",
    "Effect",
    "ListenConfig",
    "NetworkConfig",
    "NotifyConfig",
    "UiConfig",
    "config_help",
    "default_path",
    "load",
    "parse",
    "quiet_hours",
    "read",
    "wrong_value",
]

TELLABLE = ("own", "receipts", "presence")
"""What `--listen --json` can tell besides the messages of others."""

# No time that is set need be longer (seconds); one that is not even finite is a slip.
A_DAY = 86_400


class Effect(Enum):
    """When a setting that was changed takes effect."""

    AT_ONCE = auto()
    NEXT_CONNECTION = auto()
    NEXT_START = auto()


def setting(
    default: Any,
    words: str,
    *,
    choices: tuple[str, ...] = (),
    effect: Effect = Effect.AT_ONCE,
    check: Callable[[str], object] | None = None,
    limits: tuple[int, int] = (0, A_DAY),
) -> Any:
    """A key of a table: what it is when left out, what it does in `words` of one line.

    A text may be one of `choices` only, where there are some; `check` raises ValueError with
    what it must be where it is not. A number is within `limits`.
    """
    return field(
        default=default,
        metadata={
            "words": words,
            "choices": choices,
            "effect": effect,
            "check": check,
            "limits": limits,
        },
    )


def quiet_hours(text: str) -> tuple[time, time] | None:
    """From when to when it is quiet, by local time; None for an empty `text`.

    Raises ValueError where it is neither empty nor two times.
    """
    if not text.strip():
        return None
    found = re.fullmatch(
        r"([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-3]):([0-5]\d)", text.strip()
    )
    if found is None:
        raise ValueError('two times of day, as in "22:00-07:00", or empty')
    first, last = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    if first == last:
        raise ValueError('two different times of day, as in "22:00-07:00", or empty')
    return first, last


@dataclass(frozen=True, slots=True)
class AccountConfig:
    """What the file says of one account; paths may begin with `~`."""

    auto: bool = setting(
        False,
        _("connect this account when termxmpp is called without an address"),
        effect=Effect.NEXT_START,
    )
    server: str = setting(
        "",
        _("HOST or HOST:PORT to dial instead of what DNS says"),
        effect=Effect.NEXT_CONNECTION,
    )
    direct_tls: bool = setting(
        False,
        _("dial `server` with TLS from the first byte (XEP-0368)"),
        effect=Effect.NEXT_CONNECTION,
    )
    ca_file: str = setting(
        "",
        _("trust these certificate authorities instead of the system's"),
        effect=Effect.NEXT_CONNECTION,
    )
    pin: str = setting(
        "",
        _("sha256:HEX of the server's certificate: trust it and nothing else"),
        effect=Effect.NEXT_CONNECTION,
    )
    proxy: str = setting(
        "",
        _("dial through it instead of `network.proxy`; `none`: through none"),
        effect=Effect.NEXT_CONNECTION,
        check=read_proxy,
    )
    password_file: str = setting(
        "", _("the first line of this file is the password"), effect=Effect.NEXT_START
    )
    password_command: str = setting(
        "",
        _("the first line that this shell command prints is the password"),
        effect=Effect.NEXT_START,
    )
    markers: bool = setting(True, _("let contacts know how far you have read (XEP-0333)"))
    typing: bool = setting(True, _("let contacts know that you are writing to them (XEP-0085)"))
    idle: bool = setting(
        True, _("let contacts know since when you have not touched a key (XEP-0319, XEP-0012)")
    )
    time: bool = setting(True, _("let contacts know what time it is where you are (XEP-0202)"))
    attention: bool = setting(True, _("let contacts call for your attention (XEP-0224)"))
    priority: int = setting(
        0,
        _("of several devices messages to you go to the highest, and to none below 0"),
        limits=(-128, 127),
    )


@dataclass(frozen=True, slots=True)
class UiConfig:
    """What the file says of the screen."""

    theme: str = setting("dark", _("dark, light, contrast, ascii, or the path of a file of yours"))
    editing: str = setting("emacs", _("the keys of the input line"), choices=("emacs", "vi"))
    mouse: bool = setting(True, _("clicks and the wheel are for termxmpp, not for the terminal"))
    opener: str = setting("", _("the command that opens links; empty: xdg-open"))
    sidebar: bool = setting(True, _("show the sidebar where there is room for it"))
    editor: str = setting("", _("edits the input on alt-e; left out: $VISUAL, $EDITOR, or vi"))
    comings: bool = setting(True, _("tell who comes into rooms and leaves them, in one line"))
    plain_presence: str = setting(
        "here",
        _("whose presence line mode tells; all: also who comes into a room"),
        choices=("none", "here", "contacts", "all"),
    )
    downloads: str = setting("", _("the folder that /save saves into; empty: the desktop's"))
    pictures: bool = setting(
        False, _("fetch the pictures that contacts share, and show them small; needs Pillow")
    )
    shortcodes: bool = setting(False, _("send :smile: and its like as the emoji"))


@dataclass(frozen=True, slots=True)
class NotifyConfig:
    """What the file says of being told."""

    bell: bool = setting(True, _("ring the terminal's bell"))
    terminal: str = setting(
        "auto",
        _("let the terminal show it"),
        choices=("auto", "osc9", "osc99", "osc777", "off"),
    )
    desktop: str = setting(
        "auto",
        _("let the desktop show it"),
        choices=("auto", "dbus", "notify-send", "off"),
    )
    command: str = setting("", _("a shell command of yours that is run; TERMXMPP_* tell it what"))
    preview: bool = setting(True, _("show what was said, not only that something was"))
    words: str = setting("", _("besides your nick these words are for you, separated by commas"))
    quiet: str = setting(
        "", _("from when to when nothing is told, as in 22:00-07:00"), check=quiet_hours
    )


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """What the file says of all connections; times are in seconds, sizes in megabytes."""

    ping_interval: float = setting(
        300, _("seconds of silence before a server is asked if it is there; 0: never")
    )
    proxy: str = setting(
        "",
        _("socks5://[NAME:PASSWORD@]HOST:PORT or http://HOST:PORT: all goes through it, names too"),
        effect=Effect.NEXT_CONNECTION,
        check=read_proxy,
    )
    largest_file: float = setting(100, _("megabytes that a file may have that /save saves"))
    local_files: bool = setting(
        False, _("let /save fetch from servers in your own network, whose link anybody may send")
    )


def _tellable(text: str) -> None:
    """ValueError where `text` names something that `--listen` can't tell."""
    for word in filter(None, map(str.strip, text.split(","))):
        if word not in TELLABLE:
            raise ValueError(f"some of {', '.join(TELLABLE)}, separated by commas")


@dataclass(frozen=True, slots=True)
class ListenConfig:
    """What the file says of `--listen`; times are in seconds."""

    tell: str = setting(
        "",
        _("what --listen --json tells besides messages of others: own, receipts, presence"),
        effect=Effect.NEXT_START,
        check=_tellable,
    )
    programs: int = setting(
        4,
        _("so many programs of --exec run at once, one for each conversation"),
        effect=Effect.NEXT_START,
        limits=(1, 100),
    )
    patience: float = setting(
        60,
        _("seconds after which a program of --exec is ended"),
        effect=Effect.NEXT_START,
        limits=(1, A_DAY),
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
    listen: ListenConfig = ListenConfig()

    def account(self, address: str) -> AccountConfig:
        """What is configured for the bare `address`; the defaults where nothing is."""
        return self.accounts.get(address, AccountConfig())


_Table = AccountConfig | UiConfig | NotifyConfig | NetworkConfig | ListenConfig

_TABLES = ("account", "ui", "keys", "notify", "network", "listen", "alias")

SECTIONS: Mapping[str, _Table] = {
    "ui": UiConfig(),
    "notify": NotifyConfig(),
    "network": NetworkConfig(),
    "listen": ListenConfig(),
}
"""The tables of which there is one each, as they are when left out."""


def config_help() -> str:
    """The file with every key and the value that it has when left out: itself a valid file."""
    heading = _("every key, with the value that it has when left out.")
    parts = [
        f"# $XDG_CONFIG_HOME/termxmpp/config.toml: {heading}\n",
        _help_of('account."me@example.org"', AccountConfig()),
        _help_of("ui", UiConfig()),
        _help_of("notify", NotifyConfig()),
        _help_of("network", NetworkConfig()),
        _help_of("listen", ListenConfig()),
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
            raise self._error(address, f'{address!r} must be a table: [account."{address}"]')
        self._check(table, AccountConfig(), f"account {address}", address)
        return AccountConfig(**table)

    def _table(self, document: Mapping[str, Any], name: str, defaults: _Table) -> dict[str, Any]:
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

    def _check(self, table: Mapping[str, Any], defaults: _Table, place: str, heading: str) -> None:
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


def wrong_value(key: Field[Any], value: object) -> str:
    """What a value of `key` must be and `value` is not; empty if it is."""
    choices = key.metadata["choices"]
    kind = _wrong_kind(key.default, value, key.metadata["limits"])
    if not kind and choices and value not in choices:
        kind = _("one of {choices}").format(choices=", ".join(choices))
    return kind or _refusal(key.metadata["check"], value)


def _refusal(check: Callable[[str], object] | None, value: Any) -> str:
    """What `check` says that `value` must be; empty if it has nothing against it."""
    if check is None:
        return ""
    try:
        check(value)
    except ValueError as error:
        return str(error)
    return ""


def _wrong_kind(default: object, value: object, limits: tuple[int, int]) -> str:
    """What a value must be in place of `default` and `value` is not; empty if it is."""
    if isinstance(default, bool):
        return "" if isinstance(value, bool) else _("true or false")
    if isinstance(default, (int, float)):
        least, most = limits
        # A `bool` is an `int` to Python, and to nobody else.
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        is_within = isinstance(value, (int, float)) and least <= value <= most
        if is_number and is_within:
            return ""
        return _("a number from {least} to {most}").format(least=least, most=most)
    return "" if isinstance(value, str) else _("a text in quotes")
