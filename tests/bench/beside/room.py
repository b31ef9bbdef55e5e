"""A room full of people: entering it, and what is said there."""

from __future__ import annotations

import time
from collections.abc import Sequence

from tests.bench.beside.plan import Plan
from tests.bench.beside.scene import logged_in, writer
from tests.bench.clients import Client, enter
from tests.bench.halls import SUBJECT, halls, room_of
from tests.bench.measure import processor_ms, resident_mb
from tests.bench.peer import LAST
from tests.bench.tables import Figures
from tests.bench.watch import shown_raw
from tests.support.terminal import Terminal

__all__ = ["entered", "measure"]

ROOM = room_of(0)


def measure(figures: Figures, clients: Sequence[Client], plan: Plan) -> None:
    """Rounds, each at a server that has seen none of it."""
    for _ in range(plan.rounds):
        for client in clients:
            with figures.attempt("room", client.name):
                _round(figures, client, plan)
    figures.note(
        "room",
        f"{plan.people:,} people; {plan.said:,} messages. Entered is when the subject is on the "
        "screen, which comes behind all who are there; with mcabber, which shows no room by "
        "itself, when it says that it has joined.",
    )


def _round(figures: Figures, client: Client, plan: Plan) -> None:
    server = halls(plan.people)
    try:
        server.start()
        with logged_in(client, server) as terminal:
            values = entered(client, terminal)
            if client.shows:
                enter(terminal, client.shows.format(ROOM))
                terminal.type("\r")
                terminal.read_for(0.5)
            with writer(server, 0, plan.said, ROOM) as bob:
                terminal.read_for(0.5)
                used, begin = processor_ms(terminal.pid), time.perf_counter()
                bob.begins()
                shown_raw(terminal.fd, LAST)
                values["messages: last on the screen, s"] = time.perf_counter() - begin
                values["messages: CPU, s"] = (processor_ms(terminal.pid) - used) / 1000
            figures.add("room", client.name, values)
    finally:
        server.close()


def entered(client: Client, terminal: Terminal) -> dict[str, float]:
    """What it costs a program to enter the room."""
    used = processor_ms(terminal.pid)
    enter(terminal, client.join.format(ROOM))
    begin = time.perf_counter()
    shown_raw(terminal.fd, client.joined.format(SUBJECT))
    joined = time.perf_counter() - begin
    terminal.read_for(2)
    return {
        "entered, ms": joined * 1000,
        "CPU until two seconds later, ms": processor_ms(terminal.pid) - used,
        "RSS, MB": resident_mb(terminal.pid),
    }
