"""The clients that are measured, each logged in in a terminal: termxmpp and its peers.

The variables POEZIO, PROFANITY and MCABBER are how to start them, if not by their names: poezio
refuses to run as root, but not in `unshare --user --map-user=1000 poezio`. Who is not installed
is left out.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from termxmpp.demo.server import PrivateProsody
from tests.support.terminal import Terminal, environment

__all__ = ["CLIENTS", "COLUMNS", "ROWS", "Client", "alice"]

COLUMNS, ROWS = 120, 40

POEZIO = """\
[Poezio]
jid = alice@localhost/poezio
password = wonder
ca_cert_path = {ca_file}
custom_host = 127.0.0.1
custom_port = {port}
"""

PROFANITY = """\
[alice]
enabled=true
jid=alice@localhost
server=127.0.0.1
port={port}
resource=profanity
password=wonder
tls.policy=trust
presence.last=online
presence.login=online
"""

MCABBER = """\
set jid = alice@localhost/mcabber
set password = wonder
set server = 127.0.0.1
set port = {port}
set tls = 1
set ssl_ignore_checks = 1
"""


@dataclass(frozen=True)
class Client:
    """A client, and how a person at the keyboard has it do things.

    `configure` writes what it needs into its home, for a server at (port, certificate), and gives
    its arguments. `online` is what its screen says when it is logged in, `joined` when it is in a
    room (`{}` is the room's subject); `shows` is what goes to a conversation that is there.
    """

    name: str
    configure: Callable[[Path, int, Path], list[str]]
    online: str
    chat: str = "/msg {}"
    join: str = "/join {}/alice"
    joined: str = "{}"
    shows: str = ""

    @property
    def program(self) -> list[str] | None:
        """How it is started; None if it is not installed."""
        if self.name == "termxmpp":
            return [sys.executable, "-m", "termxmpp"]
        program = shlex.split(os.environ.get(self.name.upper(), self.name))
        return program if shutil.which(program[0]) and shutil.which(program[-1]) else None

    @contextmanager
    def __call__(self, server: PrivateProsody, roster: str) -> Iterator[Terminal | None]:
        """Her terminal, in which it is online and shows `roster`; None if it is not installed."""
        if self.program is None:
            yield None
            return
        with self.started(server) as terminal:
            terminal.wait_for(self.online)
            terminal.wait_for(roster)
            yield terminal

    @contextmanager
    def started(
        self, server: PrivateProsody, port: int = 0, home: Path | None = None
    ) -> Iterator[Terminal]:
        """Her terminal, in which it begins.

        `port` is where to dial, if not the server's own, `home` where it finds its records, if it
        is to have any.
        """
        assert self.program is not None
        with tempfile.TemporaryDirectory() as folder:
            home = home or Path(folder)
            arguments = self.configure(home, port or server.port, server.ca_file)
            command = [*self.program, *arguments]
            # As an installed program has its modules: compiled, by the first run.
            surroundings = {**environment(home), "PYTHONDONTWRITEBYTECODE": ""}
            with Terminal(command, surroundings, columns=COLUMNS, rows=ROWS) as terminal:
                yield terminal

    def opens(self, terminal: Terminal, peer: str) -> None:
        """Have it show the conversation with `peer`."""
        enter(terminal, self.chat.format(peer))
        if self.shows:
            # It talks to who is chosen only when that was confirmed.
            terminal.type("\r")
        terminal.read_for(1)


def enter(terminal: Terminal, line: str) -> None:
    """Give the command `line`.

    Key by key where that matters: poezio's first key chooses the input, and many at once are
    pasted.
    """
    terminal.type(line[0])
    terminal.read_for(0.3)
    terminal.type(line[1:])
    terminal.read_for(0.5)
    terminal.type("\r")


def alice(server: PrivateProsody) -> list[str]:
    """The command that starts termxmpp for her."""
    return [sys.executable, "-m", "termxmpp", *_termxmpp(Path(), server.port, server.ca_file)]


def _termxmpp(home: Path, port: int, ca_file: Path) -> list[str]:
    place = ["--ca-file", str(ca_file), "--server", f"127.0.0.1:{port}"]
    return ["alice@localhost/bench", *place]


def _poezio(home: Path, port: int, ca_file: Path) -> list[str]:
    file = home / "poezio.cfg"
    file.write_text(POEZIO.format(port=port, ca_file=ca_file))
    return ["-f", str(file)]


def _profanity(home: Path, port: int, ca_file: Path) -> list[str]:
    folder = home / ".local/share/profanity"
    folder.mkdir(parents=True)
    (folder / "accounts").write_text(PROFANITY.format(port=port))
    return ["-a", "alice"]


def _mcabber(home: Path, port: int, ca_file: Path) -> list[str]:
    file = home / "mcabberrc"
    file.touch(0o600)
    file.write_text(MCABBER.format(port=port))
    return ["-f", str(file)]


CLIENTS: dict[str, Client] = {
    client.name: client
    for client in (
        Client("termxmpp", _termxmpp, "alice@localhost: online", join="/join {} alice"),
        Client("profanity", _profanity, "logged in successfully", join="/join {} nick alice"),
        Client("poezio", _poezio, "Authentication success", chat="/message {}"),
        Client(
            "mcabber",
            _mcabber,
            "Your status has been set",
            chat="/roster search {}",
            join="/room join {} alice",
            joined="You have joined",
            shows="/roster search {}",
        ),
    )
}
