"""The run: two clients and a stranger write, everything fails at random, then all is compared.

The same seed gives the same faults in the same order; when they hit is the machine's.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from termxmpp.demo.server import MODULES, PrivateProsody
from tests.support.proxy import FaultProxy

__all__ = ["Outcome", "chaos"]

PASSWORDS = {"alice": "wonder", "bob": "build", "carol": "sing"}

# A loaded machine may need some time to settle after the last fault (seconds).
SETTLING = 120.0

EXTRA = "storage_archive_item_limit = 10000000\nlimits = {}\nsmacks_max_queue_size = 100000\n"


@dataclass
class Outcome:
    """What came of a run; every list but `faults` should be empty."""

    seed: int
    seconds: float = 0.0
    written: int = 0
    archived: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    wrong_fate: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether nothing went wrong."""
        wrong = (self.lost, self.doubled, self.out_of_order, self.wrong_fate, self.vanished)
        return not any(wrong)

    def __str__(self) -> str:
        lines = [
            f"seed {self.seed}: {self.written} messages, {self.archived} in the archives, "
            f"{sum(self.faults.values())} faults in {self.seconds:.0f} s",
            "  " + ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items())),
        ]
        for name in ("lost", "doubled", "out_of_order", "wrong_fate", "vanished"):
            found = getattr(self, name)
            lines.append(f"  {name.replace('_', ' ')}: {len(found)}" + _some(found))
        return "\n".join(lines)


