"""`--lines`: sent as they come, read no faster than they can be sent, and none lost unnoticed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from termxmpp.demo.server import PrivateProsody
from tests.support.sending import begin_send, command, environment, sends
from tests.support.servers import USERS, running

BOB = "bob@localhost"


def test_a_line_leaves_when_it_comes_and_its_fate_is_told_at_once(prosody: PrivateProsody) -> None:
    async def main() -> None:
        child = await begin_send(prosody, "--json", "--lines", "--send", BOB)
        assert child.stdin is not None
        assert child.stdout is not None
        async with asyncio.timeout(30):
            for text in ("one", "two"):
                child.stdin.write(f"{text}\n".encode())
                record = json.loads(await child.stdout.readline())
                assert (record["text"], record["outcome"]) == (text, "sent")
            child.stdin.close()
            assert await child.wait() == 0

    asyncio.run(main())


def test_the_end_of_input_without_a_line_is_bad_data(prosody: PrivateProsody) -> None:
    sent = asyncio.run(sends(prosody, "--lines", "--send", BOB))
    assert sent.status == 65
    assert "standard input was empty" in sent.err


def test_who_bounces_is_told_of_each_line_and_stops_nobody_else(prosody: PrivateProsody) -> None:
    to = ("--send", "nobody@localhost", "--send", BOB)
    sent = asyncio.run(sends(prosody, "--json", "--lines", *to, stdin=b"one\ntwo\n"))
    assert sent.status == 67
    last = {(each["to"], each["text"]): each["outcome"] for each in sent.records}
    assert last == {
        ("nobody@localhost", "one"): "bounced",
        ("nobody@localhost", "two"): "bounced",
        (BOB, "one"): "sent",
        (BOB, "two"): "sent",
    }


@pytest.fixture
def unused() -> Iterator[PrivateProsody]:
    """A server of its own: Prosody gets slow once its archive holds many thousands."""
    with running(PrivateProsody(USERS)) as server:
        yield server


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Numbers without end, a line each, and the file that says how far they came."""
    path = tmp_path / "written"
    program = (
        "import sys\n"
        "number = 0\n"
        "try:\n"
        "    while True:\n"
        "        number += 1\n"
        "        sys.stdout.write(f'{number}\\n')\n"
        "        sys.stdout.flush()\n"
        "except BrokenPipeError:\n"
        "    open(sys.argv[1], 'w').write(str(number))\n"
    )
    child = subprocess.Popen(
        ["python3", "-c", program, str(path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    yield child, path
    child.kill()
    child.wait()
    assert child.stdout is not None
    child.stdout.close()


def test_an_endless_input_neither_grows_in_memory_nor_loses_a_line_at_a_signal(
    unused: PrivateProsody, counted: tuple[subprocess.Popen[bytes], Path]
) -> None:
    """Each line up to the last that was read is sent, unknown or unsent: none is missing."""
    source, _path = counted
    child = subprocess.Popen(
        command(unused, "--json", "--lines", "--send", BOB),
        stdin=source.stdout,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert child.stdout is not None
    told = [json.loads(child.stdout.readline()) for _ in range(500)]
    early = resident(child.pid)
    told += [json.loads(child.stdout.readline()) for _ in range(4500)]
    late = resident(child.pid)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    told += [json.loads(line) for line in out.splitlines()]
    assert child.returncode == 130
    assert late - early < 2_000_000
    assert late < 40_000_000
    numbers = sorted(int(each["text"]) for each in told)
    assert numbers == list(range(1, len(numbers) + 1))
    assert {each["outcome"] for each in told} <= {"sent", "unknown", "unsent"}
    left = [each for each in told if each["outcome"] != "sent"]
    assert err.decode().count("\n") == len(left)


def resident(pid: int) -> int:
    """Bytes in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


def test_a_closed_pipe_behind_it_is_141(prosody: PrivateProsody) -> None:
    child = subprocess.Popen(
        command(prosody, "--json", "--lines", "--send", BOB),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
    )
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdout.close()
    child.stdin.write(b"one\n")
    child.stdin.close()
    assert child.wait(30) == 141
