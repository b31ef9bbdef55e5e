"""Idle, with 50 contacts: how often each program wakes up in a minute, and what that costs.

All of them at the same time, each at a server of its own through a relay, which then breaks the
link off (RST), and in the end lets nothing pass either way. Suspended is stopped, as the shell
does it at Ctrl-Z; woken is after it went on.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from tests.bench.beside.plan import Plan
from tests.bench.beside.scene import logged_in, peopled
from tests.bench.clients import Client
from tests.bench.measure import processor_ms, wake_ups
from tests.bench.tables import Figures
from tests.bench.watch import drain
from tests.support.proxy import ProxyProcess
from tests.support.terminal import Terminal

__all__ = ["measure"]

# So long after something has happened a program is expected to have done its part (seconds).
SETTLING = 5.0
RECONNECTED = 30.0


@dataclass(frozen=True)
class Sleeper:
    """A program of which nothing is wanted."""

    name: str
    terminal: Terminal
    relay: ProxyProcess

    @property
    def is_connected(self) -> bool:
        return bool(json.loads(self.relay.command("stats"))["connections"])


def measure(figures: Figures, clients: Sequence[Client], plan: Plan) -> None:
    """Rounds of all states."""
    for _ in range(plan.few):
        with ExitStack() as stack:
            sleepers = [_sleeper(client, stack) for client in clients]
            _states(figures, sleepers, plan.seconds)
    figures.note("idle", f"Each state for {plan.seconds:.0f} s, told per minute; 50 contacts.")


def _sleeper(client: Client, stack: ExitStack) -> Sleeper:
    server = stack.enter_context(peopled(50, 50))
    relay = ProxyProcess("127.0.0.1", server.port)
    stack.callback(relay.close)
    return Sleeper(client.name, stack.enter_context(logged_in(client, server, relay.port)), relay)


def _states(figures: Figures, sleepers: Sequence[Sleeper], seconds: float) -> None:
    def watched(state: str) -> None:
        _wait(sleepers, SETTLING)
        _watch(figures, sleepers, state, seconds)

    watched("online")
    _signal(sleepers, signal.SIGSTOP)
    _watch(figures, sleepers, "suspended", min(seconds, 10.0))
    _signal(sleepers, signal.SIGCONT)
    watched("woken")
    for sleeper in sleepers:
        sleeper.relay.command("cut rst")
    end = time.monotonic() + RECONNECTED
    while time.monotonic() < end and not all(each.is_connected for each in sleepers):
        _wait(sleepers, 0.5)
    for sleeper in sleepers:
        if not sleeper.is_connected:
            line = f"{sleeper.name} has not come back within {RECONNECTED:.0f} s of the RST."
            figures.note("idle", line)
    watched("after a RST")
    for sleeper in sleepers:
        sleeper.relay.command("swallow up")
        sleeper.relay.command("swallow down")
    watched("black-holed")


def _watch(figures: Figures, sleepers: Sequence[Sleeper], state: str, seconds: float) -> None:
    pids = [sleeper.terminal.pid for sleeper in sleepers]
    before = [(wake_ups(pid), processor_ms(pid)) for pid in pids]
    _wait(sleepers, seconds)
    for sleeper, (woken, used) in zip(sleepers, before, strict=True):
        pid, minutes = sleeper.terminal.pid, seconds / 60
        figures.add(
            "idle",
            sleeper.name,
            {
                f"{state}: wake-ups": (wake_ups(pid) - woken) / minutes,
                f"{state}: CPU, ms": (processor_ms(pid) - used) / minutes,
            },
        )


def _wait(sleepers: Sequence[Sleeper], seconds: float) -> None:
    drain([sleeper.terminal.fd for sleeper in sleepers], seconds)


def _signal(sleepers: Sequence[Sleeper], number: int) -> None:
    for sleeper in sleepers:
        os.kill(sleeper.terminal.pid, number)
