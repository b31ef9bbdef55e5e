"""Keystroke to echo: from writing a key to the pty to the byte of its letter coming back.

1,000 keys, one after the other, without and with a peer who sends 200 messages a second into
the open conversation; and beside profanity, both in a conversation with nothing going on. Between
keys all output is taken, so that no echo waits in our own pipe.
"""

from __future__ import annotations

import os
import platform
import select
import time

from termxmpp.demo.server import PrivateProsody
from tests.bench.clients import CLIENTS
from tests.bench.measure import percentile
from tests.bench.stage import stage
from tests.support.rosters import stored_roster
from tests.support.terminal import Terminal

__all__ = ["Typist", "main"]

KEYS = 1000
PAUSE = 0.02
RATES = (0, 200)

# Who is measured in turns, and how often.
BESIDE, ROUNDS = ("termxmpp", "profanity"), 4

# In capitals, which neither the messages nor the frame hold; each differs from the one before.
LETTERS = "QZJX"
CLEAR = b"\x15"
LINE = 40


def main() -> None:
    print(f"keys: Python {platform.python_version()}, 100x30, pause {PAUSE * 1000:.0f} ms")
    for rate in RATES:
        with stage() as scene:
            if rate:
                with scene.bob(rate, 10**6) as bob:
                    bob.begins()
                    scene.terminal.read_for(1)
                    times = typed(scene.terminal)
            else:
                times = typed(scene.terminal)
        print(f"  {rate:3} messages/s: {_told(times)}")
    _beside()


def _beside() -> None:
    server = PrivateProsody({"alice": "wonder", "bob": "build"})
    server.store("roster", "alice", stored_roster([("bob@localhost", "Bob", "")]))
    try:
        server.start()
        times: dict[str, list[float]] = {name: [] for name in BESIDE}
        for _ in range(ROUNDS):
            for name in BESIDE:
                with CLIENTS[name](server, "Bob") as terminal:
                    if terminal is not None:
                        terminal.type("/msg bob@localhost\r")
                        terminal.read_for(1.5)
                        times[name] += typed(terminal, KEYS // ROUNDS)
        for name, each in times.items():
            print(f"  {name:9} idle: {_told(each)}" if each else f"  {name:9} is not installed")
    finally:
        server.close()


def typed(terminal: Terminal, keys: int = KEYS) -> list[float]:
    """Milliseconds from each key to its echo."""
    typist = Typist(terminal.fd)
    for _ in range(keys):
        typist.types()
    return typist.times


class Typist:
    """Presses keys in the terminal `fd`; `times` are the milliseconds from each to its echo."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self.times: list[float] = []

    def types(self) -> None:
        """Press one key, wait for its echo, and a little longer."""
        if len(self.times) % LINE == 0:
            os.write(self._fd, CLEAR)
            _take_for(self._fd, 0.1)
        letter = LETTERS[len(self.times) % len(LETTERS)].encode()
        begin = time.perf_counter()
        os.write(self._fd, letter)
        while letter not in os.read(self._fd, 65536):
            pass
        self.times.append((time.perf_counter() - begin) * 1000)
        _take_for(self._fd, PAUSE)


def _told(times: list[float]) -> str:
    return (
        f"n={len(times)} p50={percentile(times, 50):.2f} "
        f"p99={percentile(times, 99):.1f} max={max(times):.1f} ms"
    )


def _take_for(fd: int, seconds: float) -> None:
    end = time.perf_counter() + seconds
    while (left := end - time.perf_counter()) > 0:
        if select.select([fd], [], [], left)[0]:
            os.read(fd, 65536)
