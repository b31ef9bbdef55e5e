"""`termxmpp --listen` as a service manager and a reader of its output meet it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

from tests.support.account import Place
from tests.support.terminal import environment

__all__ = ["ListeningProgram", "send_as"]

# A loaded machine may take its time; then something is wrong (seconds).
PATIENCE = 20.0


class ListeningProgram:
    """The program as `name` with these `arguments`, at home in `folder`; it is online when entered.

    `told` is what the service manager was told, in an abstract socket.
    """

    def __init__(
        self,
        place: Place,
        folder: Path,
        *arguments: str,
        name: str = "alice",
        password: str = "wonder",
        stdout: int = subprocess.PIPE,
    ) -> None:
        self._name = name
        self._password = password
        self._place = place
        self._folder = folder
        self._arguments = arguments
        self._stdout = stdout
        self._rest = b""
        self.told: list[str] = []
        self.err = folder / f"stderr of {name}"

    def __enter__(self) -> Self:
        self._manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        # The kernel gives it a name that nobody has.
        self._manager.bind("")
        name = self._manager.getsockname()[1:].decode()
        with self.err.open("ab") as err:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "termxmpp", f"{self._name}@localhost"),
                    *("--listen",),
                    *("--server", f"127.0.0.1:{self._place.port}"),
                    *("--ca-file", str(self._place.ca_file), *self._arguments),
                ],
                env=environment(self._folder, self._password) | {"NOTIFY_SOCKET": f"@{name}"},
                stdin=subprocess.DEVNULL,
                stdout=self._stdout,
                stderr=err,
            )
        self.hears("READY=1")
        return self

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            # A session that is left behind would get what others wait for.
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._manager.close()

    def hears(self, words: str) -> None:
        """Wait until the service manager is told `words`."""
        self._manager.settimeout(PATIENCE)
        while words not in self.told:
            try:
                self.told.append(self._manager.recv(4096).decode())
            except TimeoutError:
                raise AssertionError(f"no {words}: {self.told} {self.err.read_text()}") from None

    def line(self) -> str:
        """The next line of its standard output."""
        return self.lines(1)[0]

    def lines(self, count: int) -> list[str]:
        """The next `count` lines."""
        end = time.monotonic() + PATIENCE
        stdout = self.process.stdout
        assert stdout is not None
        while self._rest.count(b"\n") < count:
            if not select.select([stdout], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"no line: {self._rest!r} {self.err.read_text()}")
            data = os.read(stdout.fileno(), 65536)
            if not data:
                raise AssertionError(f"it has ended: {self._rest!r} {self.err.read_text()}")
            self._rest += data
        *found, self._rest = self._rest.split(b"\n", count)
        return [line.decode() for line in found]

    def complains(self, words: str, within: float = PATIENCE) -> None:
        """Wait until it has said so on standard error, at most so many seconds."""
        end = time.monotonic() + within
        while words not in self.err.read_text():
            assert time.monotonic() < end, self.err.read_text()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.05)

    def ends(self, number: int = signal.SIGTERM) -> int:
        """Send it the signal; its exit status."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def rest(self) -> list[str]:
        """What it has printed until its end."""
        assert self.process.stdout is not None
        self._rest += self.process.stdout.read()
        return self._rest.decode().splitlines()


def send_as(place: Place, folder: Path, text: str, to: str = "alice@localhost") -> None:
    """Let bob write `text`, and hear that the server has it."""
    subprocess.run(
        [
            *(sys.executable, "-m", "termxmpp", "bob@localhost", "--send", to),
            *("--server", f"127.0.0.1:{place.port}", "--ca-file", str(place.ca_file)),
        ],
        input=text.encode(),
        env=environment(folder, "build"),
        check=True,
        timeout=PATIENCE,
    )
