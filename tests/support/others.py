"""Other people's clients for the terminal, as bob@localhost in a pty: profanity and poezio.

Each has a home of its own and trusts the tests' authority. poezio refuses to run as root, and is
then run as nobody, whose home can't be in pytest's folders.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.account import Place
from tests.support.terminal import Terminal

__all__ = ["Other", "Poezio", "Profanity", "opened"]

NOBODY = 65534


class Other(Terminal):
    """One of them; `program` is its name, and that of Debian's package.

    It calls somebody `typing` who is.
    """

    program = ""
    typing = ""

    def __init__(self, server: Place, home: Path) -> None:
        self.home = home
        shutil.copy(server.ca_file, home / "ca.pem")
        self.configure(server)
        surroundings = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(home),
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
            # What OpenSSL trusts.
            "SSL_CERT_FILE": str(home / "ca.pem"),
        }
        super().__init__([*self.user(), *self.command()], surroundings, columns=120, rows=30)

    def configure(self, server: Place) -> None:
        """Write into its home who it is to be, and where."""
        raise NotImplementedError

    def user(self) -> list[str]:
        """What runs it as another user, if it must not be this one."""
        return []

    def command(self) -> list[str]:
        return [f"/usr/bin/{self.program}"]

    def starts(self) -> None:
        """Wait until it is online."""
        raise NotImplementedError

    def enters(self, line: str) -> None:
        """Type `line` and Enter."""
        self.type(line)
        self.wait_for(line[-40:])
        self.type("\r")

    def opens(self, address: str) -> None:
        """Look at the conversation with `address`."""
        raise NotImplementedError

    def looks_at_notices(self) -> None:
        """Look where invitations are told."""
        raise NotImplementedError

    def joins(self, room: str) -> None:
        """Enter `room` as Robert, and look at it."""
        raise NotImplementedError

    def sees_the_receipt(self) -> None:
        """Wait until the last message is told to have arrived, if it says so in words."""

    def invites(self, address: str, room: str, reason: str) -> None:
        raise NotImplementedError


class Profanity(Other):
    program = "profanity"
    typing = "(typing...)"

    def configure(self, server: Place) -> None:
        folder = self.home / ".local" / "share" / "profanity"
        folder.mkdir(parents=True)
        (folder / "accounts").write_text(
            f"[bob@localhost]\nenabled=true\njid=bob@localhost\npassword=build\n"
            f"server={server.host}\nport={server.port}\nmuc.nick=Robert\n"
            "muc.service=conference.localhost\npresence.last=online\npresence.login=online\n"
        )

    def command(self) -> list[str]:
        return [*super().command(), "-a", "bob@localhost"]

    def starts(self) -> None:
        self.wait_for("logged in successfully")
        for line in ("/receipts request on", "/receipts send on", "/correction on"):
            self.enters(line)
            self.wait_for("enabled.")

    def opens(self, address: str) -> None:
        self.enters(f"/msg {address}")

    def looks_at_notices(self) -> None:
        self.enters("/win 1")

    def joins(self, room: str) -> None:
        before = self.lines[1]
        self.enters(f"/join {room}")
        # The first line of another window; what room it is of stands nowhere.
        self.wait_until(
            lambda: self.lines[1] != before and "You have joined the room as Robert" in self.text,
            room,
        )

    def invites(self, address: str, room: str, reason: str) -> None:
        self.enters(f"/invite send {address} {reason}")


class Poezio(Other):
    program = "poezio"
    typing = "composing"

    def configure(self, server: Place) -> None:
        folder = self.home / ".config" / "poezio"
        folder.mkdir(parents=True)
        (folder / "poezio.cfg").write_text(
            "[Poezio]\njid = bob@localhost/poezio\npassword = build\ndefault_nick = Robert\n"
            f"custom_host = {server.host}\ncustom_port = {server.port}\n"
            f"ca_cert_path = {self.home / 'ca.pem'}\nenable_avatars = false\n"
        )
        if os.geteuid() == 0:
            for path in (self.home, *self.home.rglob("*")):
                os.chown(path, NOBODY, NOBODY)

    def user(self) -> list[str]:
        if os.geteuid() != 0:
            return []
        return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]

    def starts(self) -> None:
        self.wait_for("Authentication success.")

    def enters(self, line: str) -> None:
        # Keys that come together are a paste.
        for end in range(1, len(line) + 1):
            shown = line[max(0, end - 40) : end].rstrip()
            self.type(line[end - 1])
            self.wait_until(lambda shown=shown: self.lines[-1].endswith(shown), shown)  # type: ignore[misc]
        self.type("\r")

    def opens(self, address: str) -> None:
        self.enters(f"/message {address}")

    def looks_at_notices(self) -> None:
        self.enters("/win 0")

    def sees_the_receipt(self) -> None:
        self.wait_for("✔")

    def joins(self, room: str) -> None:
        self.enters(f"/join {room}/Robert")
        self.wait_for(f"[{room}]")
        self.wait_for("You (Robert) joined the room")

    def invites(self, address: str, room: str, reason: str) -> None:
        self.enters(f"/invite {address} {room} {reason}")


@contextmanager
def opened(kind: type[Other], server: Place) -> Iterator[Other]:
    """One of that `kind`, online; the test is skipped where it is not installed."""
    if not Path("/usr/bin", kind.program).exists():
        pytest.skip(f"{kind.program} is not installed: apt-get install -y {kind.program}")
    with (
        tempfile.TemporaryDirectory(prefix="termxmpp-other-", ignore_cleanup_errors=True) as home,
        kind(server, Path(home)) as other,
    ):
        other.starts()
        yield other
