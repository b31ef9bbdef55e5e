"""Start: one message by --send, from the start of the program to its end, and to the screen."""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from termxmpp.demo.server import PrivateProsody
from tests.bench.measure import processor_ms, resident_mb
from tests.support.terminal import Terminal, environment

__all__ = ["main"]

RUNS = 20


def main() -> None:
    server = PrivateProsody({"alice": "wonder", "bob": "build"})
    try:
        server.start()
        way = ["--server", f"127.0.0.1:{server.port}", "--ca-file", str(server.ca_file)]
        program = [sys.executable, "-m", "termxmpp", "alice@localhost", *way]
        print(f"start: Python {platform.python_version()}, n={RUNS} each, ms: median (min-max)")
        sending = [*program, "--send", "bob@localhost"]
        print(f"  --send one message, proven: {_timed([*sending, 'hello'])}")
        hundred = "".join(f"line {number}\n" for number in range(100)).encode()
        print(f"  --send --lines, 100, proven: {_timed([*sending, '--lines'], hundred)}")
        print(f"  --version: {_timed([sys.executable, '-m', 'termxmpp', '--version'])}")
        print(f"  to online on the screen: {_online(program)}")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
        print(f"  the largest of all had {peak:.0f} MB")
    finally:
        server.close()


def _timed(command: list[str], stdin: bytes = b"") -> str:
    times = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        subprocess.run(
            command,
            input=stdin,
            stdout=subprocess.DEVNULL,
            check=True,
            env=dict(os.environ, TERMXMPP_PASSWORD="wonder"),
        )
        times.append((time.perf_counter() - begin) * 1000)
    return _told(times)


def _online(command: list[str]) -> str:
    times, used, memory = [], [], []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as home:
            begin = time.perf_counter()
            with Terminal(command, environment(Path(home)), columns=120, rows=40) as terminal:
                terminal.wait_for("alice@localhost: online")
                times.append((time.perf_counter() - begin) * 1000)
                used.append(processor_ms(terminal.pid))
                memory.append(resident_mb(terminal.pid))
    return (
        f"{_told(times)}, {statistics.median(used):.0f} ms CPU, "
        f"{statistics.median(memory):.0f} MB resident"
    )


def _told(times: list[float]) -> str:
    return f"{statistics.median(times):.0f} ({min(times):.0f}-{max(times):.0f})"
