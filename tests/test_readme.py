"""README and code say the same: each command, setting, feature and exit status is in both."""

from __future__ import annotations

import re
from pathlib import Path

from termxmpp.arguments import help_text
from termxmpp.commands.help import markdown_table
from termxmpp.commands.registry import Registry
from termxmpp.config import config_help
from termxmpp.features import FEATURES
from termxmpp.ui.theme import load_theme
from termxmpp.workspace import WORKSPACE_COMMANDS
from tests.doap import declarations, markdown, merged

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(name: str) -> str:
    """What stands in README between the marks of `name`."""
    match = re.search(rf"<!-- {name} -->\n(.*)<!-- /{name} -->", README, re.DOTALL)
    assert match is not None
    return match[1]


def test_the_commands_are_those_there_are() -> None:
    commands = [command for feature in FEATURES for command in feature.commands]
    assert section("commands") == markdown_table(Registry([*WORKSPACE_COMMANDS, *commands]))


def test_the_features_are_those_there_are() -> None:
    assert section("features") == markdown(merged(declarations())), "python -m tests.doap"


def test_the_settings_are_those_there_are() -> None:
    assert section("configuration") == f"```toml\n{config_help()}```\n"


def test_every_option_of_readme_exists() -> None:
    known = set(re.findall(r"--[a-z][a-z-]+", help_text())) | {"--demo"}
    assert set(re.findall(r"(?<![-\w])--[a-z][a-z-]+", README)) <= known


def test_the_two_commands_of_a_fresh_machine_are_there() -> None:
    lines = README.splitlines()
    assert any(line.startswith("apt-get install") and line.endswith("--demo") for line in lines)
    assert "tests/run" in lines


def test_the_top_level_holds_what_the_layout_allows() -> None:
    allowed = {
        *("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"),
        *("termxmpp", "tests", "screenshots", "build", "dist"),
    }
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert found <= allowed


def test_the_theme_that_it_shows_is_one(tmp_path: Path) -> None:
    looks = README.partition("## Looks")[2]
    path = tmp_path / "mine.toml"
    path.write_text(looks.partition("```toml\n")[2].partition("```")[0], encoding="utf-8")
    assert load_theme(str(path)).symbols.read == "◆"
