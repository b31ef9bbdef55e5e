"""A room with 1,000 people in it, beside one with a single one: entering, keys, scrolling.

The time is from the command to the frame with the subject, which the room tells behind everybody
who is there; keys are pressed all the while. Then both rooms are scrolled through 5,000 messages
of the records, page by page, from the key to the first byte of the frame.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.demo.server import PrivateProsody
from termxmpp.store.store import Store
from tests.bench.halls import SUBJECT, halls, room_of
from tests.bench.keys import Typist
from tests.bench.measure import percentile, processor_ms
from tests.support.terminal import Terminal, environment

__all__ = ["main"]

PEOPLE = (1, 1000)
RUNS = 5
MESSAGES = 5000
PAGES = 100
KEYS = 200
TARGET = 1.0

PAGE_UP = b"\x1b[5~"
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def main() -> None:
    print(
        f"room: Python {platform.python_version()}, 120x40, {RUNS} runs "
        f"(asked: entered in {TARGET:.0f} s)"
    )
    server = halls(*PEOPLE)
    try:
        server.start()
        for number, people in enumerate(PEOPLE):
            _tell_entering(server, room_of(number), people)
        for number, people in enumerate(PEOPLE):
            _tell_inside(server, room_of(number), people)
    finally:
        server.close()


def _tell_entering(server: PrivateProsody, room: str, people: int) -> None:
    times, keys, used = [], [], []
    for _ in range(RUNS):
        with (
            tempfile.TemporaryDirectory() as home,
            Terminal(_command(server), environment(Path(home)), columns=120, rows=40) as terminal,
        ):
            terminal.wait_for("alice@localhost: online")
            terminal.read_for(1)
            before = processor_ms(terminal.pid)
            typist = Typist(terminal.fd, SUBJECT)
            begin = time.perf_counter()
            os.write(terminal.fd, f"/join {room}\r".encode())
            typist.takes_for(0.02)
            while typist.seen_at is None:
                typist.types()
            times.append(typist.seen_at - begin)
            keys += typist.times
            used.append((processor_ms(terminal.pid) - before) / 1000)
            _quit(terminal)
    print(
        f"  {people:4} people: entered in {statistics.median(times):.2f} s "
        f"({min(times):.2f}-{max(times):.2f}), {statistics.median(used):.2f} s of CPU; "
        f"{_told(keys)}"
    )


def _tell_inside(server: PrivateProsody, room: str, people: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        _remember(Path(home) / ".local/share/termxmpp/alice@localhost.sqlite", Jid.parse(room))
        with Terminal(_command(server), environment(Path(home)), columns=120, rows=40) as terminal:
            terminal.wait_for("alice@localhost: online")
            terminal.type(f"/join {room}\r")
            terminal.wait_for(SUBJECT)
            terminal.read_for(1.5)
            typist = Typist(terminal.fd)
            for _ in range(KEYS):
                typist.types()
            before = processor_ms(terminal.pid)
            times = _scroll(terminal.fd)
            used = (processor_ms(terminal.pid) - before) / PAGES
            _quit(terminal)
    print(
        f"  {people:4} people: {_told(typist.times)}; a page up p50={percentile(times, 50):.1f} "
        f"p99={percentile(times, 99):.1f} max={max(times):.1f} ms, {used:.1f} ms of CPU"
    )


def _scroll(fd: int) -> list[float]:
    typist = Typist(fd)
    times = []
    for _ in range(PAGES):
        begin = time.perf_counter()
        os.write(fd, PAGE_UP)
        os.read(fd, 65536)
        times.append((time.perf_counter() - begin) * 1000)
        typist.takes_for(0.05)
    return times


def _remember(path: Path, room: Jid) -> None:
    """What was said in the room, by all who are there."""
    path.parent.mkdir(parents=True)
    store = Store(path)
    for number in range(MESSAGES):
        message = Message(
            f"m{number}",
            room.with_resource(f"Person {number % 1000 + 1:04}"),
            f"message {number}, as long as they are",
            NOON + timedelta(seconds=number),
            archive_id=f"a{number}",
            is_groupchat=True,
        )
        store.record(events.MessageReceived(room, message))
        if number % 1000 == 0:
            store.commit()
    store.record(events.ConversationRead(room))
    store.close()


def _command(server: PrivateProsody) -> list[str]:
    return [
        *(sys.executable, "-m", "termxmpp", "alice@localhost/bench"),
        *("--ca-file", str(server.ca_file), "--server", f"127.0.0.1:{server.port}"),
    ]


def _quit(terminal: Terminal) -> None:
    # Else the next run would enter it by itself.
    terminal.type("\x15/bookmark remove\r")
    terminal.wait_for("has no bookmark any more")
    terminal.type("/quit\r")
    terminal.wait_for_exit()


def _told(times: list[float]) -> str:
    return (
        f"{len(times)} keys p50={percentile(times, 50):.1f} p99={percentile(times, 99):.1f} "
        f"max={max(times):.1f} ms"
    )
