"""Sending from scripts: 1, 100 and 1,000 messages, ours and other senders by turns."""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from termxmpp.demo.server import PrivateProsody
from tests.bench.measure import resident_mb
from tests.support.extensible import extensible_prosody

__all__ = ["Sender", "main", "ready"]

RUNS = {1: 15, 100: 9, 1000: 5}

# An archive that is full is rewritten by the server with each message.
ARCHIVE = "storage_archive_item_limit = 1000000"

# The least that a script can do with the library: nothing is waited for but the stream's end.
SLIXMPP = """\
import ssl, sys
from slixmpp import ClientXMPP

class Sender(ClientXMPP):
    def __init__(self):
        super().__init__("alice@localhost", "wonder")
        self.ca_certs = sys.argv[2]
        self.add_event_handler("session_start", self.start)

    async def start(self, event):
        for number in range(int(sys.argv[3])):
            self.send_message("bob@localhost", f"line {number}", mtype="chat")
        await self.disconnect()

sender = Sender()
sender.connect("127.0.0.1", int(sys.argv[1]))
sender.loop.run_until_complete(sender.disconnected)
"""


@dataclass
class Sender:
    """A program that sends; `command` is how, for so many messages, with what input.

    `proof` is what it has when it ends, `statuses` are those with which it does so in good order.
    """

    name: str
    proof: str
    command: Callable[[int], tuple[list[str], bytes]]
    statuses: tuple[int, ...] = (0,)
    wall: list[float] = field(default_factory=list)
    used: list[float] = field(default_factory=list)

    def run(self, count: int, environment: dict[str, str]) -> tuple[float, float]:
        """Run it once; milliseconds that passed, and of processor."""
        command, typed = self.command(count)
        begin = time.perf_counter()
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
        ) as child:
            assert child.stdin is not None
            child.stdin.write(typed)
            child.stdin.close()
            __, status, usage = os.wait4(child.pid, 0)
            self.wall.append((time.perf_counter() - begin) * 1000)
            child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in self.statuses:
            raise RuntimeError(f"{self.name} ended with {child.returncode}")
        self.used.append((usage.ru_utime + usage.ru_stime) * 1000)
        return self.wall[-1], self.used[-1]

    def told(self) -> str:
        wall, used = self.wall, self.used
        self.wall, self.used = [], []
        return (
            f"{self.name:22} {statistics.median(wall):6.0f} ({min(wall):.0f}-{max(wall):.0f}), "
            f"{statistics.median(used):.0f} CPU, proof: {self.proof}"
        )


def main() -> None:
    with ready() as (senders, environment):
        for count, runs in RUNS.items():
            print(f"send: {count} messages, Python {platform.python_version()}, n={runs}, ms")
            for number in range(1 + runs):
                for sender in senders:
                    sender.run(count, environment)
                    if number == 0:
                        sender.told()
            for sender in senders:
                print(f"  {sender.told()}")
        print(f"  termxmpp has {_resident(senders[0], environment):.0f} MB while it sends")


@contextmanager
def ready() -> Iterator[tuple[list[Sender], dict[str, str]]]:
    """All that are on this machine, with servers for them, and the environment to run them in."""
    with tempfile.TemporaryDirectory() as home:
        environment = {
            **{name: value for name, value in os.environ.items() if name != "XDG_DATA_HOME"},
            "TERMXMPP_PASSWORD": "wonder",
            "XDG_DATA_HOME": home,
            # As an installed program has its modules.
            "PYTHONPYCACHEPREFIX": f"{home}/compiled",
            "PYTHONDONTWRITEBYTECODE": "",
        }
        users = {"alice": "wonder", "bob": "build"}
        plain = PrivateProsody(users, extra=ARCHIVE)
        extensible = extensible_prosody(users, extra=ARCHIVE)
        try:
            plain.start()
            extensible.start()
            senders = [
                Sender("termxmpp", "the server's word", _ours(plain)),
                Sender("termxmpp, by a token", "the server's word", _ours(extensible)),
                Sender("slixmpp script", "none", _slixmpp(plain)),
                *_installed(plain, Path(home)),
            ]
            yield senders, environment
        finally:
            plain.close()
            extensible.close()


def _resident(ours: Sender, environment: dict[str, str]) -> float:
    """Megabytes in memory when a line has been sent and more may come."""
    command, __ = ours.command(2)
    with subprocess.Popen(
        [*command, "--json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(b"line\n")
        child.stdin.flush()
        child.stdout.readline()
        resident = resident_mb(child.pid)
        child.stdin.close()
    return resident


def _lines(count: int) -> bytes:
    return "".join(f"line {number}\n" for number in range(count)).encode()


def _ours(server: PrivateProsody) -> Callable[[int], tuple[list[str], bytes]]:
    program = [sys.executable, "-m", "termxmpp", "alice@localhost", "--send", "bob@localhost"]
    place = ["--server", f"127.0.0.1:{server.port}", "--ca-file", str(server.ca_file)]

    def command(count: int) -> tuple[list[str], bytes]:
        if count == 1:
            return [*program, *place, "line"], b""
        return [*program, *place, "--lines"], _lines(count)

    return command


def _slixmpp(server: PrivateProsody) -> Callable[[int], tuple[list[str], bytes]]:
    program = [sys.executable, "-c", SLIXMPP, str(server.port), str(server.ca_file)]
    return lambda count: ([*program, str(count)], b"")


def _installed(server: PrivateProsody, home: Path) -> list[Sender]:
    """Those of the others that are on this machine."""
    found = []
    place = f"127.0.0.1:{server.port}"
    if shutil.which("go-sendxmpp"):
        program = ["go-sendxmpp", "-u", "alice@localhost", "-p", "wonder", "-j", place, "-n"]

        def go(count: int) -> tuple[list[str], bytes]:
            wish = [] if count == 1 else ["-i"]
            return [*program, *wish, "bob@localhost"], _lines(count)

        # The end of its input is an error to it, behind all that it has sent.
        found.append(Sender("go-sendxmpp", "none", go, (0, 1)))
    if shutil.which("sendxmpp"):
        rc = home / "sendxmpprc"
        rc.touch(0o600)
        # It would ask a server at an address for that address's accounts.
        rc.write_text(f"alice@localhost:{server.port} wonder\n")
        program_perl = ["sendxmpp", "-f", str(rc), "-t", "--tls-ca-path", str(server.ca_file)]

        def perl(count: int) -> tuple[list[str], bytes]:
            wish = [] if count == 1 else ["-i"]
            return [*program_perl, *wish, "bob@localhost"], _lines(count)

        found.append(Sender("sendxmpp", "none", perl))
    return found
