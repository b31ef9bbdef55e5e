"""Where the processes of one user meet: a folder with a socket of each running termxmpp.

What is said there are lines of JSON (README, "Beside the running termxmpp"). Both sides look at
who the other is: the kernel tells it (unix(7), SO_PEERCRED), and the folder may be one that others
can write beside.
"""

from __future__ import annotations

import errno
import os
import secrets
import socket
import stat
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

__all__ = ["LARGEST_LINE", "VERSION", "connected", "folder", "is_own", "listening"]

VERSION = 1
"""Of what is said; each line holds it as `v`."""

LARGEST_LINE = 1 << 20
"""Bytes of one line: more than any message that a server takes (XEP-0478)."""

_CREDENTIALS = struct.Struct("=iII")
_SUFFIX = ".sock"
_BACKLOG = 16


def folder(environment: Mapping[str, str]) -> Path:
    """Where the sockets are: in $XDG_RUNTIME_DIR, or what stands for it where that is not set.

    A cron job has no such variable, but its user may have the folder.
    """
    runtime = environment.get("XDG_RUNTIME_DIR", "")
    if not os.path.isabs(runtime):
        runtime = f"/run/user/{os.getuid()}"
        if not os.access(runtime, os.W_OK):
            return Path(f"/tmp/termxmpp-{os.getuid()}")  # noqa: S108  # it is looked at first
    return Path(runtime) / "termxmpp"


def listening(place: Path) -> tuple[socket.socket, Path]:
    """A socket that listens in the folder `place`, which is made, and its path.

    Raises OSError, also where others can reach into the folder.
    """
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    _require_own(place)
    for gone in _abandoned(place):
        gone.unlink(missing_ok=True)
    name = f"{os.getpid()}-{secrets.token_hex(4)}"
    path, unready = place / (name + _SUFFIX), place / f".{name}"
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        umask = os.umask(0o177)
        try:
            sock.bind(str(unready))
        finally:
            os.umask(umask)
        # Who finds it by its name finds it listening: what does not is taken for a dead one's.
        sock.listen(_BACKLOG)
        unready.rename(path)
    except OSError:
        sock.close()
        unready.unlink(missing_ok=True)
        raise
    return sock, path


def connected(place: Path, timeout: float) -> Iterator[socket.socket]:
    """A connection to each termxmpp that listens in the folder `place`, the newest first.

    Each waits `timeout` seconds at most for anything. The caller closes them.
    """
    try:
        _require_own(place)
        paths = sorted(place.glob(f"*{_SUFFIX}"), key=_began, reverse=True)
    except OSError:
        return
    for path in paths:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(timeout)
        try:
            sock.connect(str(path))
        except OSError:
            sock.close()
            continue
        if is_own(sock):
            yield sock
        else:
            sock.close()


def is_own(sock: socket.socket) -> bool:
    """Whether the process at the other end of `sock` is one of the same user."""
    told = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(told)
    return bool(user == os.getuid())


def _require_own(place: Path) -> None:
    status = place.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise PermissionError(errno.EPERM, "others can reach into it", str(place))


def _abandoned(place: Path) -> Iterator[Path]:
    """Sockets of processes that were killed: nobody listens there."""
    for path in place.glob(f"*{_SUFFIX}"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as sock:
            if sock.connect_ex(str(path)) == errno.ECONNREFUSED:
                yield path


def _began(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
