"""What is written to which terminal."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing as closes

import pytest

from termxmpp.config import Config, NotifyConfig
from termxmpp.telling.terminal import closing, notification, spoken_by
from tests.support.drawn import Drawn
from tests.support.harness import Actor


@pytest.mark.parametrize(
    ("environment", "spoken"),
    [
        ({"TERM": "xterm-kitty"}, "osc99"),
        ({"TERM": "foot"}, "osc777"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "osc9"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7200"}, "osc777"),
        ({"TERM": "tmux-256color", "TMUX": "x", "KITTY_WINDOW_ID": "1"}, "osc99"),
        ({"TERM": "xterm"}, "off"),
        ({}, "off"),
    ],
)
def test_a_terminal_is_known_by_what_it_says(environment: Mapping[str, str], spoken: str) -> None:
    assert spoken_by(environment) == spoken


@pytest.mark.parametrize(
    ("spoken", "environment", "written"),
    [
        ("osc9", {}, "\x1b]9;Bob: a, b\a"),
        ("osc777", {}, "\x1b]777;notify;Bob;a, b\a"),
        ("osc9", {"TMUX": "x"}, "\x1bPtmux;\x1b\x1b]9;Bob: a, b\a\x1b\\"),
        (
            "osc99",
            {},
            "\x1b]99;i=termxmpp-3:d=0:e=1:a=focus;Qm9i\x1b\\"
            "\x1b]99;i=termxmpp-3:d=1:e=1:p=body;YTsgYg==\x1b\\",
        ),
        ("off", {}, ""),
    ],
)
def test_a_notification_has_the_terminals_form(
    spoken: str, environment: Mapping[str, str], written: str
) -> None:
    assert notification(spoken, 3, "Bob", "a; b", environment) == written


def test_only_osc_99_takes_it_away_again() -> None:
    assert closing("osc99", 3, {}) == "\x1b]99;i=termxmpp-3:p=close;\x1b\\"
    assert closing("osc9", 3, {}) == ""


def test_the_terminal_gets_the_sequence_and_nothing_of_the_peers(alice: Actor) -> None:
    config = Config(notify=NotifyConfig(terminal="osc777", desktop="off"))
    alice.run_now(alice.workspace.settings.replace, config)
    with closes(Drawn(alice, 80, 24)) as drawn:
        drawn.shows("online")
        alice.receives(
            "<message from='bob@example.org/x' type='chat'>"
            "<body>a;b\u009d0;c\u202e</body></message>"
        )
        drawn.shows("1 unread")
        written = drawn.written.decode()
    assert "\a\x1b]777;notify;Bob;a,b" in written
    [text] = written.split("\x1b]777;notify;Bob;")[1:]
    shown = text.partition("\a")[0]
    assert "\u009d" not in shown
    assert "\u202e" not in shown
    assert ";" not in shown
