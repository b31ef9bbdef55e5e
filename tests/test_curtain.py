"""The first frame: there before anything else is, and gone without a trace."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from termxmpp.ui.sidebar import columns_of
from tests.support.terminal import Terminal, environment

# Nothing listens there.
PROGRAM = [sys.executable, "-m", "termxmpp", "alice@localhost", "--server", "127.0.0.1:9"]
UP, DOWN = b"\x1b[?1049h", b"\x1b[?1049l"


@pytest.mark.parametrize(("columns", "border"), [(80, "│"), (69, ""), (119, "│"), (120, "│")])
def test_it_has_the_frame_and_says_that_nothing_is_connected(
    tmp_path: Path, columns: int, border: str
) -> None:
    # What needs the password waits until somebody writes into that.
    pipe = tmp_path / "password"
    os.mkfifo(pipe, 0o600)
    command = [*PROGRAM, "--password-file", str(pipe)]
    with Terminal(command, environment(tmp_path), columns=columns, rows=10) as terminal:
        terminal.wait_for("alice@localhost: offline")
        body = [(" " * columns_of(columns) + border).rstrip()] * 8
        assert terminal.lines == [*body, " alice@localhost: offline", ">"]
        pipe.write_text("wonder\n")
        terminal.wait_for("reconnecting at")


def test_what_is_typed_behind_it_is_in_the_input_and_nowhere_else(tmp_path: Path) -> None:
    with Terminal(PROGRAM, environment(tmp_path)) as terminal:
        terminal.wait_for("alice@localhost: offline")
        terminal.type("early bird")
        terminal.wait_for("> early bird")
        assert terminal.text.count("early") == 1


def test_it_is_gone_before_a_question_is_asked(tmp_path: Path) -> None:
    surroundings = environment(tmp_path)
    del surroundings["TERMXMPP_PASSWORD"]
    asking = ["--password-command", "printf 'the passphrase?' >/dev/tty; read line </dev/tty"]
    with Terminal([*PROGRAM, *asking], surroundings) as terminal:
        terminal.wait_for("the passphrase?")
        before = terminal.output.partition(b"the passphrase?")[0]
        assert before.count(UP) == before.count(DOWN) == 1
        assert terminal.is_restored


def test_an_error_behind_it_is_told_on_the_terminal_as_it_was(tmp_path: Path) -> None:
    with Terminal([*PROGRAM, "--password-file", "nowhere"], environment(tmp_path)) as terminal:
        assert terminal.wait_for_exit() == 66
        assert b"can't be read" in terminal.output.rpartition(DOWN)[2]
        assert terminal.is_restored


def test_the_screen_takes_its_place_in_one_breath(tmp_path: Path) -> None:
    with Terminal(PROGRAM, environment(tmp_path)) as terminal:
        terminal.wait_for("reconnecting at")
        assert DOWN + UP in terminal.output.replace(b"\x1b[?1004h", b"")