class Person:
    """A client of ours in a process, behind a proxy of its own."""

    def __init__(self, name: str, server: PrivateProsody, proxy: FaultProxy, folder: Path) -> None:
        self.name = name
        self.jid = f"{name}@localhost"
        self.proxy = proxy
        self._order = {
            "jid": self.jid,
            "password": PASSWORDS[name],
            "port": proxy.port,
            "ca_file": str(server.ca_file),
            "records": str(folder / f"{name}.sqlite"),
        }
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.shown: set[tuple[str, str]] = set()
        self.confirmed: set[tuple[str, str]] = set()
        self.notices: list[str] = []
        self._unseen: dict[str, str] = {}

    async def starts(self) -> None:
        """Begin a process; what was typed and never shown is typed again."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.faults.actor"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=2**26,
        )
        self._reading = asyncio.create_task(self._read(self._process))
        self._tell(self._order)

    async def is_killed(self) -> None:
        """SIGKILL, wherever it is, and another process."""
        assert self._process is not None
        assert self._reading is not None
        self._process.kill()
        await self._process.wait()
        await self._reading
        await self.starts()
        for text, to in list(self._unseen.items()):
            self.writes(to, text)

    async def sleeps(self, seconds: float) -> None:
        """SIGSTOP, and SIGCONT later."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(seconds)
        self._process.send_signal(signal.SIGCONT)

    async def has_no_disk(self, seconds: float) -> None:
        """Every write to a file fails for so long."""
        assert self._process is not None
        _, hard = resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (0, hard))
        await asyncio.sleep(seconds)
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (hard, hard))

    def writes(self, to: str, text: str) -> None:
        """Type `text`; it counts as written when it is on the screen."""
        self._unseen[text] = to
        self._tell({"do": "write", "to": to, "text": text})

    def sets_the_clock(self, by: float) -> None:
        self._tell({"do": "clock", "by": by})

    async def asks(self, what: str) -> dict[str, Any]:
        """The answer to `status` or `dump`."""
        while not self._answers.empty():
            self._answers.get_nowait()
        self._tell({"do": what})
        async with asyncio.timeout(30):
            while True:
                answer = await self._answers.get()
                if answer["kind"] == what:
                    return answer

    async def ends(self) -> None:
        """Close the process in good order."""
        if self._process is None or self._process.stdin is None:
            return
        if self._process.returncode is None:
            self._process.stdin.close()
            async with asyncio.timeout(30):
                await self._process.wait()
        if self._reading is not None:
            await self._reading

    def _tell(self, order: dict[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            if not line.endswith(b"\n"):
                break
            what = json.loads(line)
            match what["kind"]:
                case "shown":
                    self.shown.add((what["peer"], what["text"]))
                    self._unseen.pop(what["text"], None)
                case "fate" if what["fate"] in ("ACKNOWLEDGED", "RECEIVED", "READ"):
                    self.confirmed.add((what["peer"], what["text"]))
                case "notice":
                    self.notices.append(what["text"])
                case "status" | "dump":
                    self._answers.put_nowait(what)


class Chaos:
    """The stage of one run."""

    def __init__(
        self, server: PrivateProsody, people: list[Person], chance: random.Random, outcome: Outcome
    ) -> None:
        self._server = server
        self._people = people
        self._chance = chance
        self._outcome = outcome
        self._faults: list[tuple[str, int, Callable[[Person], Awaitable[None]]]] = [
            ("RST", 5, self._cut),
            ("FIN", 3, self._fin),
            ("freeze", 4, self._freeze),
            ("swallow up", 5, self._swallow_up),
            ("swallow down", 5, self._swallow_down),
            ("delay", 2, self._delay),
            ("throttle", 2, self._throttle),
            ("refuse", 3, self._refuse),
            ("kill client", 5, self._kill),
            ("stop client", 3, self._stop),
            ("no disk", 2, self._no_disk),
            ("clock", 2, self._clock),
            ("server restart", 1, self._restart),
            ("server crash", 2, self._crash),
        ]

    async def fault(self) -> None:
        """One fault, to one of the people."""
        names = [name for name, _, _ in self._faults]
        weights = [weight for _, weight, _ in self._faults]
        [place] = self._chance.choices(range(len(names)), weights)
        person = self._chance.choice(self._people)
        self._outcome.faults[names[place]] += 1
        await self._faults[place][2](person)

    def _while(self) -> float:
        return self._chance.uniform(0.05, 0.8)

    async def _cut(self, person: Person) -> None:
        person.proxy.cut(by="rst")

    async def _fin(self, person: Person) -> None:
        person.proxy.cut(by="fin")

    async def _freeze(self, person: Person) -> None:
        person.proxy.freeze()
        await asyncio.sleep(self._while())
        person.proxy.thaw()

    async def _swallow(self, person: Person, way: str) -> None:
        person.proxy.swallow(way)
        await asyncio.sleep(self._while())
        person.proxy.cut()
        person.proxy.pass_all()

    async def _swallow_up(self, person: Person) -> None:
        await self._swallow(person, "up")

    async def _swallow_down(self, person: Person) -> None:
        await self._swallow(person, "down")

    async def _delay(self, person: Person) -> None:
        person.proxy.lag = self._chance.uniform(0.01, 0.2)
        await asyncio.sleep(self._while())
        person.proxy.lag = 0.0

    async def _throttle(self, person: Person) -> None:
        person.proxy.rate = self._chance.uniform(5_000, 50_000)
        await asyncio.sleep(self._while())
        person.proxy.rate = None

    async def _refuse(self, person: Person) -> None:
        person.proxy.refuse()
        person.proxy.cut()
        await asyncio.sleep(self._while())
        person.proxy.accept()

    async def _kill(self, person: Person) -> None:
        await person.is_killed()

    async def _stop(self, person: Person) -> None:
        await person.sleeps(self._while())

    async def _no_disk(self, person: Person) -> None:
        await person.has_no_disk(self._while())

    async def _clock(self, person: Person) -> None:
        person.sets_the_clock(self._chance.uniform(-1e6, 1e6))

    async def _restart(self, person: Person) -> None:
        self._server.restart()

    async def _crash(self, person: Person) -> None:
        self._server.restart(kills=True)


async def chaos(
    seed: int, messages: int, faults: int, *, verbose: bool = False, keep: Path | None = None
) -> Outcome:
    """`messages` each way under `faults`, chosen by `seed`; what came of it.

    The records and the server's log are copied to `keep`, to be looked at.
    """
    chance = random.Random(seed)
    outcome = Outcome(seed)
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = PrivateProsody(PASSWORDS, modules=MODULES, extra=EXTRA)
        stack.callback(server.close)
        server.start()
        people = []
        for name in ("alice", "bob"):
            proxy = await stack.enter_async_context(FaultProxy(server.host, server.port))
            person = Person(name, server, proxy, folder)
            await person.starts()
            stack.push_async_callback(person.ends)
            people.append(person)
        stage = Chaos(server, people, chance, outcome)
        writing = asyncio.create_task(_write_all(people, messages, faults, outcome))
        strange = asyncio.create_task(_strange(server, messages // 10))
        for number in range(faults):
            await asyncio.sleep(chance.uniform(0.0, 0.3))
            await stage.fault()
            if verbose and number % 20 == 19:
                print(f"{number + 1} faults, {outcome.written} messages", file=sys.stderr)
        await writing
        await strange
        await _settle(people)
        await _compare(server, people, outcome)
        if keep is not None:
            shutil.copytree(folder, keep, dirs_exist_ok=True)
            (keep / "server.log").write_text(server.log())
    outcome.seconds = time.monotonic() - began
    return outcome


async def _write_all(people: list[Person], messages: int, faults: int, outcome: Outcome) -> None:
    """Each writes to the other, evenly over the time in which the faults come."""
    pause = 0.45 * faults / max(1, messages)
    for number in range(messages):
        for me, you in (people, people[::-1]):
            me.writes(you.jid, f"{me.name} to {you.name} {number}")
            outcome.written += 1
        await asyncio.sleep(pause)


async def _strange(server: PrivateProsody, messages: int) -> None:
    """The stranger writes to both, some at a time; what it loses is its own affair."""
    for part in range(5):
        texts = [
            [f"{name}@localhost", f"carol to {name} {part}.{number}"]
            for number in range(messages // 5)
            for name in ("alice", "bob")
        ]
        try:
            await _ask_stranger(server, {"do": "write", "messages": texts}, "carol", 20)
        except (TimeoutError, ValueError):
            continue


async def _ask_stranger(
    server: PrivateProsody, what: dict[str, Any], name: str, patience: float = 300
) -> Any:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.stranger"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    orders = [
        {"port": server.port, "ca_file": str(server.ca_file)},
        {**what, "jid": f"{name}@localhost", "password": PASSWORDS[name]},
    ]
    try:
        async with asyncio.timeout(patience):
            lines = "".join(json.dumps(each) + "\n" for each in orders)
            answer, _ = await process.communicate(lines.encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return json.loads(answer)


async def _settle(people: list[Person]) -> None:
    """Wait until everybody is online with nothing left to do."""
    async with asyncio.timeout(SETTLING):
        for person in people:
            while True:
                status = await person.asks("status")
                is_quiet = status["link"] == "online" and not status["is_failing"]
                if is_quiet and not status["pending"] and not status["gaps"]:
                    break
                await asyncio.sleep(0.2)


async def _compare(server: PrivateProsody, people: list[Person], outcome: Outcome) -> None:
    for person in people:
        archive = await _ask_stranger(server, {"do": "archive"}, person.name)
        outcome.archived += len(archive)
        dump = (await person.asks("dump"))["conversations"]
        talks: dict[str, list[str]] = {}
        for sender, to, text in archive:
            talks.setdefault(to if sender == person.jid else sender, []).append(text)
        for peer, archived in talks.items():
            shown = [text for text, *_ in dump.get(peer, ())]
            _compare_talk(f"{person.name} with {peer}", archived, shown, outcome)
            is_archived = set(archived)
            for text, is_own, fate, _ in dump.get(peer, ()):
                if is_own and (fate not in ("ACKNOWLEDGED", "RECEIVED", "READ")):
                    outcome.wrong_fate.append(f"{person.name}: {text} is {fate}")
            for where, text in person.confirmed:
                if where == peer and text not in is_archived:
                    outcome.wrong_fate.append(f"{person.name}: {text} was told to be there")
            for where, text in person.shown:
                if where == peer and text not in shown:
                    outcome.vanished.append(f"{person.name}: {text}")


def _compare_talk(name: str, archived: list[str], shown: list[str], outcome: Outcome) -> None:
    has, had = Counter(shown), Counter(archived)
    outcome.lost += [f"{name}: {text}" for text in had if not has[text]]
    outcome.doubled += [f"{name}: {text} on the screen" for text, n in has.items() if n > 1]
    outcome.doubled += [f"{name}: {text} in the archive" for text, n in had.items() if n > 1]
    for sender in {text.partition(" ")[0] for text in archived}:
        common = [text for text in shown if had[text] and text.startswith(f"{sender} ")]
        in_order = [text for text in archived if has[text] and text.startswith(f"{sender} ")]
        outcome.out_of_order += [
            f"{name}: {ours} where {theirs} is"
            for ours, theirs in zip(common, in_order, strict=False)
            if ours != theirs
        ]
    # What the screen has and the archive has not was never taken by the server.
    outcome.lost += [f"{name}: {text} is not in the archive" for text in has if not had[text]]


def _some(found: list[str]) -> str:
    return "".join(f"\n    {each}" for each in found[:10])
