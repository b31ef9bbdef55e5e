"""termxmpp and other clients for the terminal, each in a pty: what everybody does, both ways."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from termxmpp.demo.server import MODULES, PrivateProsody
from tests.integration.test_screen import command
from tests.support.account import LiveServer
from tests.support.ejabberd import PrivateEjabberd
from tests.support.others import Other, Poezio, Profanity, opened
from tests.support.servers import ROOMS, befriended_ejabberd, befriended_prosody, each_of, running
from tests.support.terminal import Terminal, environment


@pytest.fixture(scope="module")
def on_prosody() -> Iterator[PrivateProsody]:
    with running(befriended_prosody(modules=[*MODULES, "offline"], hosts=ROOMS)) as server:
        yield server


@pytest.fixture(scope="module")
def on_ejabberd() -> Iterator[PrivateEjabberd]:
    with running(befriended_ejabberd(has_archive=True, has_rooms=True)) as server:
        yield server


server = each_of("on_prosody", "on_ejabberd")


@pytest.mark.parametrize("kind", [Profanity, Poezio], ids=["profanity", "poezio"])
def test_people_with_another_client_talk_with_us(
    server: LiveServer, tmp_path: Path, kind: type[Other]
) -> None:
    ours, theirs = (f"{kind.program}-{name}@conference.localhost" for name in ("club", "hall"))
    with (
        opened(kind, server) as bob,
        Terminal(command(server), environment(tmp_path), columns=110) as alice,
    ):
        alice.wait_for("alice@localhost: online")
        # A message, and the receipt.
        alice.type("/msg bob@localhost helo from alice\r")
        alice.wait_for("helo from alice ✓✓")
        bob.opens("alice@localhost")
        bob.wait_for("helo from alice")
        bob.enters("helo from bob")
        alice.wait_for("helo from bob")
        bob.sees_the_receipt()
        # It is corrected.
        alice.type("/correct hello from alice\r")
        bob.wait_for("hello from alice")
        bob.enters("/correct hello from bob")
        alice.wait_for("✎ hello from bob")
        # What one does.
        alice.type("/me waves\r")
        bob.wait_for("waves")
        bob.enters("/me nods")
        alice.wait_for("Bob nods")
        # That somebody writes.
        alice.type("somethi")
        bob.wait_for(bob.typing)
        alice.type("\x03")
        bob.type("somethi")
        alice.wait_for("Bob is typing")
        bob.type("\x7f" * 7)
        # Rooms.
        alice.type(f"/join {ours}\r")
        alice.wait_for("you have made it")
        alice.type("/invite bob@localhost cake\r")
        bob.looks_at_notices()
        bob.wait_for("cake")
        bob.joins(ours)
        alice.wait_for("Robert came.")
        bob.enters("hello room")
        alice.wait_for("hello room")
        alice.type("hello Robert\r")
        bob.wait_for("hello Robert")
        bob.joins(theirs)
        bob.invites("alice@localhost", theirs, "tea")
        alice.wait_for(f"You are invited to {theirs}")
