"""The service manager's socket: a real one, by its path or in the abstract namespace."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from termxmpp.script.readiness import Readiness


class Manager:
    """What listens as systemd does."""

    def __init__(self, address: str) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(address)
        self.sock.setblocking(False)

    def heard(self) -> list[str]:
        found = []
        while True:
            try:
                found.append(self.sock.recv(4096).decode())
            except BlockingIOError:
                return found


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Manager, Readiness]]:
    if request.param == "path":
        name = str(tmp_path / "notify")
        found = Manager(name)
    else:
        found = Manager("")
        name = "@" + found.sock.getsockname()[1:].decode()
    yield found, Readiness({"NOTIFY_SOCKET": name})
    found.sock.close()


def test_it_is_ready_once_and_says_how_it_is(manager: tuple[Manager, Readiness]) -> None:
    heard, readiness = manager[0].heard, manager[1]
    readiness.status("connecting")
    readiness.ready("online")
    readiness.ready("online")
    readiness.status("online")
    readiness.status("reconnecting\nREADY=0")
    readiness.stopping()
    assert heard() == [
        "STATUS=connecting",
        "READY=1",
        "STATUS=online",
        "STATUS=reconnecting␤READY=0",
        "STOPPING=1",
    ]


@pytest.mark.parametrize("name", ["", "relative", "vsock:1:2", "/nowhere/notify", "@nobody here"])
def test_where_nobody_listens_nothing_happens(name: str) -> None:
    readiness = Readiness({"NOTIFY_SOCKET": name} if name else {})
    readiness.ready("online")
    readiness.stopping()
