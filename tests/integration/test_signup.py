"""`--register` on a real terminal, at a real server."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from termxmpp.demo.server import PrivateProsody
from tests.support.account import LiveServer
from tests.support.dialogue import Dialogue
from tests.support.ejabberd import PrivateEjabberd
from tests.support.phone import phone
from tests.support.servers import USERS, add_options, each_of, registering, running
from tests.support.terminal import environment


@pytest.fixture(scope="module")
def open_server() -> Iterator[PrivateProsody]:
    with registering() as server:
        yield server


@pytest.fixture(scope="module")
def open_ejabberd() -> Iterator[PrivateEjabberd]:
    made = PrivateEjabberd(USERS)
    add_options(made, mod_register="{access: all, ip_access: all}")
    with running(made) as server:
        yield server


either = each_of("open_server", "open_ejabberd")


def terminal(server: LiveServer, folder: Path, address: str) -> Dialogue:
    place = f"{server.host}:{server.port}"
    options = ["--register", "--server", place, "--ca-file", str(server.ca_file), address]
    return Dialogue([sys.executable, "-m", "termxmpp", *options], environment(folder, ""))


def test_a_name_that_is_taken_is_told_another_is_made_and_chats(
    either: LiveServer, tmp_path: Path
) -> None:
    """And chats elsewhere, too, by another client (slixmpp)."""
    with terminal(either, tmp_path, "alice@localhost") as screen:
        password = [("assword: ", "secret\n"), ("Once more: ", "secret\n")]
        screen.answers(
            *(("[alice]: ", "\n"), *password, ("name is taken", "")),
            *(("[alice]: ", "carol\n"), *password, ("carol@localhost is made", "")),
            ("2  No, only chat now", "2\n"),
        )
        screen.wait_for("carol@localhost: online")
        assert not (tmp_path / ".config").exists()
        assert b"secret" not in screen.output

    async def elsewhere() -> None:
        async with phone(either, "carol@localhost", "secret"):
            pass

    asyncio.run(elsewhere())


def test_a_server_that_registers_nobody_says_so_and_the_status_is_77(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    with terminal(prosody, tmp_path, "carol@localhost") as screen:
        assert screen.wait_for_exit() == 77
        assert b"lets nobody register here" in screen.output


@pytest.mark.parametrize(("keys", "status"), [("\x04", 65), ("\x03", 130)])
def test_who_leaves_at_a_secret_question_gets_the_terminal_back_and_no_account(
    open_server: PrivateProsody, tmp_path: Path, keys: str, status: int
) -> None:
    with terminal(open_server, tmp_path, "dora@localhost") as screen:
        screen.answers(("[dora]: ", "\n"), ("assword: ", keys))
        screen.wait_until(lambda: screen.is_restored, "the terminal as it was")
        assert screen.wait_for_exit() == status
        assert b"is made" not in screen.output
