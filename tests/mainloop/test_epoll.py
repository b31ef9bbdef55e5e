"""EpollMainLoop: no state of a descriptor or a timer makes it spin, and nothing is missed.

Each test counts the returns of the blocking call, on real sockets.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pyxmpp2.mainloop.interfaces import (
    Event,
    EventHandler,
    HandlerReady,
    IOHandler,
    PrepareAgain,
    TimeoutHandler,
    event_handler,
    timeout_handler,
)

from termxmpp.mainloop import EpollMainLoop
from termxmpp.mainloop.epoll import EAGER_CALLS

# How long each state is watched (seconds), and how many returns of the blocking call are no spin
# in that time: a loop that spins returns tens of thousands of times.
WATCHED = 0.3
NO_SPIN = 5


class Channel(IOHandler):  # type: ignore[misc]  # pyxmpp2 is untyped
    """A handler on a socket that reads what comes and writes what it is told to."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.sock: socket.socket | None = sock
        self.reads = True
        self.outgoing = b""
        self.received: list[bytes] = []
        self.calls: list[str] = []
        self.on_read: Callable[[], None] = lambda: None

    def fileno(self) -> int | None:
        return self.sock.fileno() if self.sock is not None else None

    def prepare(self) -> Any:
        return HandlerReady()

    def is_readable(self) -> bool:
        return self.reads and self.sock is not None

    def is_writable(self) -> bool:
        return bool(self.outgoing) and self.sock is not None

    def wait_for_readability(self) -> bool:
        return False

    def wait_for_writability(self) -> bool:
        return False

    def handle_read(self) -> None:
        self.calls.append("read")
        assert self.sock is not None
        try:
            data = self.sock.recv(65536)
        except OSError:
            data = b""
        self.received.append(data)
        self.on_read()
        if not data:
            self.close()

    def handle_write(self) -> None:
        self.calls.append("write")
        assert self.sock is not None
        self.outgoing = self.outgoing[self.sock.send(self.outgoing) :]

    def handle_hup(self) -> None:
        self.calls.append("hup")

    def handle_err(self) -> None:
        self.calls.append("err")

    def handle_nval(self) -> None:
        self.calls.append("nval")

    def close(self) -> None:
        if self.sock is not None:
            self.sock.close()
            self.sock = None


@pytest.fixture
def loop() -> Iterator[EpollMainLoop]:
    mainloop = EpollMainLoop()
    yield mainloop
    mainloop.close()


@pytest.fixture
def pair() -> Iterator[tuple[Channel, socket.socket]]:
    """A handler and its peer, connected over TCP on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ours = socket.create_connection(server.getsockname())
        peer, _ = server.accept()
    channel = Channel(ours)
    yield channel, peer
    channel.close()
    peer.close()


def waits_of(loop: EpollMainLoop, seconds: float = WATCHED) -> int:
    """How often the blocking call returned while the loop ran for `seconds`."""
    before = loop.waits
    loop.loop(seconds)
    return loop.waits - before


def reset(sock: socket.socket) -> None:
    """Close `sock` so that its peer gets a RST."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def test_with_nothing_to_wait_for_it_wakes_once(loop: EpollMainLoop) -> None:
    assert waits_of(loop) == 1


def test_idle_and_connected_it_wakes_once(
    loop: EpollMainLoop, pair: tuple[Channel, socket.socket]
) -> None:
    loop.add_handler(pair[0])
    loop.loop_iteration(0)
    assert waits_of(loop) <= 2


def test_what_comes_is_read(loop: EpollMainLoop, pair: tuple[Channel, socket.socket]) -> None:
    channel, peer = pair
    loop.add_handler(channel)
    peer.send(b"hello")
    loop.loop_iteration(5)
    assert channel.received == [b"hello"]


@pytest.mark.parametrize("end", [reset, socket.socket.close], ids=["RST", "FIN"])
def test_a_peer_that_is_gone_is_no_spin(
    loop: EpollMainLoop, pair: tuple[Channel, socket.socket], end: Callable[[socket.socket], None]
) -> None:
    channel, peer = pair
    loop.add_handler(channel)
    end(peer)
    assert waits_of(loop) <= NO_SPIN
    assert channel.sock is None


def test_our_own_closing_is_no_spin(
    loop: EpollMainLoop, pair: tuple[Channel, socket.socket]
) -> None:
    channel, _ = pair
    loop.add_handler(channel)
    loop.loop_iteration(0)
    channel.close()
    assert waits_of(loop) <= NO_SPIN


