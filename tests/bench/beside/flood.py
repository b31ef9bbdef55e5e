"""A flood into the conversation that is open, until the last message is on the screen."""

from __future__ import annotations

import time
from collections.abc import Sequence

from tests.bench.beside.plan import Plan
from tests.bench.beside.scene import BOB, logged_in, peopled, writer
from tests.bench.clients import Client
from tests.bench.measure import peak_mb, processor_ms, resident_mb
from tests.bench.peer import LAST
from tests.bench.tables import Figures
from tests.bench.watch import shown_raw

__all__ = ["measure"]


def measure(figures: Figures, clients: Sequence[Client], plan: Plan) -> None:
    """Rounds, each at a server that has seen none of it."""
    for _ in range(plan.rounds):
        for client in clients:
            with figures.attempt("flood", client.name):
                _round(figures, client, plan)
    figures.note("flood", f"{plan.messages:,} messages into the open conversation.")


def _round(figures: Figures, client: Client, plan: Plan) -> None:
    with peopled(50, 50) as server, logged_in(client, server) as terminal:
        client.opens(terminal, BOB)
        with writer(server, 0, plan.messages) as bob:
            used, before = processor_ms(terminal.pid), resident_mb(terminal.pid)
            begin = time.perf_counter()
            bob.begins()
            shown_raw(terminal.fd, LAST)
            values = {
                "last on the screen, s": time.perf_counter() - begin,
                "CPU, s": (processor_ms(terminal.pid) - used) / 1000,
                "peak memory, MB": peak_mb(terminal.pid),
                "of it the flood's, MB": peak_mb(terminal.pid) - before,
            }
            figures.add("flood", client.name, values)
            figures.add("flood", "the server alone", {"delivered, s": float(bob.hears())})
