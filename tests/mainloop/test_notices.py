"""The kernel's notices: real ones where the machine permits it, and bytes of any kind."""

from __future__ import annotations

import asyncio
import os
import shutil
import struct
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.mainloop.notices import Notices, read_changes
from tests.support.leaks import nothing_left

# A process in a network of its own, which changes it and counts what it is told.
_IN_A_NETWORK_OF_ITS_OWN = """
import asyncio, subprocess, sys
from termxmpp.mainloop import run
from termxmpp.mainloop.notices import Notices

async def main(mainloop):
    told = []
    came = asyncio.Event()
    def note(kind):
        told.append(kind)
        came.set()
    notices = Notices(note)
    notices.open()
    for words in sys.argv[1:]:
        subprocess.run(["ip", *words.split()], check=True)
    async with asyncio.timeout(10):
        await came.wait()
    notices.close()
    print(told)

run(main)
"""


def message(kind: int, body: bytes) -> bytes:
    length = 16 + len(body)
    return struct.pack("=IHHII", length, kind, 0, 0, 0) + body + b"\0" * (-length % 4)


def address(*, valid: int = 0) -> bytes:
    """An IPv4 address of interface 2, and how long it is valid."""
    attributes = struct.pack("=HH4s", 8, 1, bytes((192, 0, 2, 1)))
    attributes += struct.pack("=HHIIII", 20, 6, valid, valid, 0, 0)
    return struct.pack("=BBBBI", 2, 24, 0, 0, 2) + attributes


def route(length: int, table: int = 254) -> bytes:
    return struct.pack("=BBBBBBBBI", 2, length, 0, 0, table, 0, 0, 1, 0)


def link(flags: int) -> bytes:
    return struct.pack("=BxHiII", 0, 1, 2, flags, 0)


@pytest.mark.parametrize(
    ("data", "is_change"),
    [
        (message(24, route(0)), True),
        (message(25, route(0)), True),
        (message(24, route(24)), False),
        (message(24, route(0, table=255)), False),
        (message(16, link(0x41)) + message(16, link(0x1)), True),
        (message(16, link(0x41)) + message(16, link(0x41 | 0x1000)), False),
        (message(20, address()), True),
        (message(21, address()), True),
        (message(3, b""), False),
        (b"", False),
    ],
)
def test_only_what_changes_the_way_out_is_a_change(data: bytes, is_change: bool) -> None:
    assert Notices(print)._is_change(data) == is_change


def test_an_address_that_is_renewed_is_no_other_network() -> None:
    """IPv6 routers announce it again and again, with another time to live."""
    notices = Notices(print)
    assert notices._is_change(message(20, address(valid=1)))
    assert not notices._is_change(message(20, address(valid=2)))
    assert notices._is_change(message(21, address(valid=3)))
    assert notices._is_change(message(20, address(valid=4)))


@given(st.binary(max_size=200))
def test_nothing_that_comes_can_break_it(data: bytes) -> None:
    list(read_changes(data))
    Notices(print)._is_change(data)


def test_nothing_is_told_while_nothing_changes_and_nothing_is_left() -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        async with nothing_left():
            told: list[str] = []
            notices = Notices(told.append)
            notices.open()
            before = mainloop.waits
            await asyncio.sleep(0.2)
            assert mainloop.waits - before <= 2
            notices.close()
            notices.close()
            assert told == []

    run(main)


def test_a_clock_that_was_set_is_told_once_and_heard_again() -> None:
    """Whoever cancels the timer: the read fails, and the timer must be armed anew."""

    async def main(mainloop: EpollMainLoop) -> None:
        told: list[str] = []
        notices = Notices(told.append)
        notices.open()
        notices._clock_jumped()
        assert notices._telling is None
        # A pipe that is readable stands for the timer whose read comes back.
        reading, writing = os.pipe()
        os.write(writing, b"12345678")
        timer, notices._timer = notices._timer, reading
        try:
            with pytest.raises(OSError, match="timerfd_settime"):
                notices._clock_jumped()
        finally:
            notices._timer = timer
            os.close(reading)
            os.close(writing)
        notices._note("suspend")
        notices._note("suspend")
        await asyncio.sleep(0.6)
        assert told == ["suspend"]
        notices.close()

    run(main)


def test_another_network_is_told_once() -> None:
    ip, unshare = shutil.which("ip"), shutil.which("unshare")
    if ip is None or unshare is None:
        pytest.skip("there is no ip or unshare program")
    probe = subprocess.run([unshare, "-n", "true"], check=False, capture_output=True)
    if probe.returncode != 0:
        pytest.skip("no network of one's own is permitted here")
    changes = ["link set lo up", "addr add 192.0.2.1/24 dev lo", "route add default dev lo"]
    ran = subprocess.run(
        [unshare, "-n", sys.executable, "-c", _IN_A_NETWORK_OF_ITS_OWN, *changes],
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ran.stdout == "['network']\n"
