"""Themes: what is shipped can be read everywhere, and a wrong one says where and why."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from termxmpp.core.message import Fate
from termxmpp.errors import ConfigError
from termxmpp.ui.colours import ANSI, contrast, depth_of, to_rgb
from termxmpp.ui.skin import Skin
from termxmpp.ui.theme import Symbols, Theme, load_theme, theme_names

SHIPPED = ["ascii", "contrast", "dark", "light"]

# These are lines and grounds: nobody reads them.
UNREAD = {"border", "code-bar", "scrollbar.background", "scrollbar.button", "base"}


def test_four_are_shipped() -> None:
    assert set(SHIPPED) <= set(theme_names())
    assert [load_theme(name).background for name in SHIPPED] == ["dark", "dark", "dark", "light"]


def written_on(theme: Theme, name: str, depth: int) -> tuple[str, str]:
    """The colours of a style and of what it is on, as they are seen."""
    words = [*theme.styles["base"].split(), *theme.styles[name].split()]
    colour, ground = "#ffffff", theme.ground(depth)
    for word in words:
        if word.startswith("bg:"):
            ground = theme.colour(word[3:], depth)
        elif word in theme.colors or word in ANSI:
            colour = theme.colour(word, depth)
    return (ground, colour) if "reverse" in words else (colour, ground)


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("depth", [4, 24])
def test_each_style_can_be_read(name: str, depth: int) -> None:
    theme = load_theme(name)
    if not theme.styles["base"]:
        # It has no colours but the terminal's own.
        words = {word for style in theme.styles.values() for word in style.split()}
        assert not words & {*theme.colors, *ANSI}
        return
    for style in theme.styles.keys() - UNREAD:
        colour, ground = written_on(theme, style, depth)
        assert contrast(colour, ground) >= 4.5, style


@pytest.mark.parametrize("name", SHIPPED)
def test_without_colours_nothing_has_one(name: str) -> None:
    theme = load_theme(name)
    for style in theme.styles:
        assert "fg:" not in theme.style(style, 1)
        assert "bg:" not in theme.style(style, 1)


@pytest.mark.parametrize("depth", [1, 4, 8, 24])
@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_is_told_by_colour_alone(name: str, depth: int) -> None:
    """What is chosen or is wrong has an attribute or a ground of its own, and its sign."""
    skin = Skin(load_theme(name), depth)
    base = skin.style.get_attrs_for_style_str("")
    for style in ("sidebar.current", "selected", "overlay.current", "status.problem"):
        assert skin.style.get_attrs_for_style_str(f"class:{style}") != base
    marks = [getattr(skin.symbols, fate.name.lower()) for fate in Fate]
    assert len(set(marks)) == len(marks)
    states = ["online", "away", "xa", "dnd", "offline"]
    assert len({getattr(skin.symbols, state) for state in states}) == len(states)


def test_the_marks_are_the_contracts() -> None:
    for name in ("dark", "light", "contrast"):
        symbols = load_theme(name).symbols
        assert [getattr(symbols, fate.name.lower()) for fate in Fate] == [
            fate.value for fate in Fate
        ]


def test_ascii_is_ascii() -> None:
    symbols = load_theme("ascii").symbols
    assert all(getattr(symbols, each.name).isascii() for each in fields(Symbols))


def make(folder: Path, text: str, name: str = "own") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text)
    return path


def test_a_theme_of_ones_own_says_only_what_is_different(tmp_path: Path) -> None:
    path = make(
        tmp_path,
        'inherits = "light"\n[colors]\nmine = "#112233"\n'
        '[styles]\ntime = "mine"\n[symbols]\nsent = ">"\n',
    )
    theme = load_theme(str(path))
    light = load_theme("light")
    assert theme.name == "own"
    assert theme.style("time", 24) == "fg:#112233"
    assert theme.style("time", 4) == "fg:ansiblack"
    assert theme.symbols.sent == ">"
    assert theme.styles["date"] == light.styles["date"]
    assert theme.background == "light"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[styels]\n", ":1: unknown table or key 'styels'; did you mean 'styles'?"),
        ('[styles]\n\ntimes = "dim"\n', ":3: unknown key 'times' of styles; did you mean 'time'?"),
        ('[styles]\n"fate.fialed" = "dim"\n', ":2: unknown key 'fate.fialed' of styles; did you"),
        (
            '[styles]\ntime = "acent bold"\n',
            ":2: 'acent' of time is no colour and no attribute; did you mean 'accent'?",
        ),
        ("[styles]\ntime = 3\n", ":2: time must be words in quotes."),
        ('[colors]\nfoo = "#12345"\n', ":2: foo must be a colour like"),
        ('[colors]\nfoo = ["#123456", "gren"]\n', ":2: foo must be a colour like"),
        ('[symbols]\nsend = "x"\n', ":2: unknown key 'send' of symbols; did you mean 'sent'?"),
        ('[symbols]\nborder = "xx"\n', ":2: border must be a text of one column."),
        ('[symbols]\nborder = "界"\n', ":2: border must be a text of one column."),
        ('[symbols]\nborder = "\\u001b"\n', ":2: border must be a text of one column."),
        ('[symbols]\nsent = "\\u202e"\n', ":2: sent must be a text of one to three columns."),
        (
            "[nicks]\ncolours = true\n",
            ":2: unknown key 'colours' of nicks; did you mean 'colored'?",
        ),
        ("[nicks]\nlightness = 200\n", ":2: lightness must be a number from 0 to 100."),
        ('[nicks]\nsixteen = ["pink"]\n', ":2: sixteen must be a list of the sixteen colours."),
        ('background = "grey"\n', ":1: background must be dark, light."),
        ('inherits = "drak"\n', "There is no theme 'drak'; there are "),
        ("styles = 3\n", ":1: styles must be [styles]."),
        ("[styles\n", "own.toml: "),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    path = make(tmp_path, text)
    with pytest.raises(ConfigError) as error:
        load_theme(str(path))
    assert told in str(error.value)
    if told.startswith(":"):
        assert str(error.value).startswith(f"{path}{told}")


def test_a_theme_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(ConfigError, match="There is no theme 'drak'; there are ascii, contrast"):
        load_theme("drak")
    with pytest.raises(ConfigError, match="there is no such theme"):
        load_theme("/nowhere/at.toml")


def test_themes_that_inherit_in_a_circle(tmp_path: Path) -> None:
    other = make(tmp_path, f'inherits = "{tmp_path / "one.toml"}"\n', "other")
    one = make(tmp_path, f'inherits = "{other}"\n', "one")
    with pytest.raises(ConfigError, match="can't inherit from itself"):
        load_theme(str(one))


@pytest.mark.parametrize(
    ("environment", "depth"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, 24),
        ({"TERM": "xterm-256color", "COLORTERM": "24bit"}, 24),
        ({"TERM": "xterm-256color"}, 8),
        ({"TERM": "tmux-256color"}, 8),
        ({"TERM": "xterm-kitty"}, 24),
        ({"TERM": "foot"}, 24),
        ({"TERM": "alacritty"}, 24),
        ({"TERM": "xterm-direct"}, 24),
        ({"TERM": "xterm"}, 4),
        ({"TERM": "linux"}, 4),
        ({"TERM": "linux", "COLORTERM": "truecolor"}, 4),
        ({"TERM": "screen"}, 4),
        ({"TERM": "vt100"}, 1),
        ({"TERM": "dumb"}, 1),
        ({}, 1),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, 1),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, 8),
    ],
)
def test_what_colours_a_terminal_has(environment: dict[str, str], depth: int) -> None:
    assert depth_of(environment) == depth


def test_a_colour_in_numbers() -> None:
    assert to_rgb("#102030") == (16, 32, 48)
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("white", "white") == 1