def test_a_closed_descriptor_with_a_living_duplicate_is_no_spin(
    loop: EpollMainLoop, pair: tuple[Channel, socket.socket]
) -> None:
    channel, peer = pair
    loop.add_handler(channel)
    loop.loop_iteration(0)
    assert channel.sock is not None
    with channel.sock.dup():
        channel.close()
        peer.send(b"for nobody")
        assert waits_of(loop) <= NO_SPIN


def test_no_interest_means_no_events(
    loop: EpollMainLoop, pair: tuple[Channel, socket.socket]
) -> None:
    channel, peer = pair
    channel.reads = False
    loop.add_handler(channel)
    peer.send(b"later")
    assert waits_of(loop) <= NO_SPIN
    assert channel.calls == []
    channel.reads = True
    loop.loop_iteration(5)
    assert channel.received == [b"later"]


def test_a_broken_channel_that_its_handler_keeps_is_closed(
    loop: EpollMainLoop, pair: tuple[Channel, socket.socket]
) -> None:
    channel, peer = pair
    channel.reads = False
    loop.add_handler(channel)
    channel.outgoing = b"x"
    reset(peer)
    assert waits_of(loop) <= NO_SPIN
    assert channel.sock is None


def test_a_peer_that_does_not_read_leaves_the_loop_free(
    loop: EpollMainLoop, pair: tuple[Channel, socket.socket]
) -> None:
    channel, peer = pair
    loop.add_handler(channel)
    channel.outgoing = b"x" * 50_000_000
    loop.loop(WATCHED)
    assert channel.outgoing
    assert waits_of(loop) <= NO_SPIN
    peer.send(b"still here?")
    loop.loop_iteration(5)
    assert channel.received == [b"still here?"]


def test_a_number_used_again_belongs_to_the_new_handler(
    loop: EpollMainLoop, pair: tuple[Channel, socket.socket]
) -> None:
    old, _ = pair
    loop.add_handler(old)
    loop.loop_iteration(0)
    number = old.fileno()
    assert number is not None
    old.close()
    ours, peer = socket.socketpair()
    if peer.fileno() == number:
        ours, peer = peer, ours
    assert ours.fileno() == number
    new = Channel(ours)
    with peer:
        loop.add_handler(new)
        peer.send(b"for the new one")
        waits_of(loop)
        assert new.received == [b"for the new one"]
        assert old.calls == []
        loop.remove_handler(old)
        peer.send(b"again")
        loop.loop_iteration(5)
        assert new.received[-1] == b"again"
        new.close()


def test_a_removed_handler_is_not_called_any_more(
    loop: EpollMainLoop, pair: tuple[Channel, socket.socket]
) -> None:
    """Also when both were ready in the same turn."""
    first, first_peer = pair
    ours, second_peer = socket.socketpair()
    second = Channel(ours)
    first.on_read = lambda: loop.remove_handler(second)
    second.on_read = lambda: loop.remove_handler(first)
    with second_peer:
        loop.add_handler(first)
        loop.add_handler(second)
        loop.loop_iteration(0)
        first_peer.send(b"x")
        second_peer.send(b"x")
        loop.loop_iteration(5)
        loop.loop(WATCHED)
        assert sorted([first.calls, second.calls]) == [[], ["read"]]
        second.close()


def test_a_handler_that_raises_costs_itself_only(
    loop: EpollMainLoop, pair: tuple[Channel, socket.socket], caplog: pytest.LogCaptureFixture
) -> None:
    channel, peer = pair

    def fail() -> None:
        raise ValueError("a bug in a handler")

    channel.on_read = fail
    loop.add_handler(channel)
    peer.send(b"x")
    assert waits_of(loop) <= NO_SPIN
    assert channel.sock is None
    assert "a bug in a handler" in caplog.text


class Something(Event):  # type: ignore[misc]  # pyxmpp2 is untyped
    def __str__(self) -> str:
        return "something"


class Failing(EventHandler):  # type: ignore[misc]  # pyxmpp2 is untyped
    """Fails on every event."""

    @event_handler()  # type: ignore[untyped-decorator]  # pyxmpp2
    def fail(self, event: Any) -> None:
        raise ValueError("a bug in an event handler")


