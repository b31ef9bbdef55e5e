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
# A line begins with another letter than the one before it: else nothing of it need be drawn
# where both keys are taken at once.
LINE = 41


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
    """Presses keys in the terminal `fd`; `times` are the milliseconds from each to its echo.

    `seen_at` is when the screen was first told of `sign`, by `time.perf_counter`.
    """

    def __init__(self, fd: int, sign: str = "") -> None:
        self._fd = fd
        self._sign = sign.encode()
        self._tail = b""
        self.times: list[float] = []
        self.seen_at: float | None = None

    def types(self) -> None:
        """Press one key, wait for its echo, and a little longer."""
        if len(self.times) % LINE == 0:
            os.write(self._fd, CLEAR)
            self.takes_for(0.1)
        letter = LETTERS[len(self.times) % len(LETTERS)].encode()
        begin = time.perf_counter()
        os.write(self._fd, letter)
        while letter not in self._read():
            pass
        self.times.append((time.perf_counter() - begin) * 1000)
        self.takes_for(PAUSE)

    def takes_for(self, seconds: float) -> None:
        """Take what comes for so long."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if select.select([self._fd], [], [], left)[0]:
                self._read()

    def _read(self) -> bytes:
        found = os.read(self._fd, 65536)
        if self._sign and self.seen_at is None:
            self._tail = (self._tail + found)[-65536 - len(self._sign) :]
            if self._sign in self._tail:
                self.seen_at = time.perf_counter()
        return found


def _told(times: list[float]) -> str:
    return (
        f"n={len(times)} p50={percentile(times, 50):.2f} "
        f"p99={percentile(times, 99):.1f} max={max(times):.1f} ms"
    )
