"""The run: two clients and a stranger write, everything fails at random, then all is compared.

The same seed gives the same faults in the same order; when they hit is the machine's. Faults of
different people and of the server overlap, those of one person come one after the other.

What fails: the network between client and server (it is cut by RST or FIN, frozen, delayed,
throttled, refused, loses all of one direction, connects twice, or ends for the client while the
server still believes in it), the client (SIGKILL, SIGSTOP, no space on its disk, a clock that
jumps), the server (SIGKILL, SIGSTOP, a restart in good order).
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.person import Person
from tests.faults.servers import INEXACT, PASSWORDS, FaultyServer, make_server
from tests.faults.stranger import ask_stranger
from tests.faults.verdict import Evidence, Line, Outcome, compare, compare_order
from tests.support.proxy import FaultProxy

__all__ = ["Plan", "chaos"]

# The time from one fault to the next (seconds), on the average half of it.
PACE = 0.6

# A server on a slow disk may need some time for all that was written meanwhile (seconds).
SETTLING = 900.0

# Each of the two writes so many times more to the other than to the stranger, and so does he.
RARELY = 10

# The stranger comes so often.
PARTS = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """A run: `messages` each way under `faults`, chosen by `seed`, at the `server` of that name.

    What was recorded and traced is copied to the folder `keep`, to be looked at.
    """

    seed: int
    messages: int
    faults: int
    server: str = "prosody"
    keep: Path | None = None


class Faults:
    """What can happen to `people` and their `server`; each takes a person, seconds, and a degree.

    The degree (0 to 1) says how bad it is, where that matters.
    """

    def __init__(self, server: FaultyServer, people: Sequence[Person]) -> None:
        self._server = server
        self._people = people
        self._lock = asyncio.Lock()
        self._running: set[asyncio.Task[None]] = set()

    def begin(self, chance: random.Random) -> str:
        """Let one of the faults happen, by `chance`; its name."""
        names = list(_WEIGHTS)
        [name] = chance.choices(names, list(_WEIGHTS.values()))
        person = chance.choice(self._people)
        seconds, degree = chance.uniform(0.05, 0.8), chance.random()
        fault = getattr(self, "_" + name.lower().replace(" ", "_"))
        lock = self._lock if "server" in name else person.lock
        task = asyncio.create_task(_in_turn(lock, lambda: fault(person, seconds, degree)))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return name

    async def are_over(self) -> None:
        """Return when the last one has passed."""
        await asyncio.gather(*self._running)

    async def _rst(self, person: Person, seconds: float, degree: float) -> None:
        person.proxy.cut(by="rst")

    async def _fin(self, person: Person, seconds: float, degree: float) -> None:
        person.proxy.cut(by="fin")

    async def _orphan(self, person: Person, seconds: float, degree: float) -> None:
        person.proxy.orphan()

    async def _double(self, person: Person, seconds: float, degree: float) -> None:
        person.proxy.is_doubling = True
        person.proxy.cut()
        await asyncio.sleep(seconds)
        person.proxy.is_doubling = False

    async def _freeze(self, person: Person, seconds: float, degree: float) -> None:
        person.proxy.freeze()
        await asyncio.sleep(seconds)
        person.proxy.thaw()

    async def _swallow_up(self, person: Person, seconds: float, degree: float) -> None:
        await self._swallow(person, seconds, "up")

    async def _swallow_down(self, person: Person, seconds: float, degree: float) -> None:
        await self._swallow(person, seconds, "down")

    async def _swallow(self, person: Person, seconds: float, way: str) -> None:
        person.proxy.swallow(way)
        await asyncio.sleep(seconds)
        person.proxy.cut()
        person.proxy.pass_all()

    async def _delay(self, person: Person, seconds: float, degree: float) -> None:
        person.proxy.lag = 0.01 + 0.2 * degree
        await asyncio.sleep(seconds)
        person.proxy.lag = 0.0

    async def _throttle(self, person: Person, seconds: float, degree: float) -> None:
        person.proxy.rate = 5_000 + 50_000 * degree
        await asyncio.sleep(seconds)
        person.proxy.rate = None

    async def _refuse(self, person: Person, seconds: float, degree: float) -> None:
        person.proxy.refuse()
        person.proxy.cut()
        await asyncio.sleep(seconds)
        person.proxy.accept()

    async def _kill_client(self, person: Person, seconds: float, degree: float) -> None:
        await person.is_killed()

    async def _stop_client(self, person: Person, seconds: float, degree: float) -> None:
        await person.sleeps(seconds)

    async def _full_disk(self, person: Person, seconds: float, degree: float) -> None:
        await person.has_no_disk(seconds)

    async def _clock(self, person: Person, seconds: float, degree: float) -> None:
        person.sets_the_clock(2e6 * (degree - 0.5))

    async def _restart_server(self, person: Person, seconds: float, degree: float) -> None:
        await asyncio.to_thread(self._server.restart)

    async def _kill_server(self, person: Person, seconds: float, degree: float) -> None:
        await asyncio.to_thread(self._server.restart, kills=True)

    async def _stop_server(self, person: Person, seconds: float, degree: float) -> None:
        self._server.suspend()
        await asyncio.sleep(seconds)
        self._server.go_on()


# How often each fault comes, against the others.
_WEIGHTS = {
    "RST": 5,
    "FIN": 3,
    "orphan": 3,
    "double": 2,
    "freeze": 4,
    "swallow up": 5,
    "swallow down": 5,
    "delay": 2,
    "throttle": 2,
    "refuse": 3,
    "kill client": 5,
    "stop client": 3,
    "full disk": 2,
    "clock": 2,
    "restart server": 1,
    "kill server": 2,
    "stop server": 1,
}


async def _in_turn(lock: asyncio.Lock, happen: Callable[[], Awaitable[None]]) -> None:
    async with lock:
        await happen()


async def chaos(plan: Plan, *, verbose: bool = False) -> Outcome:
    """Let it happen; what came of it."""
    chance = random.Random(plan.seed)
    outcome = Outcome(plan.seed, plan.server, is_exact=plan.server not in INEXACT)
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = make_server(plan.server)
        stack.callback(server.close)
        server.start()
        people = []
        for name in ("alice", "bob"):
            proxy = await stack.enter_async_context(FaultProxy(server.host, server.port))
            person = Person(
                f"{name}@localhost", PASSWORDS[name], server, proxy, folder, trace=bool(plan.keep)
            )
            stack.push_async_callback(person.ends)
            await person.starts()
            people.append(person)
        if plan.keep is not None:
            stack.callback(_keep, folder, server, plan.keep)
        faults = Faults(server, people)
        writing = asyncio.create_task(_write_all(people, plan, outcome))
        strange = asyncio.create_task(_strange(server, plan))
        for number in range(plan.faults):
            await asyncio.sleep(chance.uniform(0.0, PACE))
            name = faults.begin(chance)
            outcome.faults[name] += 1
            if verbose:
                _tell(f"{number + 1} faults ({name}), {outcome.written} messages")
        await faults.are_over()
        await asyncio.gather(writing, strange)
        await _settle(people)
        archives = [await _archive(server, person) for person in people]
        compare(await _evidence(people, archives), outcome)
        # In a session of its own everything gets its place in the archive.
        for person in people:
            await person.logs_in_anew()
        await _settle(people)
        compare_order(await _evidence(people, archives), outcome)
    outcome.archived = sum(len(talk) for archive in archives for talk in archive.values())
    outcome.seconds = time.monotonic() - began
    return outcome


async def _write_all(people: Sequence[Person], plan: Plan, outcome: Outcome) -> None:
    """Each writes to the other and to the stranger, over the time in which the faults come."""
    pause = PACE / 2 * plan.faults / max(1, plan.messages)
    for number in range(plan.messages):
        for me, you in (people, people[::-1]):
            me.writes(you.jid, f"{me.name} to {you.name} {number}")
            outcome.written += 1
            if number % RARELY == 0:
                me.writes("carol@localhost", f"{me.name} to carol {number}")
                outcome.written += 1
        await asyncio.sleep(pause)


async def _strange(server: FaultyServer, plan: Plan) -> None:
    """The stranger writes to both, some at a time; what it loses is its own affair."""
    for part in range(PARTS):
        texts = [
            [f"{name}@localhost", f"carol to {name} {part}.{number}"]
            for number in range(plan.messages // RARELY // PARTS)
            for name in ("alice", "bob")
        ]
        try:
            await ask_stranger(server, "carol", {"do": "write", "messages": texts}, 20)
        except (TimeoutError, ValueError):
            continue


async def _settle(people: Sequence[Person]) -> None:
    """Wait until everybody is online with nothing left to do."""
    async with asyncio.timeout(SETTLING):
        for person in people:
            while True:
                status = await person.asks("status")
                is_quiet = status["link"] == "online" and not status["is_failing"]
                if is_quiet and not status["pending"] and not status["gaps"]:
                    break
                await asyncio.sleep(0.2)


async def _archive(server: FaultyServer, person: Person) -> dict[str, list[str]]:
    """The texts of each conversation, as the server has them."""
    talks: dict[str, list[str]] = {}
    for sender, to, text in await ask_stranger(server, person.name, {"do": "archive"}, 300):
        talks.setdefault(to if sender == person.jid else sender, []).append(text)
    return talks


async def _evidence(
    people: Sequence[Person], archives: Sequence[dict[str, list[str]]]
) -> list[Evidence]:
    found = []
    for person, archive in zip(people, archives, strict=True):
        dump: dict[str, list[Any]] = (await person.asks("dump"))["conversations"]
        screen = {peer: [Line(*each) for each in lines] for peer, lines in dump.items()}
        found.append(
            Evidence(
                person.jid,
                archive,
                screen,
                person.shown,
                person.confirmed,
                person.received,
                person.delivered,
                person.resent,
                list(person.unseen),
                person.at_risk,
            )
        )
    return found


def _keep(folder: Path, server: FaultyServer, keep: Path) -> None:
    shutil.copytree(folder, keep, dirs_exist_ok=True)
    (keep / "server.log").write_text(server.log())


def _tell(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr)
