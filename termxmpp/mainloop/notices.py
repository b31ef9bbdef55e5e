"""What the kernel tells of the machine: it has slept, its clock was set, its network changed.

Told, never looked for: a timer that the kernel cancels when the clock jumps, and a socket on
which it reports addresses and routes; both in the one epoll set. While nothing changes, nothing
here runs.
"""

from __future__ import annotations

import asyncio
import ctypes
import errno
import logging
import os
import socket
import struct
import time
from collections.abc import Callable, Iterator

__all__ = ["Notices", "read_changes"]

logger = logging.getLogger(__name__)

# A change of the network is many messages; they are one when none came for so long (seconds).
SETTLE = 0.5

# timerfd_create(2): TFD_NONBLOCK and TFD_CLOEXEC are O_NONBLOCK and O_CLOEXEC.
_TFD_TIMER_ABSTIME, _TFD_TIMER_CANCEL_ON_SET = 1, 2
# The timer itself is never due: so many seconds from now (a hundred years).
_NEVER = 3_153_600_000

# rtnetlink(7).
_NEWLINK, _DELLINK, _NEWADDR, _DELADDR, _NEWROUTE, _DELROUTE = 16, 17, 20, 21, 24, 25
_GROUPS = 0x1 | 0x10 | 0x40 | 0x100 | 0x400  # links, IPv4 and IPv6 addresses and routes
_MAIN_TABLE = 254
_RUNNING = 0x1 | 0x40  # IFF_UP, IFF_RUNNING
_READ_SHARE = 65536


class _Spec(ctypes.Structure):
    """`struct itimerspec`: interval and value, each seconds and nanoseconds."""

    _fields_ = (("interval", ctypes.c_long * 2), ("value", ctypes.c_long * 2))


class Notices:
    """Calls `on_change("suspend")` or `on_change("network")` in the running loop.

    Where the system permits one of the two only, the other is missing.
    """

    def __init__(self, on_change: Callable[[str], None]) -> None:
        self._on_change = on_change
        self._timer = -1
        self._netlink: socket.socket | None = None
        self._links: dict[int, int] = {}
        self._addresses: set[bytes] = set()
        self._pending: set[str] = set()
        self._telling: asyncio.TimerHandle | None = None

    def open(self) -> None:
        """Listen from now on."""
        loop = asyncio.get_running_loop()
        try:
            self._timer = _clock_watch()
            loop.add_reader(self._timer, self._clock_jumped)
        except OSError as error:
            logger.debug("no notice of suspends: %s", error)
        try:
            self._netlink = _network_watch()
            loop.add_reader(self._netlink, self._network_told)
        except OSError as error:
            logger.debug("no notice of the network: %s", error)

    def close(self) -> None:
        """Listen no more."""
        loop = asyncio.get_running_loop()
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None
        if self._timer >= 0:
            loop.remove_reader(self._timer)
            os.close(self._timer)
            self._timer = -1
        if self._netlink is not None:
            loop.remove_reader(self._netlink)
            self._netlink.close()
            self._netlink = None

    def _clock_jumped(self) -> None:
        try:
            os.read(self._timer, 8)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno != errno.ECANCELED:
                raise
        _arm(self._timer)
        self._note("suspend")

    def _network_told(self) -> None:
        assert self._netlink is not None
        try:
            data, sender = self._netlink.recvfrom(_READ_SHARE)
        except BlockingIOError:
            return
        except OSError as error:
            # It had more to tell than there is room for: something has changed.
            logger.debug("notices of the network were lost: %s", error)
            self._note("network")
            return
        if sender[0] == 0 and self._is_change(data):
            self._note("network")

    def _is_change(self, data: bytes) -> bool:
        """Whether the messages say anything that was not known: some only repeat it."""
        has_changed = False
        for kind, body in read_changes(data):
            if kind in (_NEWLINK, _DELLINK):
                index, flags = struct.unpack_from("=iI", body, 4)
                state = flags & _RUNNING if kind == _NEWLINK else -1
                # What a link was before is not known the first time; then it only announces it.
                has_changed |= self._links.setdefault(index, state) != state
                self._links[index] = state
            elif kind in (_NEWADDR, _DELADDR):
                is_known = body in self._addresses
                if kind == _NEWADDR:
                    self._addresses.add(body)
                else:
                    self._addresses.discard(body)
                has_changed |= kind == _DELADDR or not is_known
            else:
                has_changed = True
        return has_changed

    def _note(self, kind: str) -> None:
        self._pending.add(kind)
        if self._telling is None:
            self._telling = asyncio.get_running_loop().call_later(SETTLE, self._tell)

    def _tell(self) -> None:
        self._telling = None
        pending, self._pending = self._pending, set()
        for kind in sorted(pending):
            self._on_change(kind)


def read_changes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The messages in `data` (rtnetlink(7)) that may mean another network: kind and body.

    Of addresses, the body is what names one: interface, family, length and address. Routes are
    default routes of the main table only. What can't be read is left out.
    """
    offset = 0
    while offset + 16 <= len(data):
        length, kind = struct.unpack_from("=IH", data, offset)
        if length < 16 or offset + length > len(data):
            return
        body = data[offset + 16 : offset + length]
        offset += (length + 3) & ~3
        if kind in (_NEWLINK, _DELLINK) and len(body) >= 16:
            yield kind, body
        elif kind in (_NEWADDR, _DELADDR) and len(body) >= 8:
            family, prefix, index = body[0], body[1], body[4:8]
            yield kind, bytes((family, prefix)) + index + _attributes(body[8:])
        elif kind in (_NEWROUTE, _DELROUTE) and len(body) >= 12 and _is_way_out(body):
            yield kind, body


def _is_way_out(body: bytes) -> bool:
    """Whether a route is a default one, in the table that counts."""
    return body[1] == 0 and body[4] == _MAIN_TABLE


def _attributes(data: bytes) -> bytes:
    """The addresses among the attributes (IFA_ADDRESS, IFA_LOCAL): the rest is only how long."""
    found = b""
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        if length < 4:
            break
        if kind in (1, 2):
            found += data[4:length]
        data = data[(length + 3) & ~3 :]
    return found


def _network_watch() -> socket.socket:
    sock = socket.socket(
        socket.AF_NETLINK,
        socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC,
        socket.NETLINK_ROUTE,
    )
    try:
        sock.bind((0, _GROUPS))
    except OSError:
        sock.close()
        raise
    return sock


def _clock_watch() -> int:
    """A timerfd that becomes readable when the wall clock jumps, as it does after a suspend."""
    libc = ctypes.CDLL(None, use_errno=True)
    fd = int(libc.timerfd_create(time.CLOCK_REALTIME, os.O_NONBLOCK | os.O_CLOEXEC))
    if fd < 0:
        raise OSError(ctypes.get_errno(), "timerfd_create")
    try:
        _arm(fd)
    except OSError:
        os.close(fd)
        raise
    return fd


def _arm(fd: int) -> None:
    # os.timerfd_settime is there from Python 3.13 on only.
    libc = ctypes.CDLL(None, use_errno=True)
    spec = _Spec(value=(ctypes.c_long * 2)(int(time.time()) + _NEVER, 0))
    flags = _TFD_TIMER_ABSTIME | _TFD_TIMER_CANCEL_ON_SET
    if libc.timerfd_settime(fd, flags, ctypes.byref(spec), None) != 0:
        raise OSError(ctypes.get_errno(), "timerfd_settime")
