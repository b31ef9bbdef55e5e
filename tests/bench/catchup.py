"""Catching up: 10,000 messages of Prosody's archive, until nothing is missing, and keys meanwhile.

The whole program in a pty, from the status bar's `online` on; a key is pressed all the time and
its echo measured, as `keys` does.
"""

from __future__ import annotations

import platform
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.keys import Typist
from tests.bench.measure import percentile, processor_ms
from tests.support.archived import archived_prosody
from tests.support.terminal import Terminal, environment

__all__ = ["main"]

COUNT = 10_000
RUNS = 3
PATIENCE = 120.0


def main() -> None:
    print(f"catchup: Python {platform.python_version()}, 100x30, {COUNT} messages, {RUNS} runs")
    server = archived_prosody(COUNT)
    command = [
        *(sys.executable, "-m", "termxmpp", "alice@localhost", "--ca-file", str(server.ca_file)),
        *("--server", f"127.0.0.1:{server.port}"),
    ]
    try:
        for _ in range(RUNS):
            with (
                tempfile.TemporaryDirectory() as home,
                Terminal(command, environment(Path(home)), columns=100, rows=30) as terminal,
            ):
                terminal.wait_for("alice@localhost: online")
                begin, used = time.perf_counter(), processor_ms(terminal.pid)
                typist = Typist(terminal.fd)
                while not _is_all_there(Path(home)):
                    typist.types()
                    if time.perf_counter() - begin > PATIENCE:
                        raise SystemExit("they have not come")
                seconds = time.perf_counter() - begin
                used = (processor_ms(terminal.pid) - used) / 1000
                times = typist.times
                print(
                    f"  {seconds:.1f} s, {used:.1f} s of CPU; "
                    f"{len(times)} keys: p50={percentile(times, 50):.1f} "
                    f"p99={percentile(times, 99):.1f} max={max(times):.1f} ms"
                )
    finally:
        server.close()


def _is_all_there(home: Path) -> bool:
    """Whether the records hold everything, and no gap."""
    [path] = home.glob(".local/share/termxmpp/*.sqlite")
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        (count,) = db.execute("SELECT count(*) FROM message").fetchone()
        (gaps,) = db.execute("SELECT count(*) FROM gap").fetchone()
    finally:
        db.close()
    return bool(count >= COUNT and not gaps)
