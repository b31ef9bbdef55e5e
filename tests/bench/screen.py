"""The screen under load: keys and windows with 100,000 messages and 10,000 contacts.

alice's conversation with bob has 100,000 messages, and her roster 10,000 contacts. Keys are timed
as in `keys`, without and with 200 messages a second; windows from the key to the first byte of
what stands in the other one. profanity, if it is installed, has the same roster and bob's
messages, in the same run; of the past it shows what its own records hold: nothing.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.demo.server import PrivateProsody
from termxmpp.store.store import Store
from tests.bench.keys import typed
from tests.bench.measure import percentile
from tests.bench.stage import ALICE, Stage
from tests.support.rosters import stored_roster
from tests.support.terminal import Terminal, environment

__all__ = ["main"]

MESSAGES, CONTACTS = 100_000, 10_000
COLUMNS, ROWS = 120, 40
SWITCHES = 100
RATE = 200

BOB, CAROL = Jid.parse("bob@localhost"), Jid.parse("carol@localhost")
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)

# In capitals, which nothing else on the screen holds.
BOBS, CAROLS = "QQQQQQ", "JJJJJJ"


def main() -> None:
    print(
        f"screen: Python {platform.python_version()}, {COLUMNS}x{ROWS}, {MESSAGES:,} messages in "
        f"the conversation, {CONTACTS:,} contacts"
    )
    server = PrivateProsody({"alice": "wonder", "bob": "build"})
    try:
        contacts = [
            (f"c{number}@localhost", f"Contact {number:05}", f"Group {number % 10}")
            for number in range(CONTACTS)
        ]
        server.store("roster", "alice", stored_roster(contacts))
        server.start()
        with tempfile.TemporaryDirectory() as home:
            _remember(Path(home) / ".local/share/termxmpp/alice@localhost.sqlite")
            with _ours(server, Path(home)) as stage:
                _switch(stage.terminal)
                _tell("termxmpp", stage)
        if shutil.which("profanity"):
            with _profanity(server) as stage:
                _tell("profanity", stage)
    finally:
        server.close()


def _tell(name: str, stage: Stage) -> None:
    for rate in (0, RATE):
        if rate:
            with stage.bob(rate, 10**6) as bob:
                bob.begins()
                stage.terminal.read_for(1)
                times = typed(stage.terminal)
        else:
            times = typed(stage.terminal)
        print(
            f"  {name:9} keys at {rate:3} messages/s: p50={percentile(times, 50):.1f} "
            f"p99={percentile(times, 99):.1f} max={max(times):.1f} ms"
        )


def _switch(terminal: Terminal) -> None:
    times = []
    for number in range(SWITCHES):
        key, sign = (b"\x1b3", CAROLS) if number % 2 == 0 else (b"\x1b2", BOBS)
        terminal.read_for(0.05)
        begin = time.perf_counter()
        os.write(terminal.fd, key)
        while sign.encode() not in os.read(terminal.fd, 65536):
            pass
        times.append((time.perf_counter() - begin) * 1000)
    print(
        f"  termxmpp  to another window: p50={percentile(times, 50):.1f} "
        f"p99={percentile(times, 99):.1f} max={max(times):.1f} ms"
    )


def _remember(path: Path) -> None:
    """The records of a long life."""
    path.parent.mkdir(parents=True)
    store = Store(path)
    said = [(BOB, f"message {number}, as long as they are") for number in range(MESSAGES)]
    for number, (peer, text) in enumerate([*said, (BOB, BOBS), (CAROL, CAROLS)]):
        at = NOON + timedelta(seconds=number)
        message = Message(f"m{number}", peer.with_resource("x"), text, at, archive_id=f"a{number}")
        store.record(events.MessageReceived(peer, message))
        if number % 1000 == 0:
            store.commit()
    for peer in (BOB, CAROL):
        store.record(events.ConversationRead(peer))
    store.close()


@contextmanager
def _ours(server: PrivateProsody, home: Path) -> Iterator[Stage]:
    command = [
        *(sys.executable, "-m", "termxmpp", ALICE, "--ca-file", str(server.ca_file)),
        *("--server", f"127.0.0.1:{server.port}"),
    ]
    with Terminal(command, environment(home), columns=COLUMNS, rows=ROWS) as terminal:
        terminal.wait_for("alice@localhost: online")
        terminal.wait_for("Contact")
        terminal.type("\x1b2")
        terminal.wait_for(BOBS)
        terminal.read_for(1.5)
        yield Stage(server, terminal)


@contextmanager
def _profanity(server: PrivateProsody) -> Iterator[Stage]:
    with (
        tempfile.TemporaryDirectory() as home,
        Terminal(["profanity"], environment(Path(home)), columns=COLUMNS, rows=ROWS) as terminal,
    ):
        terminal.read_for(1)
        # It takes half a minute to draw such a roster, key by key.
        terminal.type("/roster hide\r")
        terminal.type(f"/connect {ALICE} server 127.0.0.1 port {server.port} tls trust\r")
        terminal.wait_for("password")
        terminal.type("wonder\r")
        terminal.wait_for("logged in successfully")
        terminal.read_for(5)
        terminal.type("/msg bob@localhost\r")
        terminal.read_for(2)
        yield Stage(server, terminal)
