"""The demo's stage: the server, the bots and the guest's way in, and their end."""

from __future__ import annotations

import json
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from termxmpp.demo.server import PrivateProsody
from termxmpp.values import dataclass

__all__ = ["Guest", "stage"]

GUEST = "guest@localhost"
BOTS = ("ada", "club", "grace")

# What is uploaded is gone at the end, and is not to fill the disk before.
LARGEST_FILE = 100_000_000

# Contacts that know each other already, so that the guest finds somebody at once.
_ROSTER = """\
return {{
    [false] = {{ version = 1; }};
{items}}};
"""
_ITEM = """\
    [{jid}] = {{ subscription = "both"; name = {name}; groups = {{ [{group}] = true; }}; }};
"""

STOP_TIMEOUT = 5.0


@dataclass(frozen=True, slots=True)
class Guest:
    """How the guest gets in, and the folder for what the guest leaves."""

    jid: str
    password: str
    server: str
    ca_file: Path
    folder: Path


@contextmanager
def stage() -> Iterator[Guest]:
    """The server and the bots run while the context lasts; nothing of them is left behind.

    Raises UserError where Prosody is not installed, ConnectionFailed where it doesn't start.
    """
    passwords = {name: secrets.token_urlsafe(16) for name in ("guest", *BOTS)}
    server = PrivateProsody(passwords, files_limit=LARGEST_FILE)
    try:
        _introduce(server)
        server.start()
        bots = [_start_bot(name, passwords[name], server) for name in BOTS]
        try:
            place = f"{server.host}:{server.port}"
            yield Guest(GUEST, passwords["guest"], place, server.ca_file, server.folder)
        finally:
            for bot in bots:
                _end(bot)
    finally:
        server.close()


def _introduce(server: PrivateProsody) -> None:
    """Put everybody into the rosters of those they talk to."""
    friends = {
        "guest": {"ada": ("Ada", "Friends"), "club": ("The club", "Clubs")},
        "ada": {"guest": ("Guest", "Friends")},
        "club": {"guest": ("Guest", "Members"), "grace": ("Grace", "Members")},
        "grace": {"club": ("The club", "Clubs")},
    }
    for owner, contacts in friends.items():
        items = "".join(
            _ITEM.format(
                jid=json.dumps(f"{jid}@{server.domain}"),
                name=json.dumps(name),
                group=json.dumps(group),
            )
            for jid, (name, group) in contacts.items()
        )
        server.store("roster", owner, _ROSTER.format(items=items))


def _start_bot(name: str, password: str, server: PrivateProsody) -> subprocess.Popen[bytes]:
    """A bot in a process of its own; its password goes through a pipe."""
    order = {
        "name": name,
        "password": password,
        "guest": GUEST,
        "server": {"host": server.host, "port": server.port, "ca_file": str(server.ca_file)},
    }
    with (server.folder / "bots.log").open("ab") as log:
        bot = subprocess.Popen(
            [sys.executable, "-m", "termxmpp.demo.club"],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )
    assert bot.stdin is not None
    with bot.stdin as pipe:
        pipe.write(json.dumps(order).encode())
    return bot


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
