"""`python -m tests.support.writer PATH NAME COUNT`: another termxmpp that writes into records.

It says on standard output which of its messages are committed, each with a line of its own.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from termxmpp.core.events import MessageReceived
from termxmpp.core.jid import Jid
from termxmpp.core.message import Message
from termxmpp.core.session import Session
from termxmpp.store.store import Store

__all__ = ["PEER", "said", "write", "writer"]

PEER = Jid.parse("bob@example.org")


def said(name: str, number: int) -> Message:
    """The message of `name` with that number; no other is like it."""
    text = f"{name} {number}"
    return Message(
        text, PEER, text, datetime(2026, 1, 2, tzinfo=UTC), archive_id=f"{name}-{number}"
    )


def write(store: Store, name: str, number: int) -> None:
    """One turn: a message, what was handled, and the commit."""
    store.record(MessageReceived(PEER, said(name, number)))
    store.stanzas_handled(number + 1)
    store.commit()


@contextmanager
def writer(path: Path, name: str, count: int) -> Iterator[subprocess.Popen[str]]:
    """Such a process; it begins to write when it gets a line."""
    command = [sys.executable, "-m", "tests.support.writer", str(path), name, str(count)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def main(path: str, name: str, count: str) -> None:
    store = Store(Path(path))
    store.session_began(Session(name, PEER))
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(int(count)):
        write(store, name, number)
        print(number, flush=True)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
