"""The transport: never waits, watches for writing only with something to write, ends once."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from termxmpp.errors import ConnectionFailed, TermxmppError
from termxmpp.mainloop import EpollMainLoop
from termxmpp.xmpp.transport import PIECE, READ_SHARE, TURN, Transport
from tests.support.authority import Authority


class Ends:
    """How a transport ended."""

    def __init__(self) -> None:
        self.errors: list[TermxmppError | None] = []

    def __call__(self, error: TermxmppError | None) -> None:
        self.errors.append(error)


class Reader:
    """Takes bytes in place of the parser."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []

    def feed(self, data: bytes) -> None:
        self.chunks.append(data)


class Target:
    """The stream: has ended in good order or not."""

    is_ended = False
    settings: Any = None


@pytest.fixture
def pair() -> Iterator[tuple[Transport, socket.socket, Ends]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    ends = Ends()
    transport = Transport(ours, ends)
    transport._stream, transport._reader = Target(), Reader()
    yield transport, theirs, ends
    transport.close()
    theirs.close()


Pair = tuple[Transport, socket.socket, Ends]


def test_a_turn_reads_its_share_and_no_more(pair: Pair) -> None:
    transport, theirs, _ = pair
    theirs.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            theirs.send(b"x" * READ_SHARE)
    transport.handle_read()
    assert 0 < sum(map(len, transport._reader.chunks)) <= READ_SHARE


class SlowReader(Reader):
    """A reader for whom each piece takes as long as a turn has."""

    def feed(self, data: bytes) -> None:
        super().feed(data)
        end = time.monotonic() + TURN
        while time.monotonic() <= end:
            pass


@pytest.fixture
def secured(pair: Pair, tmp_path: Path) -> tuple[Transport, Callable[[bytes], None], socket.socket]:
    """A transport with TLS and a slow reader, how its peer sends text, and the peer's socket."""
    transport, theirs, _ = pair
    authority = Authority(tmp_path)
    come, go = ssl.MemoryBIO(), ssl.MemoryBIO()
    peer = authority.issue("a.example").context().wrap_bio(come, go, server_side=True)
    is_secured: list[bool] = []
    context = ssl.create_default_context(cafile=authority.ca_file)
    transport.starttls(context, "a.example", lambda: is_secured.append(True))
    while not is_secured:
        transport.handle_write()
        come.write(theirs.recv(65536))
        with contextlib.suppress(ssl.SSLWantReadError):
            peer.do_handshake()
        theirs.send(go.read())
        transport.handle_read()
    transport.handle_write()
    come.write(theirs.recv(65536))
    peer.do_handshake()
    transport._reader = SlowReader()

    def say(data: bytes) -> None:
        peer.write(data)
        theirs.send(go.read())

    return transport, say, theirs


Secured = tuple[Transport, Callable[[bytes], None], socket.socket]
LONG = bytes(range(256)) * 80


def test_what_takes_longer_than_a_turn_goes_on_in_the_next_ones(secured: Secured) -> None:
    transport, say, _ = secured
    say(LONG)
    transport.handle_read()
    chunks = transport._reader.chunks
    assert chunks == [LONG[:PIECE]]
    # Nothing more is read meanwhile: what the peer has to send waits there.
    assert transport.is_writable()
    assert not transport.is_readable()
    while transport.is_writable():
        transport.handle_write()
    assert b"".join(chunks) == LONG
    assert transport.is_readable()


def test_the_loop_takes_all_of_it_and_then_waits(secured: Secured) -> None:
    transport, say, _ = secured
    loop = EpollMainLoop(None, [transport])
    say(LONG)
    while sum(map(len, transport._reader.chunks)) < len(LONG):
        loop.loop_iteration(5)
    # A turn more may be needed to learn that there is no more.
    loop.loop_iteration(0)
    waits = loop.waits
    loop.loop_iteration(0.05)
    assert loop.waits == waits + 1
    assert not transport.is_writable()
    loop.close()


def test_what_had_come_before_the_link_broke_is_taken(secured: Secured, pair: Pair) -> None:
    transport, say, theirs = secured
    say(LONG)
    transport.handle_read()
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    theirs.close()
    transport.handle_hup()
    assert b"".join(transport._reader.chunks) == LONG
    [error] = pair[2].errors
    assert isinstance(error, ConnectionFailed)


def test_it_wants_to_write_only_with_something_to_write(pair: Pair) -> None:
    transport, theirs, _ = pair
    assert not transport.is_writable()
    transport._write(b"hello")
    assert transport.is_writable()
    transport.handle_write()
    assert not transport.is_writable()
    assert theirs.recv(100) == b"hello"


def test_what_does_not_fit_is_kept_in_order(pair: Pair) -> None:
    transport, theirs, _ = pair
    data = bytes(range(256)) * 8000
    transport._write(data)
    received = bytearray()
    while transport.pending:
        transport.handle_write()
        received += theirs.recv(1 << 20)
    while len(received) < len(data):
        received += theirs.recv(1 << 20)
    assert received == data


def test_an_end_without_the_streams_end_is_a_break(pair: Pair) -> None:
    transport, theirs, ends = pair
    theirs.close()
    transport.handle_read()
    [error] = ends.errors
    assert isinstance(error, ConnectionFailed)
    assert transport.fileno() is None


def test_an_end_behind_the_streams_end_is_a_good_one(pair: Pair) -> None:
    transport, theirs, ends = pair
    transport._stream.is_ended = True
    theirs.close()
    transport.handle_read()
    assert ends.errors == [None]


def test_it_ends_once_however_often_it_is_ended(pair: Pair) -> None:
    transport, _, ends = pair
    transport.close()
    transport.handle_err()
    transport.handle_hup()
    transport.handle_nval()
    transport.handle_read()
    transport.handle_write()
    transport.fail(ConnectionFailed("again"))
    assert ends.errors == [None]
    assert not transport.is_readable()
    assert not transport.is_writable()


def test_nothing_can_be_sent_behind_the_end(pair: Pair) -> None:
    transport, _, _ = pair
    transport.close()
    with pytest.raises(ConnectionFailed):
        transport._write(b"late")
    transport.send_stream_tail()


def test_a_reset_is_told_and_is_no_spin() -> None:
    """Also when the reset meets us while we have something to write."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ours = socket.create_connection(server.getsockname())
        theirs, _ = server.accept()
    ours.setblocking(False)
    mainloop = EpollMainLoop()
    ends = Ends()

    def end(error: TermxmppError | None) -> None:
        mainloop.remove_handler(transport)
        ends(error)

    transport = Transport(ours, end)
    transport._stream, transport._reader = Target(), Reader()
    mainloop.add_handler(transport)
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    theirs.close()
    transport._write(b"hello")
    before = mainloop.waits
    mainloop.loop(0.3)
    assert mainloop.waits - before <= 4
    [error] = ends.errors
    assert isinstance(error, ConnectionFailed)
    mainloop.close()


def test_a_server_with_nagles_algorithm_is_not_kept_waiting() -> None:
    """It holds the second part of an answer back until the first is acknowledged."""
    rounds = 20
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs, _ = listener.accept()
        with theirs:
            ours.setblocking(False)
            transport = Transport(ours, Ends())
            reader = Reader()
            transport._stream, transport._reader = Target(), reader
            began = time.monotonic()
            for number in range(1, rounds + 1):
                ours.send(b"?")
                theirs.recv(1)
                theirs.send(b"one")
                theirs.send(b"two")
                while len(b"".join(reader.chunks)) < 6 * number:
                    select.select([ours], [], [], 5)
                    transport.handle_read()
            # Each round would take 40 ms.
            assert time.monotonic() - began < rounds * 0.02
            transport.close()
