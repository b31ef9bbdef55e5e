"""Servers for the time of a test or of a module, of each kind, with what a test asks of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest

from termxmpp.demo.server import MODULES, PrivateProsody
from tests.support.account import LiveServer
from tests.support.ejabberd import PrivateEjabberd
from tests.support.rosters import stored_roster

__all__ = [
    "ROOMS",
    "USERS",
    "add_module",
    "add_options",
    "befriended_ejabberd",
    "befriended_prosody",
    "each_of",
    "registering",
    "running",
]

USERS = {"alice": "wonder", "bob": "build"}

# Who is in their rosters.
ALICE_THERE = ("alice@localhost", "Alice", "Friends")
BOB_THERE = ("bob@localhost", "Bob", "Friends")

# Rooms at a host of their own, with archives, which are there also when nobody is in them.
ROOMS = """\
Component "conference.localhost" "muc"
    modules_enabled = { "muc_mam" }
    muc_room_default_persistent = true
"""

Kind = TypeVar("Kind", bound=PrivateProsody | PrivateEjabberd)


def each_of(*fixtures: str) -> Any:
    """A fixture of a module that is each of its `fixtures`, one after the other."""

    @pytest.fixture(scope="module", params=fixtures)
    def server(request: pytest.FixtureRequest) -> LiveServer:
        found: LiveServer = request.getfixturevalue(request.param)
        return found

    return server


@contextmanager
def running(server: Kind) -> Iterator[Kind]:
    """`server`, started, and gone with all that it stored at the end."""
    try:
        server.start()
        yield server
    finally:
        server.close()


def befriended_prosody(**more: Any) -> PrivateProsody:
    """A Prosody at which alice and bob see each other."""
    server = PrivateProsody(**{"users": USERS, **more})
    server.store("roster", "alice", stored_roster([BOB_THERE]))
    server.store("roster", "bob", stored_roster([ALICE_THERE]))
    return server


def befriended_ejabberd(**more: Any) -> PrivateEjabberd:
    """An ejabberd at which they do."""
    return PrivateEjabberd(USERS, roster=[BOB_THERE, ALICE_THERE], **more)


def add_module(server: PrivateProsody, name: str, code: str) -> None:
    """Let `server`, which does not run yet, have the module `name`, besides those it came with."""
    folder = server.folder / "modules"
    folder.mkdir(exist_ok=True)
    (folder / f"mod_{name}.lua").write_text(code)


def add_options(server: PrivateEjabberd, **modules: str) -> None:
    """Let `server`, which does not run yet, have these `modules`, with options as it writes them.

    Those that it has already get these options.
    """
    path = server.folder / "ejabberd.yml"
    text = path.read_text()
    for name, options in modules.items():
        text = text.replace(f"  {name}: {{}}\n", "").replace(
            "modules:\n", f"modules:\n  {name}: {options}\n"
        )
    path.write_text(text)


@contextmanager
def registering() -> Iterator[PrivateProsody]:
    """A Prosody that registers who asks."""
    with running(
        PrivateProsody(
            {"alice": "wonder"},
            modules=[*MODULES, "register_ibr"],
            hosts="allow_registration = true",
        )
    ) as server:
        yield server
