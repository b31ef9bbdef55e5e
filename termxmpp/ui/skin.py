"""The theme as it is worn: on this terminal, with its colours, until it is changed."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

from prompt_toolkit.output import ColorDepth
from prompt_toolkit.styles import BaseStyle, Style

from termxmpp.errors import ConfigError
from termxmpp.mainloop.watch import FileWatch
from termxmpp.settings import Settings
from termxmpp.ui.colours import depth_of
from termxmpp.ui.nicks import NickColours
from termxmpp.ui.theme import DEFAULT, Symbols, Theme, find_theme, load_theme

__all__ = ["Skin", "Wardrobe"]

logger = logging.getLogger(__name__)

DEPTHS = {
    1: ColorDepth.DEPTH_1_BIT,
    4: ColorDepth.DEPTH_4_BIT,
    8: ColorDepth.DEPTH_8_BIT,
    24: ColorDepth.DEPTH_24_BIT,
}

# Of prompt_toolkit's own look nothing is to be left where a theme says something.
_PLAIN = "noreverse nobold noitalic nounderline"


class Skin:
    """`theme` on a terminal of `depth` bits a colour (`depth_of`); one is equal only to itself.

    `has_ground`: the theme's background is painted, whatever the terminal's own is.
    """

    def __init__(self, theme: Theme, depth: int, *, has_ground: bool = True) -> None:
        self.theme = theme
        self.depth = depth
        self.has_ground = has_ground
        self._nicks = NickColours(theme, depth)

    @property
    def symbols(self) -> Symbols:
        return self.theme.symbols

    def nick(self, name: str) -> str:
        """The style of what `name`, a nick or a bare address, is written in (XEP-0392)."""
        return self._nicks.style(name)

    @cached_property
    def base(self) -> str:
        """What everything is drawn on, for prompt_toolkit; empty where that is the terminal's."""
        style = self.theme.style("base", self.depth)
        if self.has_ground:
            return style
        return " ".join(word for word in style.split() if not word.startswith("bg:"))

    @cached_property
    def style(self) -> BaseStyle:
        """All of it, for prompt_toolkit."""
        rules = [("", self.base)] if self.base else []
        for name in self.theme.styles:
            if name == "base":
                continue
            is_taken = name.startswith(("completion-menu", "selected", "search-toolbar"))
            words = self.theme.style(name, self.depth)
            rules.append((name, f"{_PLAIN} {words}" if is_taken else words))
        return Style(rules)


class Wardrobe:
    """The skin that is worn: `now`, by `settings`, which also changes when the theme's file does.

    `on_change` is called behind every change; `on_problem` with what is wrong, in one line that
    says where. Then the old look stays.
    """

    def __init__(
        self,
        settings: Settings,
        on_change: Callable[[], None],
        on_problem: Callable[[str], None],
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._settings = settings
        self._on_change = on_change
        self._on_problem = on_problem
        self._depth = depth_of(environment)
        # GNU screen erases with the terminal's colours, not with those that are set.
        self._has_ground = "STY" not in environment
        self._name = settings.config.ui.theme
        self._watches: dict[Path, FileWatch] = {}
        self.problem = ""
        try:
            self.now = self._made(load_theme(self._name))
        except ConfigError as error:
            self.problem = str(error)
            self.now = self._made(load_theme(DEFAULT))

    @property
    def colour_depth(self) -> ColorDepth:
        """For prompt_toolkit."""
        return DEPTHS[self._depth]

    def open(self) -> None:
        """Follow the settings and the file, in the running loop."""
        self._settings.observers.append(self._settings_changed)
        self._follow()
        if self.problem:
            self._on_problem(self.problem)

    def close(self) -> None:
        self._settings.observers.remove(self._settings_changed)
        for watch in self._watches.values():
            watch.close()
        self._watches.clear()

    def _settings_changed(self) -> None:
        if self._settings.config.ui.theme != self._name:
            self._name = self._settings.config.ui.theme
            self._reload()

    def _reload(self) -> None:
        self.problem = ""
        try:
            self.now = self._made(load_theme(self._name))
        except ConfigError as error:
            self.problem = str(error)
        self._on_problem(self.problem)
        self._follow()
        self._on_change()

    def _follow(self) -> None:
        """Watch the files that the theme is made of, and that which is wrong."""
        paths = set(self.now.theme.files)
        try:
            paths.add(find_theme(self._name))
        except ConfigError as error:
            logger.debug("%s", error)
        for path in self._watches.keys() - paths:
            self._watches.pop(path).close()
        for path in paths - self._watches.keys():
            watch = self._watches[path] = FileWatch(path, self._reload)
            watch.open()

    def _made(self, theme: Theme) -> Skin:
        return Skin(theme, self._depth, has_ground=self._has_ground)
