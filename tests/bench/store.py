"""Store: what a turn costs to write, and a million messages to open, to search and to scroll.

The words are as unevenly frequent as those of a language (Zipf), the conversations too. A turn is
one message and its commit; back to back, the log never has the pause that it has in life.
"""

from __future__ import annotations

import os
import platform
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message, Route
from termxmpp.recall import OLDER
from termxmpp.store.database import open_file
from termxmpp.store.search import searchable
from termxmpp.store.store import Store
from tests.bench.measure import percentile

__all__ = ["FOLDER", "FREQUENT", "NOON", "RARE", "SCROLLED", "Talk", "build", "main"]

TURNS, PACED, PAUSE = 100_000, 4000, 0.005
PAGES, PAGE = 200, 100
MESSAGES = 1_000_000
SCROLLED = 10_000
QUERIES = 50
OPENINGS = 5

WORDS, PEERS = 50_000, 100
RARE, FREQUENT = 30_000, 20

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)

# Where a disk is, which /tmp may not be.
FOLDER = "/var/tmp"


class Talk:
    """What people say: the words, most frequent first, and the messages."""

    def __init__(self) -> None:
        chance = random.Random(1)
        letters = "abcdefghijklmnopqrstuvwxyz"
        words = {"".join(chance.choices(letters, k=chance.randint(2, 10))) for _ in range(WORDS)}
        self.words = sorted(words)
        chance.shuffle(self.words)
        self.peers = [Jid(f"peer{number}", "example.org") for number in range(PEERS)]
        self._chance = chance
        self._weights = list(accumulate(1 / rank for rank in range(1, len(self.words) + 1)))
        self._crowds = list(accumulate(1 / rank for rank in range(1, PEERS + 1)))

    def texts(self, count: int) -> Iterator[str]:
        """Texts of one word to twenty."""
        for _ in range(count):
            length = self._chance.randint(1, 20)
            yield " ".join(self._chance.choices(self.words, cum_weights=self._weights, k=length))

    def peers_of(self, count: int) -> list[Jid]:
        """With whom each of so many messages is exchanged."""
        return self._chance.choices(self.peers, cum_weights=self._crowds, k=count)


def main() -> None:
    talk = Talk()
    print(f"store: Python {platform.python_version()}, {os.cpu_count()} processors, in {FOLDER}")
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        written(Path(folder) / "turns.sqlite", talk, TURNS)
        written(Path(folder) / "paced.sqlite", talk, PACED, PAUSE)
        caught_up(Path(folder) / "pages.sqlite", talk)
        path = Path(folder) / "million.sqlite"
        began = time.perf_counter()
        build(path, talk)
        megabytes = path.stat().st_size / 1e6
        print(f"  {MESSAGES:,} messages: {megabytes:.0f} MB, made in {_seconds(began)}")
        opened(path)
        searched(path, talk)
        scrolled(path, talk)


def written(path: Path, talk: Talk, count: int, pause: float = 0.0) -> None:
    """Turns into a file that grows, with its log and its index looked after."""
    store = Store(path)
    log = path.with_name(f"{path.name}-wal")
    turns, used, longest = [], [], 0
    for number, (peer, text) in enumerate(
        zip(talk.peers_of(count), talk.texts(count), strict=True)
    ):
        message = Message(f"m{number}", peer, text, NOON, archive_id=f"a{number}")
        busy, start = time.thread_time(), time.perf_counter()
        store.record(events.MessageReceived(peer, message))
        store.commit()
        turns.append(time.perf_counter() - start)
        used.append(time.thread_time() - busy)
        longest = max(longest, log.stat().st_size)
        time.sleep(pause)
    pace = f"{pause * 1000:.0f} ms apart" if pause else "back to back"
    print(f"  {count:,} turns, {pace}: {_told(turns)}")
    print(f"    of it processor: {_told(used)}; the log had at most {longest / 1e6:.0f} MB")
    store.close()


def caught_up(path: Path, talk: Talk) -> None:
    """Pages of the archive, each a turn."""
    store = Store(path)
    store.record(events.SessionStarted(talk.peers[0]))
    store.record(events.CatchUpBegun())
    [gap] = store.history.gaps.all()
    turns, used = [], []
    for number in range(PAGES):
        said = enumerate(zip(talk.peers_of(PAGE), talk.texts(PAGE), strict=True))
        ids = [f"{number}-{place}" for place in range(PAGE)]
        messages = [
            (
                peer,
                Message(ids[place], peer, text, NOON, route=Route.ARCHIVE, archive_id=ids[place]),
            )
            for place, (peer, text) in said
        ]
        busy, start = time.thread_time(), time.perf_counter()
        store.record(events.ArchivePaged(gap.number, messages, ids[0], False))
        store.commit()
        turns.append(time.perf_counter() - start)
        used.append(time.thread_time() - busy)
    print(f"  {PAGES} pages of the archive, {PAGE} messages each: {_told(turns)}")
    print(f"    of it processor: {_told(used)}")
    store.close()


