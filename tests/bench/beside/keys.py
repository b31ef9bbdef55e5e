"""Keystroke to echo: with nothing going on, at 200 messages a second, and in a full flood."""

from __future__ import annotations

import time
from collections.abc import Sequence

from tests.bench.beside.plan import Plan
from tests.bench.beside.scene import BOB, logged_in, peopled, writer
from tests.bench.clients import Client
from tests.bench.keys import Typist, typed
from tests.bench.measure import percentile
from tests.bench.peer import LAST
from tests.bench.tables import Figures

__all__ = ["measure"]

RATE = 200
PERCENTS = (50, 90, 99)
PATIENCE = 60.0


def measure(figures: Figures, clients: Sequence[Client], plan: Plan) -> None:
    """Rounds, each at a server that has seen none of it."""
    for _ in range(plan.rounds):
        for client in clients:
            with figures.attempt("keys", client.name):
                _round(figures, client, plan)
    figures.note(
        "keys",
        f"ms from a key to its echo, {plan.keys} keys in each round; in a flood of "
        f"{plan.messages:,} messages as many as there is time for.",
    )


def _round(figures: Figures, client: Client, plan: Plan) -> None:
    with peopled(50, 50) as server, logged_in(client, server) as terminal:
        client.opens(terminal, BOB)
        _add(figures, client.name, "idle", typed(terminal, plan.keys))
        with writer(server, RATE, 10**6) as bob:
            bob.begins()
            terminal.read_for(1)
            _add(figures, client.name, f"{RATE}/s", typed(terminal, plan.keys))
        with writer(server, 0, plan.messages) as bob:
            typist = Typist(terminal.fd, LAST)
            typist.types()
            begin = time.perf_counter()
            bob.begins()
            while typist.seen_at is None and time.perf_counter() - begin < PATIENCE:
                typist.types()
            times = typist.times[1:]
            _add(figures, client.name, "flood", times)
            figures.add("keys", client.name, {"flood: keys": len(times)})


def _add(figures: Figures, name: str, state: str, times: Sequence[float]) -> None:
    values = {f"{state}: p{each}, ms": percentile(times, each) for each in PERCENTS}
    figures.add("keys", name, values)
