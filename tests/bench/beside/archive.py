"""Our own records: messages in, words found among many, and far back. The peers keep no such."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from termxmpp.core import events
from termxmpp.core.message import Message
from termxmpp.recall import OLDER
from termxmpp.store.store import Store
from tests.bench.beside.plan import Plan
from tests.bench.clients import Client
from tests.bench.store import FOLDER, FREQUENT, NOON, RARE, SCROLLED, Talk, build
from tests.bench.tables import Figures

__all__ = ["inserted", "measure", "recalled"]

QUERIES = 20
SHOWN = 50


def measure(figures: Figures, clients: Sequence[Client], plan: Plan) -> None:
    """One round: the file of many messages takes minutes to make."""
    if "termxmpp" not in {client.name for client in clients}:
        return
    talk = Talk()
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        seconds = inserted(Path(folder) / "turns.sqlite", talk, plan.inserted)
        path = Path(folder) / "many.sqlite"
        build(path, talk, plan.searched)
        values = {
            f"{plan.inserted:,} messages in, a turn each, s": seconds,
            **recalled(path, talk),
            "the file, MB": path.stat().st_size / 1e6,
        }
    figures.add("archive", "termxmpp", values)
    figures.note("archive", f"Searched and scrolled in {plan.searched:,} messages.")


def inserted(path: Path, talk: Talk, count: int) -> float:
    """Seconds for so many messages, each recorded and committed as it comes."""
    store = Store(path)
    said = list(zip(talk.peers_of(count), talk.texts(count), strict=True))
    begin = time.perf_counter()
    for number, (peer, text) in enumerate(said):
        message = Message(f"m{number}", peer, text, NOON, archive_id=f"a{number}")
        store.record(events.MessageReceived(peer, message))
        store.commit()
    seconds = time.perf_counter() - begin
    store.close()
    return seconds


def recalled(path: Path, talk: Talk) -> Mapping[str, float]:
    """What it costs to open the records, to find words in them, and to go far back."""
    begin = time.perf_counter()
    store = Store(path)
    store.restore()
    values = {"opened, ms": (time.perf_counter() - begin) * 1000}
    chance = random.Random(2)
    kinds: Mapping[str, Callable[[], str]] = {
        "a rare word found, ms": lambda: chance.choice(talk.words[RARE:]),
        "two frequent words found, ms": lambda: " ".join(chance.sample(talk.words[:FREQUENT], 2)),
    }
    for kind, words in kinds.items():
        queries = [words() for _ in range(QUERIES)]
        values[kind] = statistics.median(_took(store, query) for query in queries)
    begin = time.perf_counter()
    page, has_older = store.older(talk.peers[0], None, OLDER)
    back = 0
    while has_older and back < SCROLLED:
        page, has_older = store.older(talk.peers[0], page[0], OLDER)
        back += len(page)
    values[f"{SCROLLED:,} messages back, ms"] = (time.perf_counter() - begin) * 1000
    store.close()
    return values


def _took(store: Store, query: str) -> float:
    begin = time.perf_counter()
    store.find(query, SHOWN)
    return (time.perf_counter() - begin) * 1000
