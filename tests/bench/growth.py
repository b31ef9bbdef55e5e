"""How cost grows: time and memory against contacts, messages, rooms and occupants, as a plot.

`python -m tests.bench growth [WHAT ...] [--quick] [--larger] [--json] [--to FILE]` measures and
writes `screenshots/growth.svg`. `--larger` goes to 100,000 contacts, 10^7 messages, 500 rooms and
10,000 occupants. A point is the median of some runs, or one run where that takes long.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from termxmpp.demo.server import PrivateProsody
from tests.bench.beside.archive import recalled
from tests.bench.beside.room import entered
from tests.bench.beside.scene import logged_in, peopled
from tests.bench.beside.start import started
from tests.bench.clients import CLIENTS
from tests.bench.halls import halls
from tests.bench.measure import resident_mb
from tests.bench.plot import Curve, plot
from tests.bench.rooms import keep_bookmarks, log_in
from tests.bench.store import FOLDER, Talk, build
from tests.bench.tables import machine

__all__ = ["main"]

PICTURE = Path(__file__).parents[2] / "screenshots" / "growth.svg"
RUNS = 3
PEOPLE = 5

# What is tried, what besides with `--larger`.
STEPS: Mapping[str, tuple[Sequence[int], Sequence[int]]] = {
    "contacts": ((10, 100, 1000, 10_000), (100_000,)),
    "messages": ((1000, 10_000, 100_000, 1_000_000), (10_000_000,)),
    "rooms": ((1, 10, 50, 200), (500,)),
    "occupants": ((10, 100, 1000), (10_000,)),
}

# Which figures are drawn, and by what names.
CONTACTS = {"settled, s": "settled, s", "CPU until then, s": "CPU, s", "RSS, MB": "memory, MB"}
OCCUPANTS = {
    "entered, ms": "entered, ms",
    "CPU until two seconds later, ms": "CPU, ms",
    "RSS, MB": "memory, MB",
}

TERMXMPP = CLIENTS["termxmpp"]


def main(arguments: Sequence[str] = ()) -> int:
    """Measure, write the picture and print where; the exit status."""
    wish = _parser().parse_args(arguments)
    rows, runs = [], 1 if wish.quick else RUNS
    for name in wish.what or STEPS:
        usual, larger = STEPS[name]
        steps = usual[:2] if wish.quick else [*usual, *(larger if wish.larger else ())]
        points = []
        for many in steps:
            began = time.monotonic()
            points.append((many, MEASURES[name](many, 1 if many in larger else runs)))
            spent = time.monotonic() - began
            print(f"{name}: {many:,}: {_told(points[-1][1])} ({spent:.0f} s)", file=sys.stderr)
        rows.append(
            [
                Curve(f"{name}: {what}", unit, [(many, values[whole]) for many, values in points])
                for whole in points[0][1]
                for what, _, unit in [whole.rpartition(", ")]
            ]
        )
    about = machine()
    caption = f"{about['date']}, {about['processors']}, Python {about['python']}; dashed: linear"
    wish.to.write_text(plot(rows, caption))
    if wish.json:
        curves = {
            each.name: {"unit": each.unit, "points": each.points} for row in rows for each in row
        }
        print(json.dumps({**about, "curves": curves}))
    else:
        print(wish.to)
    return 0


def _contacts(many: int, runs: int) -> Mapping[str, float]:
    """A tenth of them is online, 500 at most."""
    with peopled(many, min(500, max(1, many // 10))) as server:
        rounds = [started(TERMXMPP, server) for _ in range(runs)]
    return _medians(rounds, CONTACTS)


def _messages(many: int, runs: int) -> Mapping[str, float]:
    talk = Talk()
    server = PrivateProsody({"alice": "wonder"})
    with tempfile.TemporaryDirectory(dir=FOLDER) as home:
        try:
            server.start()
            path = Path(home) / ".local/share/termxmpp/alice@localhost.sqlite"
            path.parent.mkdir(parents=True)
            build(path, talk, many)
            costs = recalled(path, talk)
            rounds = []
            for _ in range(runs):
                begin = time.perf_counter()
                with TERMXMPP.started(server, home=Path(home)) as terminal:
                    terminal.wait_for(TERMXMPP.online)
                    seconds = time.perf_counter() - begin
                    rounds.append({"online, s": seconds, "memory, MB": resident_mb(terminal.pid)})
        finally:
            server.close()
    found = costs["two frequent words found, ms"]
    return {**_medians(rounds), "words found, ms": found}


def _rooms(many: int, runs: int) -> Mapping[str, float]:
    server = halls(PEOPLE, rooms=many)
    rounds = []
    try:
        server.start()
        keep_bookmarks(server, many)
        for _ in range(runs):
            with tempfile.TemporaryDirectory() as home:
                seconds, _, used, memory = log_in(server, Path(home), many)
                rounds.append({"entered, s": seconds, "CPU, s": used, "memory, MB": memory})
    finally:
        server.close()
    return _medians(rounds)


def _occupants(many: int, runs: int) -> Mapping[str, float]:
    rounds = []
    for _ in range(runs):
        server = halls(many)
        try:
            server.start()
            with logged_in(TERMXMPP, server) as terminal:
                rounds.append(entered(TERMXMPP, terminal))
        finally:
            server.close()
    return _medians(rounds, OCCUPANTS)


MEASURES: Mapping[str, Callable[[int, int], Mapping[str, float]]] = {
    "contacts": _contacts,
    "messages": _messages,
    "rooms": _rooms,
    "occupants": _occupants,
}


def _medians(
    rounds: Sequence[Mapping[str, float]], names: Mapping[str, str] | None = None
) -> Mapping[str, float]:
    """The median of each figure, or of those in `names`, which get the names there."""
    chosen = names or {name: name for name in rounds[0]}
    return {to: statistics.median(each[name] for each in rounds) for name, to in chosen.items()}


def _told(values: Mapping[str, float]) -> str:
    return "; ".join(f"{what}: {value:.3g}" for what, value in values.items())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench growth", description=__doc__)
    parser.add_argument("what", nargs="*", metavar="WHAT", help=", ".join(STEPS))
    parser.add_argument("--quick", action="store_true", help="two points of each, one run")
    parser.add_argument("--larger", action="store_true", help="one point more, of ten times")
    parser.add_argument("--json", action="store_true", help="the points too")
    parser.add_argument("--to", type=Path, default=PICTURE, help="where the picture goes")
    return parser
