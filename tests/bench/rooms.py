"""200 rooms with bookmarks, from the start of the program until it is in all of them.

Prosody keeps the bookmarks (XEP-0402) and the rooms, with five people in each and an archive. In
the first run nothing is known here; later ones know the rooms, and are missing nothing. It is in a
room when its records say so. Keys are pressed all the time from the log-in on.
"""

from __future__ import annotations

import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path
from xml.etree.ElementTree import Element

from termxmpp.demo.server import PrivateProsody
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.xmpp.notifications import BOOKMARKS, CONFERENCE
from termxmpp.xmpp.pubsub import UNBOUNDED, Item, PublishPayload
from tests.bench.halls import halls, room_of
from tests.bench.keys import Typist
from tests.bench.measure import percentile, processor_ms, resident_mb
from tests.support.account import online
from tests.support.terminal import Terminal, environment

__all__ = ["keep_bookmarks", "log_in", "main"]

ROOMS, PEOPLE = 200, 5
RUNS = 3
TARGET = 10.0
PATIENCE = 120.0


def main() -> None:
    print(
        f"rooms: Python {platform.python_version()}, 120x40, {ROOMS} rooms with {PEOPLE} people "
        f"each, {RUNS} runs (asked: {TARGET:.0f} s)"
    )
    server = halls(PEOPLE, rooms=ROOMS)
    try:
        server.start()
        keep_bookmarks(server)
        for is_first in (True, False):
            _tell(server, is_first=is_first)
    finally:
        server.close()


def keep_bookmarks(server: PrivateProsody, rooms: int = ROOMS) -> None:
    """Have the server keep alice's bookmarks of so many rooms."""

    async def keep(mainloop: EpollMainLoop) -> None:
        async with online(mainloop, server, "alice@localhost/setup", "wonder") as alice:
            for number in range(rooms):
                element = Element(CONFERENCE, {"autojoin": "true", "name": f"Hall {number:03}"})
                item = Item(room_of(number), element)
                await alice.set(None, PublishPayload(BOOKMARKS, item, UNBOUNDED))

    run(keep)


def _tell(server: PrivateProsody, *, is_first: bool) -> None:
    times, keys, used = [], [], []
    with tempfile.TemporaryDirectory() as home:
        for number in range(RUNS + (not is_first)):
            folder = Path(home) / str(number if is_first else 0)
            folder.mkdir(exist_ok=True)
            seconds, typed, cpu, _ = log_in(server, folder)
            if is_first or number:
                times.append(seconds)
                keys += typed
                used.append(cpu)
    print(
        f"  {'first time' if is_first else 'again'}: in all of them after "
        f"{statistics.median(times):.2f} s ({min(times):.2f}-{max(times):.2f}), "
        f"{statistics.median(used):.2f} s of CPU; {len(keys)} keys p50={percentile(keys, 50):.1f} "
        f"p99={percentile(keys, 99):.1f} max={max(keys):.1f} ms"
    )


def log_in(
    server: PrivateProsody, home: Path, rooms: int = ROOMS
) -> tuple[float, list[float], float, float]:
    """Until it is in all rooms: seconds, milliseconds for each key, seconds of CPU, memory."""
    command = [
        *(sys.executable, "-m", "termxmpp", "alice@localhost/bench"),
        *("--ca-file", str(server.ca_file), "--server", f"127.0.0.1:{server.port}"),
    ]
    begin = time.perf_counter()
    with Terminal(command, environment(home), columns=120, rows=40) as terminal:
        # Before that the records still say what held for the run before.
        terminal.wait_for("alice@localhost: online")
        typist = Typist(terminal.fd)
        while _entered(home) < rooms:
            typist.types()
            if time.perf_counter() - begin > PATIENCE:
                raise SystemExit(f"it is in {_entered(home)} rooms only")
        seconds = time.perf_counter() - begin
        used = processor_ms(terminal.pid) / 1000
        memory = resident_mb(terminal.pid)
        terminal.type("\x15/quit\r")
        terminal.wait_for_exit()
    return seconds, typist.times, used, memory


def _entered(home: Path) -> int:
    """How many rooms the records say that we are in."""
    for path in home.glob(".local/share/termxmpp/*.sqlite"):
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            (count,) = db.execute("SELECT count(*) FROM occupancy WHERE is_in").fetchone()
        except sqlite3.OperationalError:
            continue
        finally:
            db.close()
        return int(count)
    return 0
