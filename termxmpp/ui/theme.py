"""Themes: every colour and every symbol of the screen, from TOML files.

Four are shipped in `themes/`; others are the user's own, by their path or by their name in
`$XDG_CONFIG_HOME/termxmpp/themes/`. A theme need say only what it has different from the one that
it `inherits`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

import platformdirs

from termxmpp.core.message import Mark
from termxmpp.core.roster import Availability
from termxmpp.core.text import one_line, truncate, visible, width
from termxmpp.errors import ConfigError
from termxmpp.toml_file import TomlFile
from termxmpp.ui.colours import ANSI, is_colour, to_rgb
from termxmpp.words import _

__all__ = ["DEFAULT", "Nicks", "Symbols", "Theme", "find_theme", "load_theme", "theme_names"]

SHIPPED = Path(__file__).parents[1] / "themes"

# What all others inherit from, and what there is where another can't be had.
DEFAULT = "dark"

ATTRIBUTES = ("bold", "italic", "underline", "strike", "reverse")

# The same, where there are no colours to tell things apart by.
MONO = tuple(f"mono-{word}" for word in ATTRIBUTES)

_TABLES = ("inherits", "background", "colors", "styles", "symbols", "nicks")
_WORD = re.compile(r"[\w-]+")

Colour = tuple[str, str]
"""`#rrggbb` for terminals with many colours, and what stands for it among the sixteen."""


def _symbol(default: str, columns: int = 1) -> Any:
    """A symbol that takes at most so many `columns`; one of one column takes just that."""
    return field(default=default, metadata={"columns": columns})


@dataclass(frozen=True, slots=True)
class Symbols:
    """What is drawn that is no word; the marks of fates are the contract's unless changed."""

    queued: str = _symbol("…", 2)
    sent: str = _symbol("·", 2)
    acknowledged: str = _symbol("✓", 2)
    failed: str = _symbol("✗", 2)
    received: str = _symbol("✓✓", 2)
    read: str = _symbol("●", 2)
    chat: str = _symbol("●")
    online: str = _symbol("●")
    away: str = _symbol("◐")
    xa: str = _symbol("◑")
    dnd: str = _symbol("⊘")
    offline: str = _symbol("○")
    blocked: str = _symbol("⊗")
    asking: str = _symbol("?")
    room: str = _symbol("#")
    border: str = _symbol("│")
    rule: str = _symbol("─")
    corner_top_left: str = _symbol("┌")
    corner_top_right: str = _symbol("┐")
    corner_bottom_left: str = _symbol("└")
    corner_bottom_right: str = _symbol("┘")
    selected: str = _symbol("▌")
    current: str = _symbol("▸")
    notice: str = _symbol("≡")
    fine: str = _symbol("✓")
    note: str = _symbol("!")
    wrong: str = _symbol("✗")
    action: str = _symbol("*")
    reply: str = _symbol("╭")
    reactions: str = _symbol("╰")
    edited: str = _symbol("✎")
    mention: str = _symbol("@")
    hidden: str = _symbol("▒")
    hat: str = _symbol("▴")
    half: str = _symbol("▀")
    quote: str = _symbol("▎")
    code: str = _symbol("▏")
    below: str = _symbol("↓")
    up: str = _symbol("↑")
    down: str = _symbol("↓")
    separator: str = _symbol("·")
    typing: str = _symbol("…", 3)
    ellipsis: str = _symbol("…")
    prompt: str = _symbol(">")

    def presence(self, availability: Availability) -> str:
        """The sign of `availability`: without a colour it is told from the others, too."""
        sign: str = getattr(self, availability.value)
        return sign

    def marked(self, mark: Mark | None) -> str:
        """The sign before a notice with that `mark`."""
        sign: str = self.notice if mark is None else getattr(self, mark.value)
        return sign

    def one_line(self, text: str, limit: int) -> str:
        """`text.one_line`, with our own sign where something is left out."""
        return one_line(text, limit, self.ellipsis)

    def truncated(self, text: str, columns: int) -> str:
        """`text.truncate`, with our own sign where something is left out."""
        return truncate(text, columns, self.ellipsis)

    def separated(self, *parts: str) -> str:
        """`parts` with the separator between them."""
        return f" {self.separator} ".join(parts)


@dataclass(frozen=True, slots=True)
class Nicks:
    """The colours of nicks (XEP-0392): `saturation` and `lightness` of HSLuv, 0 to 100.

    `sixteen` are those used where there are no others. None are used unless `colored`.
    """

    colored: bool = True
    saturation: float = 75.0
    lightness: float = 72.0
    sixteen: tuple[str, ...] = ("red", "green", "yellow", "blue", "magenta", "cyan")


