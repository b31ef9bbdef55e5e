"""Another password for the account, on real servers: the next log-in is by it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from termxmpp.demo.server import MODULES, PrivateProsody
from termxmpp.mainloop import EpollMainLoop, run
from tests.integration.test_forms import user
from tests.integration.test_screen import command
from tests.support.account import online
from tests.support.ejabberd import PrivateEjabberd
from tests.support.servers import running
from tests.support.terminal import Terminal


@pytest.fixture(scope="module")
def server() -> Iterator[PrivateProsody]:
    with running(PrivateProsody({"alice": "wonder"}, modules=[*MODULES, "register"])) as made:
        yield made


def home(folder: Path) -> dict[str, str]:
    """An environment in which a file, which the configuration names, tells the password."""
    (folder / ".config" / "termxmpp").mkdir(parents=True)
    file = folder / "password"
    file.write_text("wonder\n")
    file.chmod(0o600)
    (folder / ".config" / "termxmpp" / "config.toml").write_text(
        f'[account."alice@localhost"]\npassword_file = "{file}"\n'
    )
    known = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("XDG_") and name != "TERMXMPP_PASSWORD"
    }
    return {**known, "HOME": str(folder), "TERM": "xterm-256color"}


def test_it_is_changed_kept_and_logged_in_by(server: PrivateProsody, tmp_path: Path) -> None:
    surroundings = home(tmp_path)
    with Terminal(command(server), surroundings, columns=100) as terminal:
        terminal.wait_for("alice@localhost: online")
        terminal.type("/account password\r")
        terminal.wait_for("New password for alice@localhost:")
        terminal.type("wonderland\r")
        terminal.wait_for("Once more:")
        terminal.type("wonderland\r")
        terminal.wait_for("is changed on the server")
        assert "wonderland" not in terminal.text
        assert (tmp_path / "password").read_text() == "wonderland\n"
        # In this run, and in the next one.
        terminal.type("/disconnect\r")
        terminal.wait_for("alice@localhost: offline")
        terminal.type("/connect\r")
        terminal.wait_for("alice@localhost: online")
        terminal.type("\x04")
        terminal.wait_for_exit()
    with Terminal(command(server), surroundings, columns=100) as terminal:
        terminal.wait_for("alice@localhost: online")


def test_ejabberd_changes_it_too(tmp_path: Path) -> None:
    server = PrivateEjabberd({"alice": "wonder"})

    async def secret(question: str) -> str:
        return "wonderland"

    async def change(mainloop: EpollMainLoop) -> None:
        async with user(mainloop, server, "alice") as alice:
            alice.workspace.on_secret = secret
            await alice.types("/account password", until="is changed on the server")

    async def log_in(mainloop: EpollMainLoop) -> None:
        async with online(mainloop, server, "alice@localhost", "wonderland"):
            pass

    try:
        server.start()
        run(change)
        run(log_in)
    finally:
        server.close()
