"""termxmpp beside its peers, in one run: the tables of the README.

`python -m tests.bench peers [PART ...] [--quick] [--rounds N] [--only NAMES] [--json]
[--into FILE]`. The
programs take turns within each round; a cell is the median of the rounds and what they lay
between. Who isn't installed is named and left out. Nothing here can fail for being slow.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.beside import archive, flood, idle, keys, room, sending, start
from tests.bench.beside.plan import FULL, QUICK, Plan
from tests.bench.clients import CLIENTS, Client
from tests.bench.tables import Figures, machine, put

__all__ = ["main"]

Part = Callable[[Figures, Sequence[Client], Plan], None]

PARTS: dict[str, Part] = {
    "idle": idle.measure,
    "start": start.measure,
    "flood": flood.measure,
    "keys": keys.measure,
    "room": room.measure,
    "sending": sending.measure,
    "archive": archive.measure,
}


def main(arguments: Sequence[str] = ()) -> int:
    """Measure what `arguments` say, and print it; the exit status."""
    wish = _parser().parse_args(arguments)
    plan = (QUICK if wish.quick else FULL).of(wish.rounds)
    chosen = [each for each in CLIENTS.values() if not wish.only or each.name in wish.only]
    clients = [client for client in chosen if client.program is not None]
    missing = [client.name for client in chosen if client.program is None]
    figures = Figures([client.name for client in clients])
    about = machine()
    parts = wish.parts or list(PARTS)
    told = [_headline(about, plan)]
    if not wish.json:
        print(told[0], flush=True)
    for name in parts:
        began = time.monotonic()
        PARTS[name](figures, clients, plan)
        told.append(figures.markdown(name))
        if not wish.json:
            print(f"\n{told[-1]}", flush=True)
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    if missing:
        told.append(f"Not installed, and left out: {', '.join(missing)}.")
    if wish.json:
        print(figures.json(**about, rounds=plan.rounds, missing=missing))
    elif missing:
        print(f"\n{told[-1]}")
    if wish.into:
        wish.into.write_text(put(wish.into.read_text(), "\n\n".join(told)))
    return 0


def _headline(about: dict[str, str], plan: Plan) -> str:
    rounds = "1 round" if plan.rounds == 1 else f"{plan.rounds} rounds: median (least–most)"
    return (
        f"{about['date']}, {about['processors']}, Linux {about['kernel']}, "
        f"Python {about['python']}; {rounds}"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench peers", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="one round of each, and less of it")
    parser.add_argument("--rounds", type=int, help=f"how often (default {FULL.rounds})")
    parser.add_argument("--only", type=lambda names: names.split(","), help="names with commas")
    parser.add_argument("--into", type=Path, help="a file, such as README.md, that quotes the run")
    parser.add_argument("--json", action="store_true", help="one JSON object, with each value")
    return parser
