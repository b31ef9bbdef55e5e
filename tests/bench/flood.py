"""A flood: 5,000 messages into the open conversation, until the last one is on the screen.

Bob has them all written before the clock starts; the time is from his start, and from the
first byte that reaches the terminal.
"""

from __future__ import annotations

import os
import platform
import select
import time

from tests.bench.measure import processor_ms
from tests.bench.peer import LAST
from tests.bench.stage import stage

__all__ = ["main"]

COUNT = 5000
RUNS = 3
PATIENCE = 20


def main() -> None:
    print(f"flood: Python {platform.python_version()}, 100x30, {COUNT} messages, {RUNS} runs")
    for _ in range(RUNS):
        with stage() as scene, scene.bob(0, COUNT) as bob:
            terminal = scene.terminal
            used = processor_ms(terminal.pid)
            begin = time.perf_counter()
            bob.begins()
            shown = read(terminal.fd)
            first = time.perf_counter()
            reads = 1
            while LAST.encode() not in shown[-4096:]:
                shown += read(terminal.fd)
                reads += 1
            end = time.perf_counter()
            used = processor_ms(terminal.pid) - used
            print(
                f"  last shown {end - begin:.2f} s after bob began, {end - first:.2f} s after "
                f"the first byte; {used / 1000:.2f} s CPU; at most {reads} frames; the server "
                f"alone took {bob.hears()} s to take them"
            )


def read(fd: int) -> bytes:
    """What comes next from the terminal; TimeoutError if nothing comes for long."""
    if not select.select([fd], [], [], PATIENCE)[0]:
        raise TimeoutError(f"The last message is not on the screen after {PATIENCE} s of silence.")
    return os.read(fd, 65536)
