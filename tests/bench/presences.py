"""A storm of 10,000 presences, of 1,000 contacts in turn, until all of them are taken in.

Prosody sends them in one go, and a message behind them: when that is on the screen, all that came
before has been taken in. Once nobody types, and once keys are pressed all the time.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.flood import read
from tests.bench.halls import STORM, halls
from tests.bench.keys import Typist
from tests.bench.measure import percentile, processor_ms
from tests.bench.peer import LAST
from tests.support.rosters import stored_roster
from tests.support.terminal import Terminal, environment

__all__ = ["main"]

PRESENCES, CONTACTS = 10_000, 1000
RUNS = 3
TARGET = 2.0


def main() -> None:
    print(
        f"presences: Python {platform.python_version()}, 120x40, {PRESENCES} presences of "
        f"{CONTACTS} contacts, {RUNS} runs (asked: {TARGET} s)"
    )
    server = halls(presences=PRESENCES, contacts=CONTACTS)
    try:
        contacts = [
            (f"c{number}@localhost", f"Contact {number:05}", f"Group {number % 10}")
            for number in range(CONTACTS)
        ]
        server.store("roster", "alice", stored_roster(contacts))
        server.start()
        command = [
            *(sys.executable, "-m", "termxmpp", "alice@localhost/bench"),
            *("--ca-file", str(server.ca_file), "--server", f"127.0.0.1:{server.port}"),
        ]
        for number in range(2 * RUNS):
            with (
                tempfile.TemporaryDirectory() as home,
                Terminal(command, environment(Path(home)), columns=120, rows=40) as terminal,
            ):
                terminal.wait_for("alice@localhost: online")
                terminal.type(f"/msg {STORM}\r")
                terminal.wait_for(f"{STORM}  offline")
                terminal.read_for(1.5)
                if number < RUNS:
                    _alone(terminal)
                else:
                    _typing(terminal)
                # A session that only broke off would be told once more, in the next run.
                terminal.type("\x15/quit\r")
                terminal.wait_for_exit()
    finally:
        server.close()


def _alone(terminal: Terminal) -> None:
    used = processor_ms(terminal.pid)
    begin = time.perf_counter()
    os.write(terminal.fd, b"go\r")
    shown = b""
    frames = 0
    while LAST.encode() not in shown[-4096:]:
        shown += read(terminal.fd)
        frames += 1
    seconds = time.perf_counter() - begin
    used = (processor_ms(terminal.pid) - used) / 1000
    print(f"  {seconds:.2f} s, {used:.2f} s of CPU; at most {frames} frames")


def _typing(terminal: Terminal) -> None:
    typist = Typist(terminal.fd, LAST)
    begin = time.perf_counter()
    os.write(terminal.fd, b"go\r")
    typist.takes_for(0.05)
    while typist.seen_at is None:
        typist.types()
    times = typist.times
    print(
        f"  {typist.seen_at - begin:.2f} s with keys pressed meanwhile, {len(times)} of them: "
        f"p50={percentile(times, 50):.1f} p99={percentile(times, 99):.1f} max={max(times):.1f} ms"
    )
