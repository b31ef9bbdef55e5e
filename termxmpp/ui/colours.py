"""Colours as numbers: how well one is read on another, and which of them a terminal has.

A colour is `#rrggbb`, or the name of one of the terminal's own sixteen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["ANSI", "CUBE", "contrast", "depth_of", "is_colour", "luminance", "to_rgb"]

Rgb = tuple[int, int, int]

# prompt_toolkit's names for the sixteen, by ours, with what xterm shows for each.
ANSI: Mapping[str, tuple[str, str]] = {
    "black": ("ansiblack", "#000000"),
    "red": ("ansired", "#cd0000"),
    "green": ("ansigreen", "#00cd00"),
    "yellow": ("ansiyellow", "#cdcd00"),
    "blue": ("ansiblue", "#0000ee"),
    "magenta": ("ansimagenta", "#cd00cd"),
    "cyan": ("ansicyan", "#00cdcd"),
    "white": ("ansigray", "#e5e5e5"),
    "bright-black": ("ansibrightblack", "#7f7f7f"),
    "bright-red": ("ansibrightred", "#ff0000"),
    "bright-green": ("ansibrightgreen", "#00ff00"),
    "bright-yellow": ("ansibrightyellow", "#ffff00"),
    "bright-blue": ("ansibrightblue", "#5c5cff"),
    "bright-magenta": ("ansibrightmagenta", "#ff00ff"),
    "bright-cyan": ("ansibrightcyan", "#00ffff"),
    "bright-white": ("ansiwhite", "#ffffff"),
}

_STEPS = (0, 95, 135, 175, 215, 255)

CUBE: tuple[str, ...] = tuple(
    f"#{red:02x}{green:02x}{blue:02x}" for red in _STEPS for green in _STEPS for blue in _STEPS
)
"""Those of the 256 that are the same on every terminal, greys aside: numbers 16 to 231."""

_HEX = re.compile("#[0-9a-fA-F]{6}")

# Terminals that have all colours and may be known by nothing but their name, as over ssh.
_TRUE = ("direct", "kitty", "foot", "alacritty", "ghostty", "wezterm", "contour")
_EIGHT_BITS = ("256", "tmux")
_NONE = ("dumb", "vt", "unknown")
_SIXTEEN = ("linux", "eterm", "xterm", "rxvt", "screen", "ansi", "cygwin", "cons25")


def is_colour(text: str) -> bool:
    """Whether `text` is `#rrggbb` or one of the sixteen."""
    return text in ANSI or _HEX.fullmatch(text) is not None


def to_rgb(colour: str) -> Rgb:
    """Red, green and blue of `colour`, each 0 to 255; of the sixteen as xterm has them."""
    digits = ANSI[colour][1] if colour in ANSI else colour
    return int(digits[1:3], 16), int(digits[3:5], 16), int(digits[5:7], 16)


def luminance(colour: str) -> float:
    """The relative luminance (WCAG 2.1): 0 is black, 1 white."""
    parts = []
    for value in to_rgb(colour):
        part = value / 255
        parts.append(part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4)
    red, green, blue = parts
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.1): 1 to 21; text wants 4.5."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def depth_of(environment: Mapping[str, str]) -> int:
    """How many bits a colour has on the terminal that `environment` tells of: 1, 4, 8 or 24.

    1 is none at all, also where NO_COLOR is set (no-color.org).
    """
    if environment.get("NO_COLOR"):
        return 1
    term = environment.get("TERM", "").lower()
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        # Some consoles inherit the variable from where they were started.
        return 24 if not term.startswith(("linux", *_NONE)) else depth_of({"TERM": term})
    if any(name in term for name in _TRUE):
        return 24
    if any(name in term for name in _EIGHT_BITS):
        return 8
    if not term or term.startswith(_NONE):
        return 1
    return 4 if term.startswith(_SIXTEEN) else 8
