"""An invitation from a real server, taken by who has an account, and by who has none."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from termxmpp.core.jid import Jid
from termxmpp.demo.server import MODULES, PrivateProsody
from termxmpp.mainloop import EpollMainLoop, run
from tests.integration.test_forms import User, user
from tests.support.scene import until
from tests.support.servers import USERS, running
from tests.support.terminal import Terminal, environment

ALICE, BOB = Jid.parse("alice@localhost"), Jid.parse("bob@localhost")


@pytest.fixture(scope="module")
def server() -> Iterator[PrivateProsody]:
    """A Prosody that registers who was invited."""
    with running(
        PrivateProsody(
            USERS,
            modules=[*MODULES, "invites", "invites_adhoc", "invites_register", "register_ibr"],
            extra="allow_user_invites = true",
            hosts="allow_registration = true\nregistration_invite_only = true",
        )
    ) as made:
        yield made


async def link(alice: User) -> str:
    told = await alice.types("/account invite", until="Whoever has this link")
    found = re.search(r"xmpp:\S+", told)
    assert found is not None
    return found[0]


def test_who_has_an_account_becomes_a_contact_at_once(server: PrivateProsody) -> None:
    async def scenario(mainloop: EpollMainLoop) -> None:
        async with (
            user(mainloop, server, "alice") as alice,
            user(mainloop, server, "bob") as bob,
        ):
            await bob.types(f"/subscription request {await link(alice)}", until="has been asked")
            await until(lambda: is_contact(alice, BOB) and is_contact(bob, ALICE))

    run(scenario)


def is_contact(someone: User, jid: Jid) -> bool:
    contact = someone.client.state.contacts.get(jid)
    return contact is not None and contact.subscription == "both"


def test_who_has_none_gets_one(server: PrivateProsody, tmp_path: Path) -> None:
    links: list[str] = []

    async def scenario(mainloop: EpollMainLoop) -> None:
        async with user(mainloop, server, "alice") as alice:
            links.append(await link(alice))

    run(scenario)
    place = ["--server", f"{server.host}:{server.port}", "--ca-file", str(server.ca_file)]
    command = [sys.executable, "-m", "termxmpp", "--register", *place]
    with Terminal([*command, links[0]], environment(tmp_path, ""), columns=100) as screen:
        screen.wait_until(lambda: b"ername: " in screen.output, "the name")
        screen.type("dora\n")
        screen.wait_until(lambda: b"assword: " in screen.output, "the password")
        screen.type("secret\n")
        screen.wait_until(lambda: b"Once more: " in screen.output, "the password again")
        screen.type("secret\n")
        screen.wait_for("2  No, only chat now")
        screen.type("2\n")
        screen.wait_for("dora@localhost: online")
        screen.wait_for("alice@localhost")
    # It holds once.
    with Terminal([*command, links[0]], environment(tmp_path, ""), columns=100) as screen:
        assert screen.wait_for_exit() == 77
        assert b"The invitation does not hold" in screen.output
