"""The clients that are measured: termxmpp, poezio and profanity, each logged in in a terminal.

The variable POEZIO is how to start poezio, if not by its name: it refuses to run as root, but not
in `unshare --user --map-user=1000 poezio`. Who is not installed is left out.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from termxmpp.demo.server import PrivateProsody
from tests.support.terminal import Terminal, environment

__all__ = ["CLIENTS", "Client", "alice"]

# How one is started for alice at a server: it gives her terminal, in which `roster` (a word that
# is seen when she is online) has come; None where the client is not installed.
Client = Callable[[PrivateProsody, str], AbstractContextManager[Terminal | None]]

COLUMNS, ROWS = 120, 40

POEZIO = """\
[Poezio]
jid = alice@localhost/poezio
password = wonder
ca_cert_path = {ca_file}
custom_host = 127.0.0.1
custom_port = {port}
"""


def alice(server: PrivateProsody) -> list[str]:
    """The command that starts termxmpp for her."""
    return [
        *(sys.executable, "-m", "termxmpp", "alice@localhost/bench"),
        *("--ca-file", str(server.ca_file), "--server", f"127.0.0.1:{server.port}"),
    ]


@contextmanager
def _termxmpp(server: PrivateProsody, roster: str) -> Iterator[Terminal | None]:
    with _terminal(alice(server)) as terminal:
        terminal.wait_for("alice@localhost: online")
        terminal.wait_for(roster)
        yield terminal


@contextmanager
def _poezio(server: PrivateProsody, roster: str) -> Iterator[Terminal | None]:
    program = shlex.split(os.environ.get("POEZIO", "poezio"))
    if shutil.which(program[0]) is None:
        yield None
        return
    with tempfile.NamedTemporaryFile("w", suffix=".cfg") as file:
        file.write(POEZIO.format(ca_file=server.ca_file, port=server.port))
        file.flush()
        with _terminal([*program, "-f", file.name]) as terminal:
            # It names contacts by their addresses, and shows nobody who is offline.
            terminal.read_for(4)
            yield terminal


@contextmanager
def _profanity(server: PrivateProsody, roster: str) -> Iterator[Terminal | None]:
    program = shutil.which("profanity")
    if program is None:
        yield None
        return
    with _terminal([program]) as terminal:
        terminal.read_for(1)
        place = f"server 127.0.0.1 port {server.port} tls trust"
        terminal.type(f"/connect alice@localhost/profanity {place}\r")
        terminal.wait_for("password")
        terminal.type("wonder\r")
        terminal.wait_for(roster)
        yield terminal


@contextmanager
def _terminal(command: Sequence[str]) -> Iterator[Terminal]:
    with (
        tempfile.TemporaryDirectory() as home,
        Terminal(command, environment(Path(home)), columns=COLUMNS, rows=ROWS) as terminal,
    ):
        yield terminal


CLIENTS: dict[str, Client] = {
    "termxmpp": _termxmpp,
    "poezio": _poezio,
    "profanity": _profanity,
}
