"""`--listen` as a service meets it: each message once, whatever ends or breaks meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from termxmpp.demo.server import MODULES, PrivateProsody
from tests.support.listener import ListeningProgram, send_as
from tests.support.occupant import occupant
from tests.support.proxy import ProxyProcess
from tests.support.servers import USERS, running
from tests.support.terminal import environment

CLUB = "club@conference.localhost"

ROOMS = """\
Component "conference.localhost" "muc"
    modules_enabled = { "muc_mam" }
    muc_room_default_persistent = true
    muc_log_by_default = true
    muc_room_locking = false
"""

ECHO = f"{shlex.quote(sys.executable)} -c 'import sys; print(sys.stdin.read().upper(), end=str())'"


@pytest.fixture(scope="module")
def server() -> Iterator[PrivateProsody]:
    with running(PrivateProsody(USERS, modules=MODULES, hosts=ROOMS)) as server:
        yield server


def texts(lines: list[str]) -> list[str]:
    return [line.split("\t")[2] for line in lines]


def test_a_message_is_one_line_that_says_when_from_whom_and_what(
    server: PrivateProsody, tmp_path: Path
) -> None:
    with ListeningProgram(server, tmp_path) as alice:
        send_as(server, tmp_path, "one\ntwo\\\tthree\u202e")
        at, who, text = alice.line().split("\t")
        assert (who, text) == ("bob@localhost", "one\\ntwo\\\\\\tthree⟦RLO⟧")
        assert at.endswith("+00:00")
        assert alice.ends() == 0
        alice.hears("STOPPING=1")
        assert "STATUS=online" in alice.told
        assert alice.rest() == []


def test_what_came_while_it_was_not_there_is_told_once_at_its_next_start(
    server: PrivateProsody, tmp_path: Path
) -> None:
    with ListeningProgram(server, tmp_path) as alice:
        send_as(server, tmp_path, "first")
        assert texts(alice.lines(1)) == ["first"]
        assert alice.ends() == 0
    send_as(server, tmp_path, "second")
    send_as(server, tmp_path, "third")
    with ListeningProgram(server, tmp_path) as alice:
        assert texts(alice.lines(2)) == ["second", "third"]
        send_as(server, tmp_path, "fourth")
        assert texts(alice.lines(1)) == ["fourth"]
        assert alice.ends(signal.SIGKILL) == -signal.SIGKILL
    send_as(server, tmp_path, "fifth")
    with ListeningProgram(server, tmp_path) as alice:
        assert texts(alice.lines(1)) == ["fifth"]
        assert alice.ends(signal.SIGINT) == 130
        assert alice.rest() == []


def test_what_others_had_before_its_first_start_is_not_told_and_what_came_since_is(
    server: PrivateProsody, tmp_path: Path
) -> None:
    with ListeningProgram(server, tmp_path, "bob@localhost") as another:
        send_as(server, tmp_path, "old")
        assert texts(another.lines(1)) == ["old"]
    with ListeningProgram(server, tmp_path) as alice:
        assert alice.ends() == 0
        assert alice.rest() == []
    send_as(server, tmp_path, "new")
    with ListeningProgram(server, tmp_path) as alice:
        assert texts(alice.lines(1)) == ["new"]


def test_what_waits_at_the_server_is_told_at_its_first_start(
    server: PrivateProsody, tmp_path: Path
) -> None:
    send_as(server, tmp_path, "waiting")
    with ListeningProgram(server, tmp_path) as alice:
        assert "waiting" in texts(alice.lines(1))


def test_a_killed_server_loses_nothing(tmp_path: Path) -> None:
    server = PrivateProsody(USERS, modules=MODULES, hosts=ROOMS)
    server.start()
    try:
        with ListeningProgram(server, tmp_path) as alice:
            send_as(server, tmp_path, "before")
            assert texts(alice.lines(1)) == ["before"]
            server.stop(kills=True)
            alice.complains("termxmpp: ")
            server.start()
            send_as(server, tmp_path, "meanwhile")
            assert texts(alice.lines(1)) == ["meanwhile"]
            send_as(server, tmp_path, "after")
            assert texts(alice.lines(1)) == ["after"]
            assert alice.ends() == 0
    finally:
        server.close()


@dataclass
class Behind:
    """The way to a server through a proxy that can fail."""

    server: PrivateProsody
    proxy: ProxyProcess
    host: str = "127.0.0.1"

    @property
    def port(self) -> int:
        return self.proxy.port

    @property
    def ca_file(self) -> Path:
        return self.server.ca_file


@pytest.fixture
def behind(server: PrivateProsody) -> Iterator[Behind]:
    proxy = ProxyProcess(server.host, server.port)
    try:
        yield Behind(server, proxy)
    finally:
        proxy.close()


@pytest.mark.parametrize("fault", ["cut rst", "cut fin", "orphan"])
def test_whatever_ends_the_link_each_message_is_told_once_and_in_order(
    server: PrivateProsody, behind: Behind, tmp_path: Path, fault: str
) -> None:
    log = tmp_path / "log"
    with ListeningProgram(behind, tmp_path, f"--debug={log}") as alice:
        send_as(server, tmp_path, "before")
        assert texts(alice.lines(1)) == ["before"]
        for number in range(3):
            assert behind.proxy.command(fault) == "ok"
            send_as(server, tmp_path, f"meanwhile {number}")
            assert texts(alice.lines(1)) == [f"meanwhile {number}"]
        assert alice.ends() == 0
        assert alice.rest() == []
    assert "before it was unwatched" not in log.read_text()


def test_what_a_black_hole_takes_is_told_once_when_it_is_found_to_be_one(
    server: PrivateProsody, behind: Behind, tmp_path: Path
) -> None:
    """What the server sends is gone, and nobody says so: the silence is what tells."""
    config = tmp_path / "config.toml"
    config.write_text("[network]\nping_interval = 1\n")
    with ListeningProgram(behind, tmp_path, "--config", str(config)) as alice:
        send_as(server, tmp_path, "before")
        assert texts(alice.lines(1)) == ["before"]
        assert behind.proxy.command("swallow down") == "ok"
        send_as(server, tmp_path, "meanwhile")
        alice.complains("termxmpp: ", within=40.0)
        assert behind.proxy.command("pass") == "ok"
        send_as(server, tmp_path, "after")
        assert texts(alice.lines(2)) == ["meanwhile", "after"]
        assert alice.ends() == 0
        assert alice.rest() == []


@pytest.mark.parametrize("seed", [1, 2])
def test_however_it_is_ended_again_and_again_each_message_is_told_once_and_in_order(
    server: PrivateProsody, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    sent = [f"m{number}" for number in range(60)]
    found: list[str] = []
    kills = 0
    with ListeningProgram(server, tmp_path) as alice:
        assert alice.ends() == 0
    bob = send_slowly(server, tmp_path, sent, 0.08)
    while bob.poll() is None or len(set(found)) < len(sent):
        with ListeningProgram(server, tmp_path) as alice:
            with contextlib.suppress(subprocess.TimeoutExpired):
                alice.process.wait(chance.uniform(0, 1))
            how = chance.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
            kills += how == signal.SIGKILL
            alice.ends(how)
            found += texts([line for line in alice.rest() if line.count("\t") == 2])
    assert bob.returncode == 0
    assert list(dict.fromkeys(found)) == sent
    # What was being written when it was killed may come once more.
    assert len(found) <= len(sent) + kills


def test_who_is_not_asked_for_is_not_told_but_those_who_are(
    server: PrivateProsody, tmp_path: Path
) -> None:
    with (
        ListeningProgram(server, tmp_path, "carol@localhost", "example.org") as others,
        ListeningProgram(server, tmp_path, "localhost") as ours,
    ):
        send_as(server, tmp_path, "hello")
        assert texts(ours.lines(1)) == ["hello"]
        assert others.ends() == 0
        assert others.rest() == []


def test_json_says_everything(server: PrivateProsody, tmp_path: Path) -> None:
    with ListeningProgram(server, tmp_path, "--json") as alice:
        send_as(server, tmp_path, "hello\u202e")
        line = alice.line()
        assert "\\u202e" in line
        told = json.loads(line)
        assert (told["v"], told["kind"], told["type"]) == (1, "message", "chat")
        assert (told["body"], told["to"]) == ("hello\u202e", "alice@localhost")
        assert told["from"].startswith("bob@localhost/")
        assert (told["room"], told["nick"], told["own"], told["delayed"]) == (
            *(None, None),
            *(False, False),
        )


def test_receipts_and_presence_are_told_if_that_is_set(
    server: PrivateProsody, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[listen]\ntell = "presence"\n')
    with ListeningProgram(server, tmp_path, "--json", "--config", str(config)) as alice:
        told = json.loads(alice.line())
        assert (told["kind"], told["show"]) == ("presence", "online")
        assert told["from"].startswith("alice@localhost/")


def test_an_answer_is_what_the_program_prints(server: PrivateProsody, tmp_path: Path) -> None:
    home = tmp_path / "bob"
    home.mkdir()
    with (
        ListeningProgram(server, tmp_path, "--exec", ECHO, "--reply") as alice,
        ListeningProgram(server, home, name="bob", password="build") as bob,
    ):
        for text in ("one", "two", "three"):
            send_as(server, tmp_path, f"{text}\n$(touch {tmp_path}/hacked)")
        assert [each.split("\\n")[0] for each in texts(bob.lines(3))] == ["ONE", "TWO", "THREE"]
        assert alice.ends() == 0
        assert alice.rest() == []
        assert not (tmp_path / "hacked").exists()


def test_a_program_knows_of_the_message_and_what_it_prints_goes_on(
    server: PrivateProsody, tmp_path: Path
) -> None:
    program = "sh -c 'cat; echo $TERMXMPP_TYPE $TERMXMPP_ROOM$TERMXMPP_TO ${NOTIFY_SOCKET:-none}'"
    with ListeningProgram(server, tmp_path, "--exec", program) as alice:
        send_as(server, tmp_path, "hello")
        assert alice.lines(2) == ["hello", "chat alice@localhost none"]


def test_a_program_that_fails_is_told_and_one_that_goes_on_for_ever_is_ended(
    server: PrivateProsody, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[listen]\npatience = 1\n")
    program = "sh -c 'read x; [ $x = fail ] && exit 3; sleep 1000'"
    with ListeningProgram(
        server, tmp_path, "--exec", program, "--json", "--config", str(config)
    ) as alice:
        send_as(server, tmp_path, "fail")
        send_as(server, tmp_path, "sleep")
        told = [json.loads(each) for each in alice.lines(4)]
        assert [(each["kind"], each.get("status")) for each in told] == [
            ("message", None),
            ("exit", 3),
            ("message", None),
            ("exit", None),
        ]
        alice.complains("did not end within 1 s")
        assert "ended with status 3" in alice.err.read_text()
        assert alice.ends() == 0
    # It was given up, and is not begun again.
    with ListeningProgram(server, tmp_path) as alice:
        assert alice.ends() == 0
        assert alice.rest() == []


def test_at_its_end_programs_may_end_and_answers_are_confirmed(
    server: PrivateProsody, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    os.mkfifo(begun)
    home = tmp_path / "bob"
    home.mkdir()
    program = f"sh -c 'echo > {begun}; sleep 1; cat'"
    with (
        ListeningProgram(server, tmp_path, "--exec", program, "--reply") as alice,
        ListeningProgram(server, home, name="bob", password="build") as bob,
    ):
        send_as(server, tmp_path, "last")
        begun.read_bytes()
        assert alice.ends() == 0
        assert texts(bob.lines(1)) == ["last"]


def test_a_room_is_entered_and_what_is_missed_of_it_told_later(
    server: PrivateProsody, tmp_path: Path
) -> None:
    async def scenario() -> None:
        async with occupant(server, "bob@localhost", "build", CLUB, "Robert") as robert:
            robert.says("before")
            await robert.hears(text="before")
            with ListeningProgram(server, tmp_path, CLUB) as alice:
                await robert.hears(came="alice")
                robert.says("there")
                _, who, text = alice.line().split("\t")
                assert (who, text) == (f"{CLUB}/Robert", "there")
                send_as(server, tmp_path, "not in the room")
                assert alice.ends() == 0
                assert alice.rest() == []
            robert.says("meanwhile")
            await robert.hears(text="meanwhile")
            with ListeningProgram(server, tmp_path, CLUB, "--json") as alice:
                told = json.loads(alice.line())
                assert (told["body"], told["nick"], told["type"], told["delayed"]) == (
                    *("meanwhile", "Robert"),
                    *("groupchat", True),
                )
                robert.says("again")
                assert json.loads(alice.line())["body"] == "again"

    asyncio.run(scenario())


def test_a_bot_answers_in_its_room_but_not_what_was_said_while_it_was_away(
    server: PrivateProsody, tmp_path: Path
) -> None:
    room = "bots@conference.localhost"
    options = (room, "--exec", ECHO, "--reply")

    async def scenario() -> None:
        async with occupant(server, "bob@localhost", "build", room, "Robert") as robert:
            with ListeningProgram(server, tmp_path, *options) as alice:
                await robert.hears(came="alice")
                robert.says("one")
                await robert.hears(nick="alice", text="ONE")
                assert alice.ends() == 0
            robert.says("two")
            await robert.hears(nick="Robert", text="two")
            robert.heard.clear()
            with ListeningProgram(server, tmp_path, *options):
                await robert.hears(came="alice")
                robert.says("three")
                await robert.hears(nick="alice", text="THREE")
            assert not [each for each in robert.heard if each.get("text") == "TWO"]

    asyncio.run(scenario())


def test_when_nobody_reads_it_ends(server: PrivateProsody, tmp_path: Path) -> None:
    with ListeningProgram(server, tmp_path) as alice:
        assert alice.process.stdout is not None
        alice.process.stdout.close()
        assert alice.process.wait(20) == 141
        alice.process.stdout = None


def test_what_is_not_read_waits_on_the_disk_and_nothing_is_lost(
    server: PrivateProsody, tmp_path: Path
) -> None:
    """More than a pipe holds; it ends at once all the same, and goes on where it was."""
    count, filling = 200, "x" * 2000
    with ListeningProgram(server, tmp_path) as alice:
        send_as_lines(server, tmp_path, [f"{n} {filling}" for n in range(count)])
        found = texts(alice.lines(3))
        send_as(server, tmp_path, "last")
        assert alice.ends() == 0
        found += [each.split("\t")[2] for each in alice.rest() if each.endswith("xx")]
    assert 3 < len(found) < count
    with ListeningProgram(server, tmp_path) as alice:
        while found[-1] != "last":
            found += texts(alice.lines(1))
    numbers = [int(each.split()[0]) for each in found[:-1]]
    # The line that was being written may come twice, or else nothing does.
    assert list(dict.fromkeys(numbers)) == list(range(count))
    assert len(numbers) <= count + 1


def send_slowly(
    server: PrivateProsody, folder: Path, lines: list[str], pause: float
) -> subprocess.Popen[bytes]:
    """Let bob send a line every so many seconds."""
    command = [
        *(sys.executable, "-m", "termxmpp", "bob@localhost", "--send", "alice@localhost"),
        *("--lines", "--server", f"127.0.0.1:{server.port}", "--ca-file", str(server.ca_file)),
    ]
    lines_in_time = f"for x in {' '.join(lines)}; do echo $x; sleep {pause}; done"
    return subprocess.Popen(
        ["sh", "-c", f"({lines_in_time}) | {shlex.join(command)}"],
        env=environment(folder, "build"),
    )


def send_as_lines(server: PrivateProsody, folder: Path, lines: list[str]) -> None:
    subprocess.run(
        [
            *(sys.executable, "-m", "termxmpp", "bob@localhost", "--send", "alice@localhost"),
            *("--lines", "--server", f"127.0.0.1:{server.port}"),
            *("--ca-file", str(server.ca_file)),
        ],
        input="".join(f"{line}\n" for line in lines).encode(),
        env=environment(folder, "build"),
        check=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("password", "arguments", "status"),
    [
        ("wrong", (), 77),
        ("wonder", ("--server", "127.0.0.1:1"), 69),
        ("wonder", ("--exec", "no-such-program"), 64),
        ("wonder", ("--exec", "'"), 64),
        ("wonder", ("a b@c",), 65),
    ],
)
def test_what_can_not_begin_says_why_at_once(
    server: PrivateProsody, tmp_path: Path, password: str, arguments: tuple[str, ...], status: int
) -> None:
    place = ("--server", f"127.0.0.1:{server.port}", "--ca-file", str(server.ca_file))
    ran = subprocess.run(
        [sys.executable, "-m", "termxmpp", "alice@localhost", "--listen", *place, *arguments],
        env=environment(tmp_path, password),
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert (ran.returncode, ran.stdout) == (status, b""), ran.stderr
    assert ran.stderr.startswith(b"termxmpp: ")


def test_two_that_listen_to_the_same_would_take_from_each_other(
    server: PrivateProsody, tmp_path: Path
) -> None:
    with ListeningProgram(server, tmp_path):
        place = ("--server", f"127.0.0.1:{server.port}", "--ca-file", str(server.ca_file))
        ran = subprocess.run(
            [sys.executable, "-m", "termxmpp", "alice@localhost", "--listen", *place],
            env=environment(tmp_path),
            capture_output=True,
            check=False,
            timeout=30,
        )
        assert ran.returncode == 64
        assert b"listens for alice@localhost already" in ran.stderr
