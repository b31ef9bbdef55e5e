"""Servers for the time of a test or of a module, of each kind, with what a test asks of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from termxmpp.demo.server import MODULES, PrivateProsody
from tests.support.ejabberd import PrivateEjabberd

__all__ = ["ROOMS", "USERS", "registering", "running"]

USERS = {"alice": "wonder", "bob": "build"}

# Rooms at a host of their own, with archives, which are there also when nobody is in them.
ROOMS = """\
Component "conference.localhost" "muc"
    modules_enabled = { "muc_mam" }
    muc_room_default_persistent = true
"""

Kind = TypeVar("Kind", bound=PrivateProsody | PrivateEjabberd)


@contextmanager
def running(server: Kind) -> Iterator[Kind]:
    """`server`, started, and gone with all that it stored at the end."""
    try:
        server.start()
        yield server
    finally:
        server.close()


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