@dataclass(frozen=True, eq=False)
class Theme:
    """A theme as a whole; two are the same only if they are one.

    `background` is `dark` or `light`: on what it can be read if it paints none of its own.
    `colors` are by their names, `styles` by their classes: words as in the file.
    """

    name: str
    background: str
    colors: Mapping[str, Colour]
    styles: Mapping[str, str]
    symbols: Symbols
    nicks: Nicks
    files: tuple[Path, ...] = ()

    def style(self, name: str, depth: int) -> str:
        """The class `name` for prompt_toolkit, on a terminal of so many bits a colour."""
        words = []
        for word in self.styles[name].split():
            if word in ATTRIBUTES:
                words.append(word)
            elif word in MONO:
                words += [word.removeprefix("mono-")] if depth == 1 else []
            elif depth > 1:
                words.append(self._colour(word, depth))
        return " ".join(words)

    def ground(self, depth: int = 24) -> str:
        """The colour that all is written on, as `to_rgb` takes it."""
        for word in self.styles["base"].split():
            if word.startswith("bg:"):
                return self.colour(word[3:], depth)
        return "#ffffff" if self.background == "light" else "#000000"

    def colour(self, name: str, depth: int = 24) -> str:
        """The colour of that `name`, as `to_rgb` takes it."""
        many, few = self.colors.get(name, (name, name))
        return few if depth == 4 else many

    def _colour(self, word: str, depth: int) -> str:
        place, name = ("bg", word[3:]) if word.startswith("bg:") else ("fg", word)
        colour = self.colour(name, depth)
        return f"{place}:{ANSI[colour][0] if colour in ANSI else colour}"


def user_themes() -> Path:
    """Where the user's own themes are found by their names."""
    return platformdirs.user_config_path("termxmpp") / "themes"


def theme_names() -> list[str]:
    """The names of all themes that are found by one, in order, each once."""
    return sorted(
        {path.stem for place in (SHIPPED, user_themes()) for path in place.glob("*.toml")}
    )


def find_theme(name: str) -> Path:
    """The file of the theme `name`, which may be a path; ConfigError if there is none."""
    if "/" in name or name.endswith(".toml"):
        path = Path(name).expanduser()
        if path.exists():
            return path
        raise ConfigError(_("{path}: there is no such theme.").format(path=path))
    for place in (user_themes(), SHIPPED):
        path = place / f"{name}.toml"
        if path.exists():
            return path
    raise ConfigError(
        _("There is no theme {name!r}; there are {names}.").format(
            name=name, names=", ".join(theme_names())
        )
    )


def load_theme(name: str) -> Theme:
    """The theme `name`, which may be a path; ConfigError for whatever is wrong with it."""
    path = find_theme(name)
    return _load(path, (path,))


def _load(path: Path, seen: tuple[Path, ...]) -> Theme:
    if path.parent == SHIPPED:
        return _shipped(path)
    return _Reader(TomlFile.read(path), seen).theme()


@cache
def _shipped(path: Path) -> Theme:
    return _Reader(TomlFile.read(path), (path,)).theme()


