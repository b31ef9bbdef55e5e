"""`--demo`, as somebody meets it who has no account; nothing of it is left behind."""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.terminal import PATIENCE, Terminal, environment


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the demo keeps what it needs."""
    found = tmp_path / "tmp"
    found.mkdir()
    return found


@pytest.fixture
def terminal(tmp_path: Path, folder: Path) -> Iterator[Terminal]:
    surroundings = {**environment(tmp_path), "TMPDIR": str(folder)}
    del surroundings["TERMXMPP_PASSWORD"]
    with Terminal([sys.executable, "-m", "termxmpp", "--demo"], surroundings, columns=100) as demo:
        demo.wait_for("guest@localhost: online")
        yield demo


def offspring(pid: int) -> list[int]:
    """The processes that `pid` has started, and those that these have."""
    children = [
        int(word)
        for file in Path(f"/proc/{pid}/task").glob("*/children")
        for word in file.read_text().split()
    ]
    return [each for child in children for each in (child, *offspring(child))]


def wait_for_the_end_of(pids: list[int]) -> None:
    """Return when all these processes are gone; AssertionError if they stay."""
    for pid in pids:
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            ended = select.select([descriptor], [], [], PATIENCE)[0]
            assert ended, Path(f"/proc/{pid}/cmdline").read_bytes()
        finally:
            os.close(descriptor)


def test_a_contact_answers_and_a_club_talks(terminal: Terminal) -> None:
    terminal.type("/msg ada@localhost how are you\r")
    terminal.wait_for("You said: how are you")
    terminal.type("/msg club@localhost good evening all\r")
    terminal.wait_for("[grace] welcome, guest! You said something 3 words")


def test_it_leaves_nothing_behind(terminal: Terminal, folder: Path) -> None:
    started = offspring(terminal.pid)
    assert len(started) >= 4
    assert list(folder.iterdir())
    terminal.type("/quit\r")
    assert terminal.wait_for_exit() == 0
    wait_for_the_end_of(started)
    assert list(folder.iterdir()) == []


def test_it_leaves_nothing_behind_when_it_is_killed(terminal: Terminal, folder: Path) -> None:
    """By SIGKILL, which nobody can answer."""
    started = offspring(terminal.pid)
    os.kill(terminal.pid, signal.SIGKILL)
    wait_for_the_end_of(started)
    assert list(folder.iterdir()) == []