def build(path: Path, talk: Talk, messages: int = MESSAGES) -> None:
    """The file of a long life, made faster than by living it."""
    talked = zip(talk.peers_of(messages), talk.texts(messages), strict=True)
    db = open_file(path)
    db.execute("BEGIN")
    batch: list[tuple[object, ...]] = []
    for key, (peer, text) in enumerate(talked, 1):
        batch.append((key, str(peer), text))
        if len(batch) == 10_000:
            _insert(db.executemany, batch)
            batch = []
    db.executemany(
        "INSERT INTO conversation (peer, is_open, place) VALUES (?, 1, ?)",
        [(str(peer), place) for place, peer in enumerate(talk.peers)],
    )
    db.execute("COMMIT")
    # The index as steps leave it: in some segments, not in one.
    changes = -2
    while db.total_changes - changes >= 2:
        changes = db.total_changes
        db.execute("INSERT INTO word (word, rank) VALUES ('merge', 1000)")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    db.close()


def _insert(insert: Callable[..., object], rows: Sequence[tuple[object, ...]]) -> None:
    began = int(NOON.timestamp()) * 1_000_000
    insert(
        "INSERT INTO message (key, peer, rank, id, origin_id, archive_id, author, at, text,"
        " subject, is_own, is_delayed, is_unread, fate, reason, route, slot)"
        " VALUES (?1, ?2, ?1 << 32, 'm' || ?1, '', 'a' || ?1, ?2 || '/desk', ?4 + ?1 * 1000000,"
        " ?3, '', 0, 0, 0, NULL, '', 'live', 0)",
        [(*row, began) for row in rows],
    )
    insert(
        "INSERT INTO word (rowid, text) VALUES (?, ?)",
        [(key, searchable(str(text))) for key, _, text in rows],
    )


def opened(path: Path) -> None:
    """From nothing to what the screen begins with."""
    times = []
    for _ in range(OPENINGS):
        start = time.perf_counter()
        store = Store(path)
        restored = store.restore()
        times.append(time.perf_counter() - start)
        store.close()
    windows = [each for each in restored if isinstance(each, events.ConversationRestored)]
    messages = sum(len(each.messages) for each in windows)
    print(f"  opening, {len(windows)} windows, {messages:,} messages: {_told(times)}")


def searched(path: Path, talk: Talk) -> None:
    store = Store(path)
    chance = random.Random(2)
    rare = talk.words[RARE:]
    kinds: dict[str, Callable[[], str]] = {
        "a rare word": lambda: chance.choice(rare),
        "a frequent word": lambda: chance.choice(talk.words[:FREQUENT]),
        "two frequent words": lambda: " ".join(chance.sample(talk.words[:FREQUENT], 2)),
        "a frequent and a rare word": lambda: f"{talk.words[0]} {chance.choice(rare)}",
        "two words of the middle": lambda: " ".join(chance.sample(talk.words[200:2000], 2)),
        "a word that nobody said": lambda: f"x{chance.random()}",
    }
    for kind, query in kinds.items():
        queries = [query() for _ in range(QUERIES)]
        times, found = [], 0
        for words in queries:
            start = time.perf_counter()
            found += len(store.find(words, 50))
            times.append(time.perf_counter() - start)
        print(f"  {kind}, {found / QUERIES:.0f} of it shown: {_told(times)}")
    store.close()


def scrolled(path: Path, talk: Talk) -> None:
    store = Store(path)
    times = []
    page, has_older = store.older(talk.peers[0], None, OLDER)
    for _ in range(SCROLLED // OLDER):
        start = time.perf_counter()
        page, has_older = store.older(talk.peers[0], page[0], OLDER)
        times.append(time.perf_counter() - start)
    assert has_older
    store.close()
    print(f"  {SCROLLED:,} messages back, {OLDER} at a time: {_told(times)}")


def _told(seconds: Sequence[float]) -> str:
    p50, p99 = (percentile(seconds, percent) * 1000 for percent in (50, 99))
    return f"p50 {p50:.2f}, p99 {p99:.2f}, max {max(seconds) * 1000:.2f} ms"


def _seconds(began: float) -> str:
    return f"{timedelta(seconds=time.perf_counter() - began).total_seconds():.1f} s"
