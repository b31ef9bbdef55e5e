"""Programs that get a message: no shell in between, a bounded time, and nothing left of them."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from termxmpp.errors import UserError
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.script.programs import (
    LARGEST_OUTPUT,
    Ended,
    parse_command,
    run_program,
    variables,
)


def ran(*words: str, text: str = "hello", timeout: float = 20.0) -> Ended:
    async def work(mainloop: EpollMainLoop) -> Ended:
        return await run_program(words, text, {"X": "a b"}, timeout=timeout, output=PIPE)

    return run(work)


def test_a_command_is_split_once_and_no_shell_sees_it() -> None:
    assert parse_command("cat 'a b' $HOME ;") == ("cat", "a b", "$HOME", ";")


@pytest.mark.parametrize("command", ["", "  ", "'", "no-such-program x", "/etc/passwd"])
def test_what_can_not_be_run_is_told_before_anything_comes(command: str) -> None:
    with pytest.raises(UserError, match="--exec"):
        parse_command(command)


def test_the_message_is_its_input_and_what_it_prints_is_the_answer() -> None:
    assert ran("cat", text="one\ntwo") == Ended(0, "one\ntwo")
    assert ran("sh", "-c", 'echo "$X"') == Ended(0, "a b")


def test_it_need_not_read() -> None:
    assert ran("true", text="x" * 1_000_000) == Ended(0)


def test_how_it_failed_is_told() -> None:
    assert ran("sh", "-c", "echo out; exit 3") == Ended(3, "out", "it ended with status 3")
    assert ran("sh", "-c", "kill -9 $$").status == -9
    assert ran("/no/such/program").problem.startswith("it can't be run: ")


def test_too_much_is_no_answer() -> None:
    ended = ran("head", "-c", str(2 * LARGEST_OUTPUT), "/dev/zero")
    assert (ended.status, ended.output) == (0, "")
    assert "too much" in ended.problem


def test_what_is_no_text_is_made_one() -> None:
    assert ran(sys.executable, "-c", r"import os; os.write(1, b'a\xffb\n')") == Ended(0, "a\ufffdb")


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # Who has ended and was not waited for yet is there no more.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("obstinacy", ["", "trap '' TERM; "])
def test_when_its_time_is_over_it_and_its_children_are_ended(
    tmp_path: Path, obstinacy: str
) -> None:
    script = f"{obstinacy}sleep 1000 & echo $! > {tmp_path}/child; wait; wait"
    began = time.monotonic()
    ended = ran("sh", "-c", script, timeout=0.5)
    assert ended == Ended(None, "", "it did not end within 0.5 s")
    assert time.monotonic() - began < 10
    child = int((tmp_path / "child").read_text())
    while is_there(child):
        assert time.monotonic() - began < 10
        time.sleep(0.01)


def test_who_gives_it_up_ends_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "begun")

    async def work(mainloop: EpollMainLoop) -> int:
        words = ("sh", "-c", f"echo $$ > {tmp_path}/begun; sleep 1000")
        task = asyncio.ensure_future(run_program(words, "", {}, timeout=100, output=None))
        pid = await asyncio.create_subprocess_exec("cat", tmp_path / "begun", stdout=PIPE)
        number = int((await pid.communicate())[0])
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return number

    assert not is_there(run(work))


def test_variables_hold_no_control_characters() -> None:
    told = {"from": "a\nb\x1b\x9bc", "room": None, "delayed": 1}
    assert variables(told) == {
        "TERMXMPP_FROM": "abc",
        "TERMXMPP_ROOM": "",
        "TERMXMPP_DELAYED": "1",
    }
