"""The settings, declared once: their tables and keys, what each is and does, as frozen values.

What reads and writes the file (`config_reading`, `config_writing`) goes by these, and so does what
tells of settings or changes them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import time
from enum import Enum, auto
from typing import Any

from termxmpp.dialling import read_pin, read_server
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
    "Table",
    "UiConfig",
    "config_help",
    "quiet_hours",
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
        raise ValueError(_('two times of day, as in "22:00-07:00", or empty'))
    first, last = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    if first == last:
        raise ValueError(_('two different times of day, as in "22:00-07:00", or empty'))
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
        check=read_server,
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
        check=read_pin,
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
            words = _("some of {choices}, separated by commas")
            raise ValueError(words.format(choices=", ".join(TELLABLE)))


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


Table = AccountConfig | UiConfig | NotifyConfig | NetworkConfig | ListenConfig

SECTIONS: Mapping[str, Table] = {
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


def _help_of(name: str, table: Table) -> str:
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
