"""A server with alice's contacts, and one program that is logged in at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from termxmpp.demo.server import MODULES, PrivateProsody
from tests.bench.clients import Client
from tests.bench.roster import crowd
from tests.bench.stage import Bob
from tests.bench.watch import settled
from tests.support.rosters import stored_roster
from tests.support.terminal import Terminal

__all__ = ["ALICE", "BOB", "FIRST", "logged_in", "peopled", "writer"]

ALICE, BOB = "alice@localhost", "bob@localhost"

# A contact who is there, near the top of each roster; one word, which is drawn in one go.
FIRST = "Person00000"


@contextmanager
def peopled(contacts: int, online: int) -> Iterator[PrivateProsody]:
    """A server of alice and bob; she has `contacts` besides, of whom so many are `online`."""
    users = {"alice": "wonder", "bob": "build"}
    server = PrivateProsody(users, modules=(*MODULES, "crowd"))
    try:
        people = [
            (f"c{number}@localhost", f"Person{number:05}", f"Group{number % 5}")
            for number in range(contacts)
        ]
        server.store("roster", "alice", stored_roster([(BOB, "Bob", "Group0"), *people]))
        crowd(server, online)
        server.start()
        yield server
    finally:
        server.close()


@contextmanager
def logged_in(client: Client, server: PrivateProsody, port: int = 0) -> Iterator[Terminal]:
    """The program, online and with nothing left to do; `port` is where it dials instead."""
    with client.started(server, port) as terminal:
        terminal.wait_for(client.online)
        settled(terminal, port or server.port, 0.0, float("inf"))
        yield terminal


@contextmanager
def writer(server: PrivateProsody, rate: float, count: int, to: str = ALICE) -> Iterator[Bob]:
    """Bob, who is about to send."""
    bob = Bob(server, rate, count, to)
    try:
        yield bob
    finally:
        bob.close()
