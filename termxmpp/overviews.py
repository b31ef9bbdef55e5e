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
from termxmpp.words import _

__all__ = ["Where", "columns", "help_here", "key_lines", "setting_lines"]

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


def help_here(
    where: Where, registry: Registry, keyboard: Keyboard, changed: Mapping[str, str]
) -> list[str]:
    """The keys and commands that matter `where` the user is."""
    rows = [(", ".join(keys), words) for name, keys, words in _bound(keyboard, changed)
            if name in _KEYS[where]]  # fmt: skip
    commands = [registry.get(name) for name in _COMMANDS[where]]
    rows += [(each.usage, each.summary) for each in commands if each is not None]
    headings = {
        Where.CONSOLE: _("In the console of an account:"),
        Where.CONVERSATION: _("In a conversation:"),
        Where.ROOM: _("In a room:"),
    }
    keys = [key for key, does in keyboard.bound(changed).items() if does == "help"]
    more = _("More: /help lists all commands, /help keys all keys, /help config the settings.")
    if keys:
        more = _(
            "More: {key} once more or /help keys lists all keys, /help all commands, "
            "/help config the settings."
        ).format(key=keys[0])
    return [headings[where], *columns(rows), "", more]


def key_lines(keyboard: Keyboard, changed: Mapping[str, str]) -> list[str]:
    """A line for each action that has a key, and each line of the user's own that has one."""
    return columns(
        (", ".join(keys), name if name in keyboard.actions else "", words)
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
