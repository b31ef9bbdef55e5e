"""A day in a busy room, speeded up: does memory grow?

43,200 messages, one for each two seconds of a day, and with each hundred of them somebody takes
another nick, as fast as the room's server takes it all, into the window that is looked at. Memory
is told after each eighth of the day, and in the end what a key costs.
"""

from __future__ import annotations

import asyncio
import platform
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen

from termxmpp.core.jid import Jid
from termxmpp.demo.server import PrivateProsody
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.xmpp import stanzas
from tests.bench.keys import typed
from tests.bench.measure import percentile, private_mb, resident_mb
from tests.bench.peer import Server
from tests.bench.stage import ALICE, Stage
from tests.support.account import online
from tests.support.terminal import Terminal, environment

__all__ = ["main"]

MESSAGES, PARTS = 43_200, 8
COLUMNS, ROWS = 120, 40

ROOM = Jid.parse("square@conference.localhost")
HOST = 'Component "conference.localhost" "muc"\n'
ENTER = "<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x>"


def main() -> None:
    print(f"day: Python {platform.python_version()}, {COLUMNS}x{ROWS}, {MESSAGES:,} messages")
    users = {"alice": "wonder", "bob": "build"}
    server = PrivateProsody(users, hosts=HOST)
    try:
        server.start()
        with tempfile.TemporaryDirectory() as home, _ours(server, Path(home)) as terminal:
            terminal.type(f"/join {ROOM}\r")
            terminal.wait_for("occupant")
            with _crowd(server) as crowd:
                for part in range(1, PARTS + 1):
                    _hear(crowd, terminal, f"END{part}END")
                    print(
                        f"  after {24 * part // PARTS:2} h: {resident_mb(terminal.pid):.1f} MB, "
                        f"its own {private_mb(terminal.pid):.1f}",
                        flush=True,
                    )
                times = typed(Stage(server, terminal))
            print(
                f"  keys then: p50={percentile(times, 50):.1f} p99={percentile(times, 99):.1f} ms"
            )
    finally:
        server.close()


def _hear(crowd: Popen[str], terminal: Terminal, end: str) -> None:
    """Let the crowd go on until it has said `end`."""
    assert crowd.stdin is not None
    crowd.stdin.write(f"{end}\n")
    crowd.stdin.flush()
    terminal.wait_for(end, patience=300)


@contextmanager
def _ours(server: PrivateProsody, home: Path) -> Iterator[Terminal]:
    command = [
        *(sys.executable, "-m", "termxmpp", ALICE, "--ca-file", str(server.ca_file)),
        *("--server", f"127.0.0.1:{server.port}"),
    ]
    with Terminal(command, environment(home), columns=COLUMNS, rows=ROWS) as terminal:
        terminal.wait_for("alice@localhost: online")
        yield terminal


@contextmanager
def _crowd(server: PrivateProsody) -> Iterator[Popen[str]]:
    command = [sys.executable, "-m", "tests.bench.day", str(server.port), str(server.ca_file)]
    crowd = Popen(command, stdin=PIPE, stderr=DEVNULL, text=True)
    try:
        yield crowd
    finally:
        crowd.kill()
        crowd.wait()


def _talk(port: int, ca_file: Path) -> None:
    """Be the crowd: for each line of standard input a part of the day, which ends with it."""
    count = MESSAGES // PARTS

    async def talk(mainloop: EpollMainLoop) -> None:
        lines = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        async with online(mainloop, Server(port, ca_file), "bob@localhost/x", "build") as bob:
            bob.send_xml(f"<presence to='{ROOM}/bob'>{ENTER}</presence>")
            said = 0
            while line := (await lines.readline()).decode().strip():
                for number in range(count):
                    said += 1
                    text = f"message {said}, about as long as people's messages are"
                    text = line if number == count - 1 else text
                    bob.send(stanzas.message(ROOM, text, id=f"m{said}", type="groupchat"))
                    if number % 100 == 0:
                        bob.send_xml(f"<presence to='{ROOM}/guest{said}'>{ENTER}</presence>")
                        await bob.prove(60)
                await bob.prove(60)

    run(talk)


if __name__ == "__main__":
    _talk(int(sys.argv[1]), Path(sys.argv[2]))
