"""The scene of the benches: a private server, alice's screen, and bob who writes to her."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from termxmpp.demo.server import PrivateProsody
from tests.support.terminal import Terminal, environment

__all__ = ["ALICE", "Bob", "Stage", "stage"]

ALICE = "alice@localhost/bench"


class Bob:
    """A peer in a process of his own.

    He sends `count` messages to a person or a room, `rate` a second (0: at once).
    """

    def __init__(self, server: PrivateProsody, rate: float, count: int, to: str = ALICE) -> None:
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.bench.peer", str(server.port)),
                *(str(server.ca_file), to, str(rate), str(count)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.hears()

    def begins(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def hears(self) -> str:
        """The next line that he prints."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


class Stage:
    """alice online in `terminal`, with bob's conversation open."""

    def __init__(self, server: PrivateProsody, terminal: Terminal) -> None:
        self.server = server
        self.terminal = terminal

    @contextmanager
    def bob(self, rate: float, count: int) -> Iterator[Bob]:
        bob = Bob(self.server, rate, count)
        try:
            yield bob
        finally:
            bob.close()


@contextmanager
def stage(columns: int = 100, rows: int = 30) -> Iterator[Stage]:
    server = PrivateProsody({"alice": "wonder", "bob": "build"})
    try:
        server.start()
        command = [
            *(sys.executable, "-m", "termxmpp", ALICE, "--ca-file", str(server.ca_file)),
            *("--server", f"127.0.0.1:{server.port}"),
        ]
        with (
            tempfile.TemporaryDirectory() as home,
            Terminal(command, environment(Path(home)), columns=columns, rows=rows) as terminal,
        ):
            terminal.wait_for("alice@localhost: online")
            terminal.type("/msg bob@localhost\r")
            terminal.wait_for("bob@localhost  offline")
            terminal.read_for(1.5)
            yield Stage(server, terminal)
    finally:
        server.close()
