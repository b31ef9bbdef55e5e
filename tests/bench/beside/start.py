"""Start: from the program's beginning to its first sign, to being online, to its roster.

With many contacts also until it has settled: all that the server had for it is taken in, and it
rests.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from termxmpp.demo.server import PrivateProsody
from tests.bench.beside.plan import Plan
from tests.bench.beside.scene import peopled
from tests.bench.clients import Client
from tests.bench.measure import processor_ms, resident_mb, shared_mb
from tests.bench.tables import Figures
from tests.bench.watch import ANYTHING, seen, settled

__all__ = ["measure", "started"]

PATIENCE = 180.0

# So that it does not matter which contacts a program shows first.
ANYBODY = "Person"


def measure(figures: Figures, clients: Sequence[Client], plan: Plan) -> None:
    """Rounds with each number of contacts."""
    figures.note("start", f"Who has not settled after {PATIENCE:.0f} s is not waited for.")
    for contacts, online in plan.contacts:
        is_small = contacts == plan.contacts[0][0]
        with peopled(contacts, online) as server:
            for number in range(1 + plan.rounds if is_small else plan.few):
                for client in clients:
                    with figures.attempt("start", client.name):
                        values = started(client, server)
                        # The first of all has things compiled and in the system's memory.
                        if number or not is_small:
                            prefix = f"{contacts:,} contacts: "
                            named = {prefix + what: each for what, each in values.items()}
                            figures.add("start", client.name, named)
        figures.note("start", f"{contacts:,} contacts: {online} of them online.")


def started(client: Client, server: PrivateProsody) -> Mapping[str, float]:
    """What one start cost; who has not settled within our patience has that as its time."""
    begin = time.perf_counter()
    with client.started(server) as terminal:
        times = seen(terminal, begin, (ANYTHING, client.online, ANYBODY), PATIENCE)
        used = processor_ms(terminal.pid)
        try:
            rest = settled(terminal, server.port, begin, PATIENCE)
        except TimeoutError:
            rest = PATIENCE
        return {
            "first sign, ms": times[ANYTHING] * 1000,
            "online, ms": times[client.online] * 1000,
            "roster shown, ms": times[ANYBODY] * 1000,
            "CPU until then, ms": used,
            "settled, s": rest,
            "CPU until then, s": processor_ms(terminal.pid) / 1000,
            "RSS, MB": resident_mb(terminal.pid),
            "PSS, MB": shared_mb(terminal.pid),
        }
