"""Memory: an idle session with 50 contacts who are online, beside poezio and profanity.

What a process has for itself (USS) tells more than what it shares with all other Pythons (RSS).
"""

from __future__ import annotations

import platform
import statistics
from collections.abc import Sequence

from termxmpp.demo.server import MODULES, PrivateProsody
from tests.bench.clients import CLIENTS
from tests.bench.measure import private_mb, resident_mb
from tests.bench.roster import crowd
from tests.support.rosters import stored_roster

__all__ = ["main"]

CONTACTS = 50
RUNS = 5

# So long after the log-in nothing moves any more (seconds).
SETTLED = 3.0


def main() -> None:
    print(
        f"memory: Python {platform.python_version()}, 120x40, {CONTACTS} contacts online, idle; "
        f"{RUNS} runs, MB: median (min-max)"
    )
    server = PrivateProsody({"alice": "wonder"}, modules=(*MODULES, "crowd"))
    try:
        # poezio shows their addresses, the others their names.
        contacts = [
            (f"c{number}@localhost", f"c{number}", f"Group {number % 5}")
            for number in range(CONTACTS)
        ]
        server.store("roster", "alice", stored_roster(contacts))
        crowd(server, CONTACTS)
        server.start()
        for name, client in CLIENTS.items():
            measured = []
            for _ in range(RUNS):
                with client(server, "c20") as terminal:
                    if terminal is not None:
                        terminal.read_for(SETTLED)
                        measured.append((resident_mb(terminal.pid), private_mb(terminal.pid)))
            if measured:
                resident, private = zip(*measured, strict=True)
                print(f"  {name:9} resident {_told(resident)}, its own {_told(private)}")
            else:
                print(f"  {name:9} is not installed")
    finally:
        server.close()


def _told(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.1f} ({min(values):.1f}-{max(values):.1f})"
