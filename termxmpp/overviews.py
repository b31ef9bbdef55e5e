"""What there is, in lines: settings, keys, and the help for where one is.

Pure, and derived from the tables that say it: there is no other text about a key or a setting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum, auto

from termxmpp.commands.registry import Registry
from termxmpp.config import Config
from termxmpp.config_keys import SettingKey, all_keys, value_words
from termxmpp.core.text import width
from termxmpp.keyboard import Keyboard
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = [
    "Entry",
    "Where",
    "columns",
    "commands_of",
    "key_lines",
    "keys_of",
    "matters",
    "setting_lines",
]

# What is longer makes no column wider: it would push all words aside.
_COLUMNS = 20


class Where(Enum):
    """What kind of window the user looks at."""

    CONSOLE = auto()
    CONVERSATION = auto()
    ROOM = auto()


# What matters most in each, by the names of actions and commands; what there is not is left out.
_KEYS = {
    Where.CONSOLE: ("switcher", "next-unread", "complete", "clear-or-quit"),
    Where.CONVERSATION: (
        *("send", "new-line", "complete", "scroll-up", "select-before", "search", "switcher"),
        *("next-unread", "clear-or-quit"),
    ),
    Where.ROOM: (
        *("send", "complete", "scroll-up", "select-before", "search", "switcher", "next-unread"),
    ),
}

_COMMANDS = {
    Where.CONSOLE: (
        *("msg", "join", "rooms", "roster add", "subscription approve", "account add", "connect"),
        *("away", "set", "theme", "doctor", "quit"),
    ),
    Where.CONVERSATION: (
        *("reply", "react", "correct", "retract", "send", "search", "info", "mute", "block"),
        *("close",),
    ),
    Where.ROOM: (
        *("who", "topic", "nick", "invite", "reply", "react", "moderate", "kick", "notify"),
        *("leave",),
    ),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A key that does something, or a command: what it is, in words.

    `does` is the action or the line that it stands for.
    """

    what: str
    words: str
    does: str


def matters(
    where: Where, registry: Registry, keyboard: Keyboard, changed: Mapping[str, str]
) -> list[Entry]:
    """The keys and commands that matter `where` the user is, keys first."""
    keys = {entry.does: entry for entry in keys_of(keyboard, changed)}
    commands = {entry.does: entry for entry in commands_of(registry)}
    wanted = [keys.get(name) for name in _KEYS[where]]
    wanted += [commands.get(f"/{name}") for name in _COMMANDS[where]]
    return [entry for entry in wanted if entry is not None]


def keys_of(keyboard: Keyboard, changed: Mapping[str, str]) -> list[Entry]:
    """All keys that do something, those of one action together."""
    return [Entry(", ".join(keys), words, name) for name, keys, words in _bound(keyboard, changed)]


def commands_of(registry: Registry) -> list[Entry]:
    """All commands."""
    return [Entry(each.usage, each.summary, f"/{each.name}") for each in registry.commands]


def key_lines(keyboard: Keyboard, changed: Mapping[str, str]) -> list[str]:
    """A line for each action that has a key, and each line of the user's own that has one."""
    return columns(
        (", ".join(keys), f"{name}: {words}" if name in keyboard.actions else words)
        for name, keys, words in _bound(keyboard, changed)
    )


def setting_lines(config: Config, account: str) -> list[str]:
    """A line for each setting, those of `account` at the end: its name, its value, its meaning."""
    lines: list[str] = []
    tables: dict[str, list[SettingKey]] = {}
    for key in all_keys([account]):
        heading = f'[{key.table}."{key.address}"]' if key.address else f"[{key.table}]"
        tables.setdefault(heading, []).append(key)
    for heading, keys in tables.items():
        lines += ["", heading] if lines else [heading]
        lines += columns(
            (key.name, value_words(key.value(config)), _meaning(key, config)) for key in keys
        )
    return lines


def _meaning(key: SettingKey, config: Config) -> str:
    if key.value(config) == key.default:
        return key.words
    return _("{words} (default: {default})").format(
        words=key.words, default=value_words(key.default)
    )


def _bound(keyboard: Keyboard, changed: Mapping[str, str]) -> list[tuple[str, list[str], str]]:
    """Each action or line that has keys, in the order of the table: it, its keys, its words."""
    keys: dict[str, list[str]] = {name: [] for name in keyboard.actions}
    for key, does in keyboard.bound(changed).items():
        keys.setdefault(does, []).append(key)
    return [(name, found, keyboard.words(name)) for name, found in keys.items() if found]


def columns(rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of `rows`, two spaces between the columns; the last one is as it is.

    What is too long for the first column gets a line of its own.
    """
    table = [[each for each in row if each] for row in rows]
    places = range(max((len(row) for row in table), default=1) - 1)
    widths = [
        max((width(row[place]) for row in table if _has_room(row, place)), default=0)
        for place in places
    ]
    lines = []
    for row in table:
        if len(row) > 1 and not _has_room(row, 0):
            lines.append(row[0])
            row = ["", *row[1:]]
        lines.append("  ".join(_padded(row, widths)))
    return lines


def _has_room(row: Sequence[str], place: int) -> bool:
    """Whether what stands there makes its column as wide as it is."""
    return len(row) > place + 1 and width(row[place]) <= _COLUMNS


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    *firsts, last = row
    return [
        text + " " * (room - width(text)) for text, room in zip(firsts, widths, strict=False)
    ] + [last]
