"""Copying by the terminal: what it is told, by way of what stands between."""

from __future__ import annotations

import base64

import pytest

from termxmpp.errors import UserError
from termxmpp.ui.clipboard import LARGEST, copying

OSC = "\x1b]52;c;5aW9\x07"


def test_the_terminal_is_given_the_text() -> None:
    assert copying("好", {}) == OSC


def test_in_tmux_both_it_and_the_terminal_around_it_are_told() -> None:
    inner = "\x1b\x1b]52;c;5aW9\x07"
    assert copying("好", {"TMUX": "x"}) == f"{OSC}\x1bPtmux;{inner}\x1b\\"


def test_screen_passes_it_on_in_parts() -> None:
    told = copying("x" * 1000, {"STY": "x"})
    parts = told.split("\x1b\\")[:-1]
    assert all(part.startswith("\x1bP") and len(part) < 700 for part in parts)
    whole = "".join(part[2:] for part in parts)
    assert whole == f"\x1b]52;c;{base64.b64encode(b'x' * 1000).decode()}\x07"


def test_what_no_terminal_takes_is_told() -> None:
    assert copying("x" * LARGEST, {})
    with pytest.raises(UserError, match="too long"):
        copying("ä" * LARGEST, {})