def test_an_event_handler_that_raises_does_not_end_the_loop(
    loop: EpollMainLoop, pair: tuple[Channel, socket.socket], caplog: pytest.LogCaptureFixture
) -> None:
    channel, peer = pair
    loop.add_handler(Failing())
    loop.add_handler(channel)
    loop.event_queue.put(Something())
    peer.send(b"x")
    loop.loop(WATCHED)
    assert channel.received == [b"x"]
    assert "a bug in an event handler" in caplog.text


class Timers(TimeoutHandler):  # type: ignore[misc]  # pyxmpp2 is untyped
    """Timers of each kind that pyxmpp2 knows."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.again: float | None = None

    @timeout_handler(0, recurring=False)  # type: ignore[untyped-decorator]  # pyxmpp2
    def once_now(self) -> None:
        self.calls.append("now")

    @timeout_handler(0.1, recurring=True)  # type: ignore[untyped-decorator]  # pyxmpp2
    def often(self) -> None:
        self.calls.append("often")

    @timeout_handler(0.05)  # type: ignore[untyped-decorator]  # pyxmpp2
    def as_it_likes(self) -> float | None:
        self.calls.append("likes")
        return self.again


def test_timers_are_called_when_due_and_no_more_often(loop: EpollMainLoop) -> None:
    timers = Timers()
    loop.add_handler(timers)
    waits = waits_of(loop, 0.45)
    assert timers.calls.count("now") == 1
    assert timers.calls.count("likes") == 1
    assert timers.calls.count("often") == 4
    assert waits <= 8


def test_a_timer_that_is_always_due_at_once_is_no_spin(loop: EpollMainLoop) -> None:
    timers = Timers()
    timers.again = 0.0
    loop.add_handler(timers)
    assert waits_of(loop) < 200


def test_a_removed_timer_is_not_called_any_more(loop: EpollMainLoop) -> None:
    timers = Timers()
    loop.add_handler(timers)
    loop.remove_handler(timers)
    assert waits_of(loop) == 1
    assert timers.calls == []


def test_a_delayed_call_comes_once(loop: EpollMainLoop) -> None:
    calls: list[float] = []
    loop.delayed_call(0.05, lambda: calls.append(time.monotonic()))
    loop.loop(WATCHED)
    assert len(calls) == 1


class Unready(Channel):
    """A handler that answers every `prepare` with the same `PrepareAgain`."""

    def __init__(self, again: float | None) -> None:
        super().__init__(socket.socket())
        self.again = again
        self.preparations = 0

    def fileno(self) -> int | None:
        return None

    def prepare(self) -> Any:
        self.preparations += 1
        return PrepareAgain(self.again)


def test_prepare_again_at_once_is_quick_and_no_spin(loop: EpollMainLoop) -> None:
    handler = Unready(0)
    loop.add_handler(handler)
    assert waits_of(loop) < 200
    assert handler.preparations > EAGER_CALLS
    handler.close()


def test_prepare_again_whenever_waits_until_the_loop_wakes(loop: EpollMainLoop) -> None:
    handler = Unready(None)
    loop.add_handler(handler)
    assert waits_of(loop) <= 2
    assert handler.preparations == 1
    loop.loop_iteration(0)
    assert handler.preparations >= 2
    handler.close()


def test_quit_wakes_the_loop(loop: EpollMainLoop) -> None:
    loop.delayed_call(0.01, loop.quit)
    loop.loop()
    assert loop.finished


def test_what_is_due_in_months_only_is_waited_for_as_well(loop: EpollMainLoop) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"x")
    loop.watch(reader, 1, owner := object())
    loop.delayed_call(90 * 86400, lambda: None)
    assert [(fd, watch.owner) for fd, watch, _ in loop.wait(None)] == [(reader, owner)]
    loop.unwatch(reader)
    os.close(reader)
    os.close(writer)


def test_time_is_the_clocks_and_not_the_walls() -> None:
    """The wall clock is never asked: a loop whose clock stands still is never late."""
    now = [1000.0]
    loop = EpollMainLoop(clock=lambda: now[0])
    calls: list[str] = []
    loop.delayed_call(60, lambda: calls.append("called"))
    loop.loop_iteration(0)
    assert calls == []
    now[0] += 61
    loop.loop_iteration(0)
    assert calls == ["called"]
    loop.close()


def test_a_file_can_not_be_waited_for_and_that_is_said(loop: EpollMainLoop) -> None:
    with open(__file__, "rb") as file, pytest.raises(PermissionError):
        loop.watch(file.fileno(), 1, self_owner := object())
    assert self_owner is not None
