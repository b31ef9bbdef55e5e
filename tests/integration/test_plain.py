"""Line mode in a real terminal against a real server; and on a terminal that can do nothing."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from termxmpp.demo.server import PrivateProsody
from termxmpp.plain.session import TWICE
from tests.integration.test_screen import command, send_as_bob
from tests.support.terminal import Terminal, environment

CTRL_C, CTRL_D, CTRL_Z = "\x03", "\x04", "\x1a"


@pytest.fixture
def terminal(prosody: PrivateProsody, tmp_path: Path) -> Iterator[Terminal]:
    """alice, online, in line mode."""
    with Terminal([*command(prosody), "--plain"], environment(tmp_path), columns=100) as running:
        running.wait_for("alice@localhost: online")
        yield running
        assert b"\x1b" not in running.output


def test_what_comes_is_a_line_and_what_is_said_too(
    terminal: Terminal, prosody: PrivateProsody
) -> None:
    send_as_bob(prosody, "hello alice")
    terminal.wait_for("bob@localhost: hello alice")
    terminal.type("/msg bob@localhost\n")
    terminal.wait_for("-> bob@localhost")
    terminal.type("hello bob\n")
    terminal.wait_for("you: hello bob")


def test_a_line_that_ends_with_a_backslash_goes_on(terminal: Terminal) -> None:
    terminal.type("/msg bob@localhost\n")
    terminal.wait_for("-> bob@localhost")
    terminal.type("one \\\ntwo\n")
    terminal.wait_for("you: one")
    terminal.wait_until(lambda: "      two" in terminal.lines, "the second line")


def test_a_bounce_is_told_with_its_reason(terminal: Terminal) -> None:
    terminal.type("/msg nobody@localhost are you there\n")
    terminal.wait_for("Not sent to nobody@localhost: are you there (")


def test_an_error_is_told_once(terminal: Terminal) -> None:
    terminal.type("/hlep\n/win\n")
    terminal.wait_for(" 1  alice@localhost")
    assert terminal.text.count("Error: There is no command /hlep.") == 1


def test_the_end_of_input_quits(terminal: Terminal) -> None:
    terminal.type(CTRL_D)
    assert terminal.wait_for_exit() == 0


def asks_to_quit(terminal: Terminal) -> None:
    """Ctrl-C twice; once more only if so busy a machine has let too much time pass between."""
    hint, question = "Ctrl-C again at once asks whether to quit.", "Quit termxmpp? (y/n)"

    def answers() -> int:
        return terminal.text.count(hint) + terminal.text.count(question)

    def press() -> float:
        before, at = answers(), time.monotonic()
        terminal.type(CTRL_C)
        terminal.wait_until(lambda: answers() > before, "an answer")
        return at

    pressed_at = press()
    assert (hint in terminal.text, question in terminal.text) == (True, False)
    while question not in terminal.text:
        before, pressed_at = pressed_at, press()
        assert question in terminal.text or time.monotonic() - before > TWICE


def test_ctrl_c_twice_asks_and_no_goes_on(terminal: Terminal) -> None:
    asks_to_quit(terminal)
    terminal.type("n\n")
    terminal.wait_for("Going on.")
    terminal.type("/win\n")
    terminal.wait_for(" 1  alice@localhost")


def test_ctrl_c_twice_and_yes_quits_with_the_terminal_as_it_was(terminal: Terminal) -> None:
    asks_to_quit(terminal)
    terminal.type("y\n")
    assert terminal.wait_for_exit() == 0
    assert terminal.is_restored


def test_a_terminal_that_is_not_read_loses_nothing_and_stops_nothing(
    terminal: Terminal, prosody: PrivateProsody
) -> None:
    for first in range(0, 2000, 500):
        lines = range(first, first + 500)
        send_as_bob(prosody, "\n".join(f"flood-{number:04}." for number in lines))
    send_as_bob(prosody, "the end")
    terminal.wait_for("bob@localhost: the end")
    told = [int(each) for each in re.findall(rb"flood-(\d{4})\.", terminal.output)]
    assert told == list(range(2000))
    terminal.type("/win\n")
    terminal.wait_for(" 1  alice@localhost")


def test_nothing_wakes_it_while_nothing_happens(terminal: Terminal) -> None:
    terminal.read_for(1)
    before = terminal.wake_ups()
    terminal.read_for(3)
    assert terminal.wake_ups() == before


def test_no_line_is_lost_on_a_terminal_that_is_read_late(
    terminal: Terminal, prosody: PrivateProsody
) -> None:
    terminal.type("/msg bob@localhost\n")
    # What bob has said before may have scrolled it away.
    terminal.wait_until(lambda: b"-> bob@localhost" in terminal.output, "his conversation")
    for _ in range(3):
        send_as_bob(prosody, "x" * 20000)
    send_as_bob(prosody, "the end")
    terminal.wait_for("bob@localhost: the end")
    assert terminal.output.count(b"x" * 20000) == 3


def test_a_dumb_terminal_gets_lines_by_itself(prosody: PrivateProsody, tmp_path: Path) -> None:
    surroundings = {**environment(tmp_path), "TERM": "dumb"}
    with Terminal(command(prosody), surroundings) as running:
        running.wait_for("alice@localhost: online")
        running.type(CTRL_D)
        assert running.wait_for_exit() == 0
        assert b"\x1b" not in running.output


def test_stopped_by_ctrl_z_it_goes_on_with_the_next_line(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    """In a shell that has jobs; the server knows that nobody looks (XEP-0352)."""
    surroundings = {**environment(tmp_path), "PS1": "shell$ "}
    with Terminal(["bash", "--norc", "-i"], surroundings, columns=100) as terminal:
        terminal.wait_for("shell$")
        terminal.type(" ".join([*command(prosody), "--plain"]) + "\n")
        terminal.wait_for("alice@localhost: online")
        told = prosody.log().count("]: <inactive ")
        terminal.type(CTRL_Z)
        terminal.wait_for("Stopped")
        terminal.wait_until(
            lambda: prosody.log().count("]: <inactive ") == told + 1, "the server to be told"
        )
        send_as_bob(prosody, "meanwhile")
        terminal.type("echo $((6 * 7))\n")
        terminal.wait_for("42")
        assert "meanwhile" not in terminal.text
        terminal.type("fg\n")
        terminal.wait_for("bob@localhost: meanwhile")
        terminal.type("/win\n")
        terminal.wait_for(" 1  alice@localhost")
        terminal.type(CTRL_Z)
        terminal.wait_until(lambda: terminal.text.count("Stopped") == 2, "the second stop")
        terminal.type("fg\n/quit\n")
        terminal.wait_until(lambda: terminal.text.count("shell$") >= 4, "the end")


def test_a_password_stays_unseen_also_after_a_stop(prosody: PrivateProsody, tmp_path: Path) -> None:
    surroundings = {**environment(tmp_path), "PS1": "shell$ "}
    with Terminal(["bash", "--norc", "-i"], surroundings, columns=100) as terminal:
        terminal.wait_for("shell$")
        terminal.type(" ".join([*command(prosody), "--plain"]) + "\n")
        terminal.wait_for("alice@localhost: online")
        terminal.type("/account add bob@localhost\n")

        def asked() -> int:
            return terminal.text.count("Password for bob@localhost")

        terminal.wait_until(lambda: asked() == 1, "the question")
        terminal.type(CTRL_Z)
        terminal.wait_for("Stopped")
        terminal.type("echo $((6 * 7))\n")
        terminal.wait_for("42")
        terminal.type("fg\n")
        terminal.wait_until(lambda: asked() == 2, "the question, told again")
        terminal.type("build\n")
        terminal.wait_for("bob@localhost is online.")
        assert "build" not in terminal.text
        terminal.type("/quit\n")
        terminal.wait_until(lambda: terminal.text.count("shell$") >= 3, "the end")
