"""`--register` on a real terminal, at a real server."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from termxmpp.demo.server import MODULES, PrivateProsody
from tests.support.terminal import Terminal, environment


@pytest.fixture(scope="module")
def open_server() -> Iterator[PrivateProsody]:
    """A Prosody that registers who asks."""
    server = PrivateProsody(
        {"alice": "wonder"},
        modules=[*MODULES, "register_ibr"],
        hosts="allow_registration = true",
    )
    try:
        server.start()
        yield server
    finally:
        server.close()


def terminal(server: PrivateProsody, folder: Path, address: str) -> Terminal:
    place = f"{server.host}:{server.port}"
    options = ["--register", "--server", place, "--ca-file", str(server.ca_file), address]
    return Terminal([sys.executable, "-m", "termxmpp", *options], environment(folder, ""))


def test_a_name_that_is_taken_is_told_another_is_made_and_chats(
    open_server: PrivateProsody, tmp_path: Path
) -> None:
    with terminal(open_server, tmp_path, "alice@localhost") as screen:
        for name, times in (("", 1), ("carol", 2)):
            screen.wait_until(
                lambda times=times: screen.output.count(b"[alice]: ") == times,  # type: ignore[misc]
                "the question",
            )
            screen.type(f"{name}\n")
            screen.wait_until(
                lambda times=times: screen.output.lower().count(b"password: ") == times,  # type: ignore[misc]
                "the password",
            )
            screen.type("secret\n")
            screen.wait_until(
                lambda times=times: screen.output.count(b"Once more: ") == times,  # type: ignore[misc]
                "the password again",
            )
            screen.type("secret\n")
        screen.wait_for("2  No, only chat now")
        screen.type("2\n")
        screen.wait_for("carol@localhost: online")
        assert not (tmp_path / ".config").exists()
        assert b"name is taken" in screen.output
        assert b"carol@localhost is made" in screen.output
        assert b"secret" not in screen.output


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
        screen.wait_for("[dora]:")
        screen.type("\n")
        screen.wait_until(lambda: b"password: " in screen.output.lower(), "the password")
        screen.type(keys)
        screen.wait_until(lambda: screen.is_restored, "the terminal as it was")
        assert screen.wait_for_exit() == status
        assert b"is made" not in screen.output
