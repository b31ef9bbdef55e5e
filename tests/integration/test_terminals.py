"""The program on terminals of other kinds, and inside tmux."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from termxmpp.demo.server import PrivateProsody
from tests.support.account import LiveServer
from tests.support.terminal import Terminal, environment


def program(server: LiveServer, name: str = "alice") -> list[str]:
    place = ["--server", f"127.0.0.1:{server.port}", "--ca-file", str(server.ca_file)]
    return [sys.executable, "-m", "termxmpp", f"{name}@localhost", *place]


def talks(terminal: Terminal) -> None:
    """Use a bit of everything."""
    terminal.wait_for("alice@localhost: online")
    terminal.type("/msg bob@localhost\r")
    terminal.wait_for("bob@localhost  offline")
    terminal.type("hello 喜んで\r")
    terminal.wait_for("hello 喜んで ✓")
    terminal.type("\x1b1")
    terminal.wait_for("alice@localhost")
    terminal.type("\x1b2draft")
    terminal.wait_for("> draft")
    terminal.resize(60, 15)
    terminal.wait_for("hello 喜んで ✓")
    terminal.type("\x15/quit\r")


@pytest.mark.parametrize(
    "kind", ["xterm", "xterm-256color", "linux", "screen", "tmux-256color", "vt100", "unheard-of"]
)
def test_it_serves_every_kind_that_moves_its_cursor(
    prosody: PrivateProsody, tmp_path: Path, kind: str
) -> None:
    surroundings = {**environment(tmp_path), "TERM": kind}
    with Terminal(program(prosody), surroundings) as terminal:
        talks(terminal)
        assert terminal.wait_for_exit() == 0
        assert terminal.is_restored


def test_it_runs_inside_tmux(prosody: PrivateProsody, tmp_path: Path) -> None:
    # A server of its own, without the user's configuration, that ends with its only window.
    tmux = ["tmux", "-u", "-S", str(tmp_path / "socket"), "-f", os.devnull, "new-session"]
    with Terminal([*tmux, *program(prosody)], environment(tmp_path)) as terminal:
        talks(terminal)
        assert terminal.wait_for_exit() == 0