class _Reader:
    """Checks the file `file`, which inherits from none of those that were `seen`."""

    def __init__(self, file: TomlFile, seen: tuple[Path, ...]) -> None:
        self._file = file
        self._seen = seen
        self._is_root = file.path == SHIPPED / f"{DEFAULT}.toml"

    def theme(self) -> Theme:
        document = self._file.document
        for key in document:
            if key not in _TABLES:
                raise self._file.error(
                    key, _("unknown table or key {key!r}").format(key=key), _TABLES
                )
        base = None if self._is_root else self._inherited(document)
        colors = self._colors(self._table("colors"), base)
        return Theme(
            self._file.path.stem,
            self._background(document, base),
            colors,
            self._styles(self._table("styles"), colors, base),
            self._symbols(self._table("symbols"), base),
            self._nicks(self._table("nicks"), base),
            (*(base.files if base is not None else ()), self._file.path),
        )

    def _inherited(self, document: Mapping[str, Any]) -> Theme:
        name = document.get("inherits", DEFAULT)
        if not isinstance(name, str):
            raise self._wrong("inherits", "", _("the name of a theme"))
        # A theme of the user's may have the name of a shipped one that it is made from.
        own = SHIPPED / f"{name}.toml"
        path = own if self._file.path.stem == name and own.exists() else find_theme(name)
        if path in self._seen:
            raise self._file.error("inherits", _("a theme can't inherit from itself"))
        return _load(path, (*self._seen, path))

    def _background(self, document: Mapping[str, Any], base: Theme | None) -> str:
        found = document.get("background", base.background if base is not None else "dark")
        if found not in ("dark", "light"):
            raise self._wrong("background", "", "dark, light")
        return str(found)

    def _table(self, name: str) -> Mapping[str, Any]:
        table = self._file.document.get(name, {})
        if not isinstance(table, dict):
            raise self._wrong(name, "", f"[{name}]")
        return table

    def _colors(self, table: Mapping[str, Any], base: Theme | None) -> dict[str, Colour]:
        colors = dict(base.colors) if base is not None else {}
        for key, value in table.items():
            pair = value if isinstance(value, list) else [value, _nearest(value)]
            is_pair = len(pair) == 2 and all(isinstance(each, str) for each in pair)
            if not is_pair or not is_colour(pair[0]) or pair[1] not in ANSI:
                wanted = _('a colour like "#88c0d0", "cyan" or ["#88c0d0", "cyan"]')
                raise self._wrong(key, "colors", wanted)
            if not _WORD.fullmatch(key) or key in ATTRIBUTES:
                raise self._wrong(key, "colors", _("called by letters, digits and dashes"))
            colors[key] = (pair[0], pair[1])
        return colors

    def _styles(
        self, table: Mapping[str, Any], colors: Mapping[str, Colour], base: Theme | None
    ) -> dict[str, str]:
        styles = dict(base.styles) if base is not None else {}
        for key, value in _flat(table):
            if not self._is_root and key not in styles:
                raise self._unknown(key, "styles", list(styles))
            if not isinstance(value, str):
                raise self._wrong(key, "styles", _("words in quotes"))
            for word in value.split():
                name = word.removeprefix("bg:")
                if not (name in colors or is_colour(name) or word in (*ATTRIBUTES, *MONO)):
                    what = _("{word!r} of {key} is no colour and no attribute")
                    valid = [*colors, *ATTRIBUTES, *MONO, *ANSI]
                    raise self._file.error(
                        key, what.format(word=word, key=key), valid, "styles", name
                    )
            styles[key] = value
        return styles

    def _symbols(self, table: Mapping[str, Any], base: Theme | None) -> Symbols:
        known = {each.name: each for each in fields(Symbols)}
        old = base.symbols if base is not None else Symbols()
        found = {name: getattr(old, name) for name in known}
        for key, value in table.items():
            if key not in known:
                raise self._unknown(key, "symbols", list(known))
            columns = known[key].metadata["columns"]
            if not _is_symbol(value, columns):
                wanted = (
                    _("a text of one column")
                    if columns == 1
                    else _("a text of one to three columns")
                )
                raise self._wrong(key, "symbols", wanted)
            found[key] = value
        return Symbols(**found)

    def _nicks(self, table: Mapping[str, Any], base: Theme | None) -> Nicks:
        known = [each.name for each in fields(Nicks)]
        old = base.nicks if base is not None else Nicks()
        found: dict[str, Any] = {name: getattr(old, name) for name in known}
        for key, value in table.items():
            if key not in known:
                raise self._unknown(key, "nicks", known)
            if key == "colored" and not isinstance(value, bool):
                raise self._wrong(key, "nicks", _("true or false"))
            if key == "sixteen":
                if (
                    not isinstance(value, list)
                    or not value
                    or not all(each in ANSI for each in value)
                ):
                    raise self._wrong(key, "nicks", _("a list of the sixteen colours"))
                value = tuple(value)
            if key in ("saturation", "lightness") and not _is_share(value):
                raise self._wrong(key, "nicks", _("a number from 0 to 100"))
            found[key] = value
        return Nicks(**found)

    def _unknown(self, key: str, table: str, valid: list[str]) -> ConfigError:
        what = _("unknown key {key!r} of {table}").format(key=key, table=table)
        return self._file.error(key, what, valid, table)

    def _wrong(self, key: str, table: str, wanted: str) -> ConfigError:
        what = _("{key} must be {wanted}").format(key=key, wanted=wanted)
        return self._file.error(key, what, (), table)


def _flat(table: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """The keys of `table` with those of its tables behind a dot, as `a.b` without quotes is one."""
    found: list[tuple[str, Any]] = []
    for key, value in table.items():
        found += (
            _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(prefix + key, value)]
        )
    return found


def _is_symbol(value: object, columns: int) -> bool:
    """Whether `value` is a text without anything that a terminal obeys, and so wide at most."""
    if not isinstance(value, str) or visible(value, multiline=False) != value or not value.strip():
        return False
    return width(value) == 1 if columns == 1 else 1 <= width(value) <= 3


def _is_share(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 100


def _nearest(value: object) -> str:
    """Which of the sixteen stands for `value`, if the theme does not say it."""
    if not isinstance(value, str) or not is_colour(value):
        return ""
    if value in ANSI:
        return value
    wanted = to_rgb(value)
    return min(
        ANSI, key=lambda name: sum((a - b) ** 2 for a, b in zip(to_rgb(name), wanted, strict=True))
    )
