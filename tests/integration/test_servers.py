"""What must be the same at every server: log-in, chat, proof, bounce, refusal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from termxmpp.core.events import Event, FateChanged, MessageReceived
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate
from termxmpp.mainloop import EpollMainLoop, run
from tests.support.account import LiveServer, happened, online
from tests.support.terminal import Terminal, environment

BOB = Jid.parse("bob@localhost")


def send(
    server: LiveServer, *arguments: str, is_direct_tls: bool = False, password: str = "wonder"
) -> subprocess.CompletedProcess[bytes]:
    port = server.direct_tls_port if is_direct_tls else server.port
    way = ["--server", f"127.0.0.1:{port}", "--ca-file", str(server.ca_file)]
    return subprocess.run(
        [
            *(sys.executable, "-m", "termxmpp", "alice@localhost", *way),
            *(["--direct-tls"] if is_direct_tls else []),
            *arguments,
        ],
        env=dict(os.environ, TERMXMPP_PASSWORD=password),
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("is_direct_tls", [False, True], ids=["STARTTLS", "direct TLS"])
def test_what_was_sent_is_proven(server: LiveServer, is_direct_tls: bool) -> None:
    ran = send(server, "--send", "bob@localhost", "hello", is_direct_tls=is_direct_tls)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_a_bounce_is_told(server: LiveServer) -> None:
    ran = send(server, "--send", "nobody@localhost", "hello")
    assert ran.returncode == 67
    assert b"bounced: nobody@localhost" in ran.stderr


def test_a_wrong_password_is_refused(server: LiveServer) -> None:
    ran = send(server, "--send", "bob@localhost", "hello", password="wrong")
    assert ran.returncode == 77
    assert b"not-authorized" in ran.stderr


def test_two_of_us_talk(server: LiveServer) -> None:
    async def talk(mainloop: EpollMainLoop) -> None:
        async with (
            online(mainloop, server, "alice@localhost/a", "wonder") as alice,
            online(mainloop, server, "bob@localhost/b", "build") as bob,
        ):
            heard: list[str] = []

            def hears(event: Event) -> bool:
                if isinstance(event, MessageReceived):
                    heard.append(event.message.text)
                return "line\n漢字 👍" in heard

            def is_confirmed(event: Event) -> bool:
                return isinstance(event, FateChanged) and event.fate is Fate.ACKNOWLEDGED

            async with happened(bob, hears), happened(alice, is_confirmed):
                alice.write(bob.jid, "line\n漢字 👍")

    run(talk)


def test_the_screen_shows_the_servers_word(server: LiveServer, tmp_path: Path) -> None:
    command = [
        *(sys.executable, "-m", "termxmpp", "alice@localhost"),
        *("--server", f"127.0.0.1:{server.port}", "--ca-file", str(server.ca_file)),
    ]
    with Terminal(command, environment(tmp_path), columns=100) as terminal:
        terminal.wait_for("alice@localhost: online")
        terminal.type("/msg bob@localhost hello bob\r")
        terminal.wait_for("hello bob ✓")
