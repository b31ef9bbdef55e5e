"""Memory: an idle session with 50 contacts who are online, beside poezio and profanity.

The variable POEZIO is how to start poezio, if not by its name: it refuses to run as root, but not
in `unshare --user --map-user=1000 poezio`. Who is not installed is left out. What a process has
for itself (USS) tells more than what it shares with all other Pythons (RSS).
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from termxmpp.demo.server import MODULES, PrivateProsody
from tests.bench.measure import private_mb, resident_mb
from tests.bench.roster import crowd
from tests.support.rosters import stored_roster
from tests.support.terminal import Terminal, environment

__all__ = ["main"]

CONTACTS = 50
RUNS = 5

# So long after the log-in nothing moves any more (seconds).
SETTLED = 3.0

POEZIO = """\
[Poezio]
jid = alice@localhost/poezio
password = wonder
ca_cert_path = {ca_file}
custom_host = 127.0.0.1
custom_port = {port}
"""


def main() -> None:
    print(
        f"memory: Python {platform.python_version()}, 120x40, {CONTACTS} contacts online, idle; "
        f"{RUNS} runs, MB: median (min-max)"
    )
    server = PrivateProsody({"alice": "wonder"}, modules=(*MODULES, "crowd"))
    try:
        contacts = [
            (f"c{number}@localhost", f"Contact {number:02}", f"Group {number % 5}")
            for number in range(CONTACTS)
        ]
        server.store("roster", "alice", stored_roster(contacts))
        crowd(server, CONTACTS)
        server.start()
        for name, run in {"termxmpp": _ours, "poezio": _poezio, "profanity": _profanity}.items():
            measured = [run(server) for _ in range(RUNS)]
            told = [each for each in measured if each is not None]
            if told:
                resident, private = zip(*told, strict=True)
                print(f"  {name:9} resident {_told(resident)}, its own {_told(private)}")
            else:
                print(f"  {name:9} is not installed")
    finally:
        server.close()


Figures = tuple[float, float]


def _ours(server: PrivateProsody) -> Figures | None:
    command = [
        *(sys.executable, "-m", "termxmpp", "alice@localhost", "--ca-file", str(server.ca_file)),
        *("--server", f"127.0.0.1:{server.port}"),
    ]
    return _measured(command, lambda terminal: terminal.wait_for("● Contact 20"))


def _poezio(server: PrivateProsody) -> Figures | None:
    program = shlex.split(os.environ.get("POEZIO", "poezio"))
    if shutil.which(program[0]) is None:
        return None
    with tempfile.NamedTemporaryFile("w", suffix=".cfg") as file:
        file.write(POEZIO.format(ca_file=server.ca_file, port=server.port))
        file.flush()
        command = [*program, "-f", file.name]
        return _measured(command, lambda terminal: terminal.wait_for("c36@localhost"))


def _profanity(server: PrivateProsody) -> Figures | None:
    program = shutil.which("profanity")
    if program is None:
        return None

    def log_in(terminal: Terminal) -> None:
        terminal.read_for(1)
        place = f"server 127.0.0.1 port {server.port} tls trust"
        terminal.type(f"/connect alice@localhost/profanity {place}\r")
        terminal.wait_for("password")
        terminal.type("wonder\r")
        terminal.wait_for("Contact 20")

    return _measured([program], log_in)


def _measured(command: Sequence[str], log_in: Callable[[Terminal], None]) -> Figures:
    with tempfile.TemporaryDirectory() as home:
        surroundings: Mapping[str, str] = environment(Path(home))
        with Terminal(command, surroundings, columns=120, rows=40) as terminal:
            log_in(terminal)
            terminal.read_for(SETTLED)
            return resident_mb(terminal.pid), private_mb(terminal.pid)


def _told(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.1f} ({min(values):.1f}-{max(values):.1f})"
