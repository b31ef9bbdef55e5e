"""Scripts beside the running termxmpp: its counts, and its connection."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from termxmpp.demo.server import PrivateProsody, free_port
from termxmpp.script.report import Delivery, Outcome
from termxmpp.script.running import running
from termxmpp.script.through import deliver
from tests.integration.test_screen import CTRL_D, command, send_as_bob
from tests.support.terminal import Terminal, environment


@pytest.fixture
def terminal(prosody: PrivateProsody, tmp_path: Path) -> Iterator[Terminal]:
    """alice, online."""
    with Terminal(command(prosody), environment(tmp_path), columns=100) as running:
        running.wait_for("alice@localhost: online")
        yield running


def unread(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "termxmpp", "--unread", *arguments],
        env=environment(folder),
        capture_output=True,
        check=False,
        timeout=30,
    )


def test_a_status_bar_sees_what_is_unread_and_none_runs_when_it_has_ended(
    terminal: Terminal, prosody: PrivateProsody, tmp_path: Path
) -> None:
    assert unread(tmp_path).stdout == b"0\t0\n"
    send_as_bob(prosody, "hello alice")
    terminal.wait_for("1 unread")
    assert unread(tmp_path, "alice@localhost").stdout == b"1\t0\n"
    [account] = json.loads(unread(tmp_path, "--json").stdout)["accounts"]
    assert (account["state"], account["conversations"][0]["with"]) == ("online", "bob@localhost")
    assert unread(tmp_path, "eve@localhost").returncode == 69
    terminal.type(CTRL_D)
    assert terminal.wait_for_exit() == 0
    ended = unread(tmp_path)
    assert (ended.returncode, ended.stdout) == (69, b"")
    assert list((tmp_path / "termxmpp").iterdir()) == []


def test_a_script_sends_through_it_at_once_and_it_is_shown(
    terminal: Terminal, tmp_path: Path
) -> None:
    told: list[Delivery] = []
    began = time.monotonic()
    there = running("alice@localhost", tmp_path / "termxmpp")
    assert there is not None
    with there:
        left = deliver(
            there, "alice@localhost", ["bob@localhost", "nobody@localhost"], "psst", told.append
        )
    assert time.monotonic() - began < 5
    assert left == []
    assert {each.to: each.outcome for each in told} == {
        "bob@localhost": Outcome.PROVEN,
        "nobody@localhost": Outcome.BOUNCED,
    }
    terminal.type("/msg bob@localhost\r")
    terminal.wait_for("psst ✓")


def test_who_says_how_to_dial_gets_a_connection_of_its_own(
    terminal: Terminal, tmp_path: Path
) -> None:
    """What was to go through a proxy may not go another way."""
    for jid, options in (
        ("alice@localhost", ("--proxy", f"socks5://127.0.0.1:{free_port()}")),
        ("alice@localhost", ("--server", f"127.0.0.1:{free_port()}")),
        ("alice@localhost/cron", ("--server", f"127.0.0.1:{free_port()}")),
    ):
        ran = subprocess.run(
            [sys.executable, "-m", "termxmpp", jid, *options, "--send", "bob@localhost", "hi"],
            env=environment(tmp_path),
            capture_output=True,
            check=False,
            timeout=30,
        )
        assert (ran.returncode, b"unsent: bob@localhost: hi" in ran.stderr) == (69, True)


def test_a_closed_standard_input_is_an_empty_one(terminal: Terminal, tmp_path: Path) -> None:
    program = f"{sys.executable} -m termxmpp alice@localhost --send bob@localhost"
    for redirected in ("<&-", "</dev/null"):
        ran = subprocess.run(
            ["sh", "-c", f"{program} {redirected}"],
            env=environment(tmp_path),
            capture_output=True,
            check=False,
            timeout=30,
        )
        assert (ran.returncode, b"The message is empty" in ran.stderr) == (65, True)
    hello = ["sh", "-c", f"{program} --json hello >&- 2>&-"]
    assert subprocess.run(hello, env=environment(tmp_path), check=False, timeout=30).returncode == 0


def test_send_uses_it_without_a_password_and_tells_the_same(
    terminal: Terminal, tmp_path: Path
) -> None:
    known = {name: value for name, value in environment(tmp_path).items() if "PASSWORD" not in name}
    to = ("--send", "bob@localhost", "--send", "nobody@localhost")
    ran = subprocess.run(
        [sys.executable, "-m", "termxmpp", "alice@localhost", *to, "--json"],
        input=b"through it\n",
        env=known,
        capture_output=True,
        check=False,
        timeout=30,
        start_new_session=True,
    )
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    assert ran.returncode == 67
    assert {(each["to"], each["text"], each["outcome"]) for each in told} == {
        ("bob@localhost", "through it", "sent"),
        ("nobody@localhost", "through it", "bounced"),
    }
    assert b"bounced: nobody@localhost: through it" in ran.stderr
    terminal.type("/msg bob@localhost\r")
    terminal.wait_for("through it ✓")
