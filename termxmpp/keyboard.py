"""Keys by their names, and what they do: a table that `[keys]` and /bind change.

Pure: it knows no terminal, so that a wrong name in the configuration is told before there is a
screen. A key is written like `ctrl-k`, `alt-enter`, `f9`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from termxmpp.errors import UserError
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["Action", "Keyboard", "canonical", "parts"]

MODIFIERS = ("ctrl", "alt", "shift")

_MOVING = frozenset(
    ("up", "down", "left", "right", "home", "end", "insert", "delete", "pageup", "pagedown")
)
_FUNCTION = frozenset(f"f{number}" for number in range(1, 25))
_NAMES = _MOVING | _FUNCTION | {"enter", "tab", "escape", "backspace", "space"}

_SPELLINGS = {
    "esc": "escape",
    "return": "enter",
    "del": "delete",
    "ins": "insert",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "control": "ctrl",
    "meta": "alt",
}

# Terminals send the same for these.
_SAME = {"ctrl-m": "enter", "ctrl-i": "tab", "ctrl-h": "backspace", "ctrl-[": "escape",
         "ctrl-@": "ctrl-space"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Action:
    """What a key can do; `keys` are written as in `[keys]`: `ctrl-k`, `alt-enter`, `f9`.

    `act` is called with the screen.
    """

    name: str
    keys: tuple[str, ...]
    words: str
    act: Callable[[Any], None]


class Keyboard:
    """The `actions` that keys can be bound to."""

    def __init__(self, actions: Iterable[Action]) -> None:
        self.actions = {action.name: action for action in actions}

    def bound(self, changed: Mapping[str, str]) -> dict[str, str]:
        """What each key does where `changed`, as in `[keys]`, holds: an action or a /command line.

        An empty one takes the key's action away.
        """
        bound = {
            canonical(key): action.name for action in self.actions.values() for key in action.keys
        }
        for key, does in changed.items():
            bound[canonical(key)] = does
        return {key: does for key, does in bound.items() if does}

    def default(self, key: str) -> str:
        """The action that `key`, a canonical name, has unless the user says otherwise, or ""."""
        return self.bound({}).get(key, "")

    def words(self, does: str) -> str:
        """What an action does, in words; a command line stands for itself."""
        return self.actions[does].words if does in self.actions else does


def canonical(key: str) -> str:
    """The one spelling of `key` of those that mean the same; UserError if there is no such key.

    Several keys, with spaces between, are pressed one after the other.
    """
    if " " in key.strip():
        return " ".join(canonical(each) for each in key.split())
    *modifiers, name = parts(key.lower())
    name = "space" if name == " " else _SPELLINGS.get(name, name)
    wanted = {_SPELLINGS.get(each, each) for each in modifiers}
    if not wanted <= set(MODIFIERS) or not _can_be_typed(name, wanted - {"alt"}):
        raise UserError(
            _(
                "{key!r} is no key that a terminal tells of; keys are written like ctrl-k, "
                "alt-enter, f9."
            ).format(key=key)
        )
    # Alt is but an Escape before the key, whichever that is.
    plain = "-".join([each for each in MODIFIERS if each in wanted and each != "alt"] + [name])
    plain = _SAME.get(plain, plain)
    return "-".join(_with_alt(plain)) if "alt" in wanted else plain


def parts(key: str) -> list[str]:
    """The modifiers of `key`, and behind them its name, which may be the minus itself."""
    if key == "-":
        return [key]
    return [*key[:-2].split("-"), "-"] if key.endswith("--") else key.split("-")


def _with_alt(plain: str) -> list[str]:
    *modifiers, name = parts(plain)
    return [each for each in MODIFIERS if each in {*modifiers, "alt"}] + [name]


def _can_be_typed(name: str, modifiers: set[str]) -> bool:
    """Whether a terminal tells of `name` with `modifiers` besides Alt."""
    if name in _MOVING:
        return True
    if name in _FUNCTION:
        # Two of them are how the focus of the terminal is told of.
        return not modifiers or (modifiers == {"ctrl"} and name not in ("f23", "f24"))
    if name == "tab":
        return not modifiers or modifiers == {"shift"}
    if name == "space":
        return not modifiers or modifiers == {"ctrl"}
    if name in _NAMES:
        return not modifiers
    if len(name) != 1 or not name.isprintable():
        return False
    return not modifiers or (modifiers == {"ctrl"} and name in "abcdefghijklmnopqrstuvwxyz@[\\]^_")
