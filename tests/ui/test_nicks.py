"""Colours of nicks (XEP-0392)."""

from __future__ import annotations

import pytest

from termxmpp.ui.colours import ANSI, contrast
from termxmpp.ui.nicks import LEAST_CONTRAST, NickColours, hue_of
from termxmpp.ui.theme import load_theme, theme_names

NAMES = [f"nick{number}" for number in range(500)]


@pytest.mark.parametrize(
    ("name", "hue"),
    [
        ("Romeo", 327.255249),
        ("juliet@capulet.lit", 209.410400),
        ("😺", 331.199341),
        ("council", 359.994507),
        ("Board", 171.430664),
    ],
)
def test_the_hues_are_those_of_the_xep(name: str, hue: float) -> None:
    assert hue_of(name) == pytest.approx(hue, abs=1e-6)


@pytest.mark.parametrize("theme", theme_names())
@pytest.mark.parametrize("depth", [4, 8, 24])
def test_each_can_be_read(theme: str, depth: int) -> None:
    found = load_theme(theme)
    if not found.nicks.colored:
        assert {NickColours(found, depth).style(name) for name in NAMES} == {""}
        return
    colours = {NickColours(found, depth).colour(hue) for hue in range(360)}
    assert len(colours) > 1
    for colour in colours:
        assert contrast(colour, found.ground(depth)) >= LEAST_CONTRAST, colour


def test_sixteen_are_named_not_reckoned() -> None:
    colours = NickColours(load_theme("dark"), 4)
    names = {name for name, _digits in ANSI.values()}
    assert {colours.style(name).removeprefix("fg:") for name in NAMES} <= names


def test_with_many_colours_names_differ() -> None:
    colours = NickColours(load_theme("dark"), 24)
    assert len({colours.style(name) for name in NAMES}) > 100


def test_without_colours_there_are_none() -> None:
    assert NickColours(load_theme("dark"), 1).style("bob") == ""
