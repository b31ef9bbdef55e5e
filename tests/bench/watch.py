"""What a terminal showed, and when: bytes are stamped as they come, and replayed in quiet moments.

So the emulator's own work, which takes longer than some of the programs, is not in the figures.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.bench.measure import processor_ms
from tests.support.terminal import Terminal

__all__ = ["ANYTHING", "drain", "seen", "settled", "shown_raw"]

# So long without a byte is a quiet moment, and so long at most is anything kept back (seconds).
QUIET, KEPT = 0.03, 0.5

# A program has settled when it has used less than a tenth of a processor for this long, and no
# byte waits between it and the server (seconds).
STEP, STEPS = 0.1, 10

# Any sign on the screen.
ANYTHING = ""


def seen(
    terminal: Terminal, begin: float, signs: Sequence[str], patience: float = 30
) -> dict[str, float]:
    """Seconds from `begin` (`time.perf_counter`) until the screen first showed each of `signs`.

    Raises TimeoutError with the screen if one does not come.
    """
    found: dict[str, float] = {}
    waiting: list[tuple[float, bytes]] = []
    while len(found) < len(signs):
        now = time.perf_counter()
        if select.select([terminal.fd], [], [], QUIET)[0]:
            data = os.read(terminal.fd, 65536)
            waiting.append((time.perf_counter(), data))
            if now - waiting[0][0] < KEPT:
                continue
        for at, data in waiting:
            terminal.show(data)
            text = terminal.text
            for sign in signs:
                if sign not in found and (sign in text if sign else text.strip()):
                    found[sign] = at - begin
        waiting = []
        if now - begin > patience:
            missing = [sign for sign in signs if sign not in found]
            raise TimeoutError(f"{missing} did not come; the screen shows:\n{terminal.text}")
    return found


def shown_raw(fd: int, sign: str, patience: float = 120) -> None:
    """Return when `sign` has come; for one of which all is written whatever stood there before."""
    wanted, tail = sign.encode(), b""
    end = time.perf_counter() + patience
    while wanted not in tail:
        if not select.select([fd], [], [], max(0.0, end - time.perf_counter()))[0]:
            raise TimeoutError(f"{sign} did not come within {patience:.0f} s")
        tail = tail[-len(wanted) :] + os.read(fd, 65536)


def drain(fds: Iterable[int], seconds: float) -> None:
    """Take what comes from all of `fds` for so long."""
    end = time.perf_counter() + seconds
    fds = list(fds)
    while (left := end - time.perf_counter()) > 0:
        for fd in select.select(fds, [], [], left)[0]:
            os.read(fd, 65536)


def settled(terminal: Terminal, port: int, begin: float, patience: float = 180) -> float:
    """Seconds from `begin` until it had taken in all that the server at `port` had for it."""
    still, since = 0, time.perf_counter()
    used = processor_ms(terminal.pid)
    while still < STEPS:
        drain([terminal.fd], STEP)
        before, used = used, processor_ms(terminal.pid)
        if used - before < STEP * 100 and not _waits(port):
            still += 1
        else:
            still, since = 0, time.perf_counter()
        if since - begin > patience:
            raise TimeoutError(f"it is not settled after {patience:.0f} s")
    return since - begin


def _waits(port: int) -> bool:
    """Whether bytes wait in the kernel on a connection of loopback to or from `port`."""
    end = f":{port:04X}"
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return any(
        set(row[4]) > {":", "0"}
        for row in rows
        # A listener (0A) has connections there, no bytes.
        if row[3] != "0A" and (row[1].endswith(end) or row[2].endswith(end))
    )
