"""The race of addresses, over real sockets; nothing may be left behind, whoever wins."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from typing import TypeVar

import pytest

from termxmpp.errors import ConnectionFailed
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.xmpp.dialer import HEAD_START, dial
from tests.support.leaks import nothing_left

T = TypeVar("T")

# Addresses of loopback, which all are this machine.
FIRST, SECOND, THIRD = "127.0.0.2", "127.0.0.3", "127.0.0.4"


class Street:
    """Addresses with one port: `opens` a house that answers, `swallows` calls as a black hole."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.port = 0

    def opens(self, address: str) -> socket.socket:
        listener = self._stack.enter_context(socket.create_server((address, self.port)))
        self.port = listener.getsockname()[1]
        return listener

    def swallows(self, address: str) -> None:
        """A listener with a full queue: the kernel drops who knocks, as a firewall does."""
        listener = self._stack.enter_context(socket.socket())
        listener.bind((address, self.port))
        listener.listen(0)
        self.port = listener.getsockname()[1]
        for _ in range(2):
            caller = self._stack.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex((address, self.port))


@pytest.fixture
def street() -> Iterator[Street]:
    with ExitStack() as stack:
        yield Street(stack)


def timed(errand: Callable[[], Awaitable[T]]) -> tuple[T, float]:
    """What `errand` brings and how long it took, in seconds."""

    async def main(mainloop: EpollMainLoop) -> tuple[T, float]:
        async with nothing_left():
            loop = asyncio.get_running_loop()
            began = loop.time()
            return await errand(), loop.time() - began

    return run(main)


def winner(street: Street, *addresses: str) -> tuple[str, float]:
    """Which of `addresses` is connected to, and after how many seconds."""

    async def errand() -> str:
        with await dial(addresses, street.port) as sock:
            assert not sock.getblocking()
            address: str = sock.getpeername()[0]
            return address

    return timed(errand)


def test_the_first_that_answers_is_taken(street: Street) -> None:
    street.opens(FIRST)
    street.opens(SECOND)
    address, took = winner(street, FIRST, SECOND)
    assert address == FIRST
    assert took < HEAD_START


def test_a_black_hole_costs_the_head_start(street: Street) -> None:
    street.swallows(FIRST)
    street.opens(SECOND)
    address, took = winner(street, FIRST, SECOND)
    assert address == SECOND
    assert HEAD_START <= took < 2 * HEAD_START


def test_two_black_holes_cost_it_twice(street: Street) -> None:
    street.swallows(FIRST)
    street.swallows(SECOND)
    street.opens(THIRD)
    address, took = winner(street, FIRST, SECOND, THIRD)
    assert address == THIRD
    assert 2 * HEAD_START <= took < 3 * HEAD_START


def test_who_refuses_costs_nothing(street: Street) -> None:
    street.opens(SECOND)
    address, took = winner(street, FIRST, SECOND)
    assert address == SECOND
    assert took < HEAD_START


def test_a_family_without_a_route_is_passed_over(street: Street) -> None:
    street.opens(FIRST)
    # No one has a route to the documentation's addresses; or it is refused, or swallowed.
    address, _ = winner(street, "2001:db8::1", FIRST)
    assert address == FIRST


def test_all_that_failed_are_named(street: Street) -> None:
    with street.opens(FIRST):
        pass

    async def errand() -> None:
        with pytest.raises(ConnectionFailed) as raised:
            await dial([FIRST, SECOND], street.port)
        assert str(raised.value) == (
            f"Nobody answers on port {street.port} "
            f"({FIRST}: connection refused; {SECOND}: connection refused)."
        )

    timed(errand)


def test_who_comes_too_late_is_closed(street: Street) -> None:
    """Both win in the same turn: with no head start they are tried together."""
    first, second = street.opens(FIRST), street.opens(SECOND)

    async def errand() -> None:
        (await dial([FIRST, SECOND], street.port, head_start=0)).close()

    timed(errand)
    for listener in (first, second):
        listener.setblocking(False)
        try:
            caller, _ = listener.accept()
        except BlockingIOError:
            continue
        with caller:
            assert caller.recv(1) == b""


def test_it_can_be_cancelled_while_nobody_answers(street: Street) -> None:
    street.swallows(FIRST)
    street.swallows(SECOND)

    async def errand() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.4):
                await dial([FIRST, SECOND], street.port)

    _, took = timed(errand)
    assert took < 1
