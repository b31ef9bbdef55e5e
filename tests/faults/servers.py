"""The servers of the runs, and what can be done to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from termxmpp.demo.server import PrivateProsody
from tests.support.account import LiveServer
from tests.support.ejabberd import PrivateEjabberd
from tests.support.extensible import extensible_prosody
from tests.support.rosters import stored_roster

__all__ = ["INEXACT", "PASSWORDS", "SERVERS", "FaultyServer", "make_server"]

PASSWORDS = {"alice": "wonder", "bob": "build", "carol": "sing"}

# Thousands of messages in a minute are meant, and all of them are to be kept.
_PROSODY = "storage_archive_item_limit = 10000000\nlimits = {}\nsmacks_max_queue_size = 100000\n"

# Its own files are read as a whole for each page of an archive.
_SQLITE = """\
storage = { archive = "sql" }
sql = { driver = "SQLite3", database = "prosody.sqlite" }
"""


class FaultyServer(LiveServer, Protocol):
    """A server that may be killed, restarted or stopped at any time."""

    def restart(self, *, kills: bool = False) -> None: ...

    def suspend(self) -> None: ...

    def go_on(self) -> None: ...

    def close(self) -> None: ...


def _with_rosters(server: PrivateProsody) -> PrivateProsody:
    for name in PASSWORDS:
        others = [(f"{other}@localhost", other, "Friends") for other in PASSWORDS if other != name]
        server.store("roster", name, stored_roster(others))
    return server


def _prosody() -> PrivateProsody:
    return _with_rosters(PrivateProsody(PASSWORDS, extra=_PROSODY + _SQLITE))


def _prosody_with_files() -> PrivateProsody:
    return _with_rosters(PrivateProsody(PASSWORDS, extra=_PROSODY))


def _prosody_with_sasl2() -> PrivateProsody:
    return _with_rosters(extensible_prosody(PASSWORDS, extra=_PROSODY + _SQLITE))


def _ejabberd() -> PrivateEjabberd:
    roster = [(f"{name}@localhost", name, "Friends") for name in PASSWORDS]
    return PrivateEjabberd(PASSWORDS, roster=roster, has_archive=True)


SERVERS: dict[str, Callable[[], FaultyServer]] = {
    "prosody": _prosody,
    "prosody-files": _prosody_with_files,
    "prosody-sasl2": _prosody_with_sasl2,
    "ejabberd": _ejabberd,
}


# It goes on with the bytes of a connection after it has told how far it came on the next.
INEXACT = frozenset({"ejabberd"})


def make_server(name: str) -> FaultyServer:
    """The server of that name, one of `SERVERS`, with its accounts; not started yet."""
    return SERVERS[name]()
