"""The theme that is worn: changed by the setting and by its file, and kept if that is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from prompt_toolkit.output import ColorDepth

from termxmpp.config import Config, UiConfig
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.settings import Settings
from termxmpp.ui.skin import Wardrobe

PATIENCE = 10.0
TRUE = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


class Worn:
    """A wardrobe for the theme `name`, and what it has told."""

    def __init__(self, name: str) -> None:
        self.settings = Settings(Config(ui=UiConfig(theme=name)))
        self.problems: list[str] = []
        self._changed = asyncio.Event()
        self.wardrobe = Wardrobe(self.settings, self._changed.set, self.problems.append, TRUE)
        self.wardrobe.open()

    async def changes(self, by: Callable[[], object]) -> None:
        self._changed.clear()
        by()
        async with asyncio.timeout(PATIENCE):
            await self._changed.wait()

    def time_style(self) -> str:
        return self.wardrobe.now.theme.styles["time"]


def test_the_setting_changes_it_at_once() -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        worn = Worn("dark")
        await worn.changes(lambda: worn.settings.replace(Config(ui=UiConfig(theme="light"))))
        assert worn.wardrobe.now.theme.name == "light"
        await worn.changes(lambda: worn.settings.replace(Config(ui=UiConfig(theme="lihgt"))))
        assert worn.wardrobe.now.theme.name == "light"
        assert "There is no theme 'lihgt'" in worn.problems[-1]
        worn.wardrobe.close()
        assert worn.settings.observers == []

    run(main)


def test_its_file_changes_it_at_once(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('[styles]\ntime = "red"\n')

    async def main(mainloop: EpollMainLoop) -> None:
        worn = Worn(str(path))
        assert worn.time_style() == "red"
        await worn.changes(lambda: path.write_text('[styles]\ntime = "green"\n'))
        assert worn.time_style() == "green"
        await worn.changes(lambda: path.write_text('[styles]\ntime = "grene"\n'))
        assert worn.time_style() == "green"
        assert worn.problems[-1].startswith(f"{path}:2: 'grene' of time is no colour")
        await worn.changes(lambda: path.write_text('[styles]\ntime = "blue"\n'))
        assert worn.time_style() == "blue"
        assert worn.problems[-1] == ""
        worn.wardrobe.close()

    run(main)


def test_what_it_inherits_from_changes_it_too(tmp_path: Path) -> None:
    base, own = tmp_path / "base.toml", tmp_path / "own.toml"
    base.write_text('[styles]\ntime = "red"\n')
    own.write_text(f'inherits = "{base}"\n')

    async def main(mainloop: EpollMainLoop) -> None:
        worn = Worn(str(own))
        await worn.changes(lambda: base.write_text('[styles]\ntime = "green"\n'))
        assert worn.time_style() == "green"
        worn.wardrobe.close()

    run(main)


def test_a_theme_that_is_wrong_from_the_start_is_the_dark_one_until_it_is_mended(
    tmp_path: Path,
) -> None:
    path = tmp_path / "own.toml"

    async def main(mainloop: EpollMainLoop) -> None:
        worn = Worn(str(path))
        assert worn.wardrobe.now.theme.name == "dark"
        assert "there is no such theme" in worn.problems[-1]
        path.write_text("[styles]\ntimes = 1\n")
        worn.settings.replace(Config(ui=UiConfig(theme="light")))
        await worn.changes(lambda: worn.settings.replace(Config(ui=UiConfig(theme=str(path)))))
        assert "unknown key 'times'" in worn.problems[-1]
        assert worn.wardrobe.now.theme.name == "light"
        await worn.changes(lambda: path.write_text('[styles]\ntime = "green"\n'))
        assert worn.time_style() == "green"
        worn.wardrobe.close()

    run(main)


def test_colours_are_those_that_the_terminal_has() -> None:
    settings = Settings()
    for environment, depth in (
        (TRUE, ColorDepth.DEPTH_24_BIT),
        ({"TERM": "linux"}, ColorDepth.DEPTH_4_BIT),
        ({**TRUE, "NO_COLOR": "1"}, ColorDepth.DEPTH_1_BIT),
    ):
        wardrobe = Wardrobe(settings, lambda: None, lambda problem: None, environment)
        assert wardrobe.colour_depth is depth


def test_where_erasing_takes_the_terminals_colours_no_ground_is_painted() -> None:
    plain = Wardrobe(Settings(), lambda: None, lambda problem: None, {**TRUE, "STY": "1.pts"})
    assert "bg:" not in plain.now.base
    painted = Wardrobe(Settings(), lambda: None, lambda problem: None, TRUE)
    assert "bg:" in painted.now.base
