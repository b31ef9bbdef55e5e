"""From a host to a connected socket: its addresses raced with a head start (RFC 8305).

A black-holed address costs a quarter of a second. Whatever happens, no socket and no task is
left behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Sequence

from termxmpp.errors import ConnectionFailed
from termxmpp.standard import Standard
from termxmpp.words import _

__all__ = ["dial"]

RACING = Standard("XEP-0495", "Happy Eyeballs", "0.1.0")

# RFC 8305 §5: the Connection Attempt Delay, in seconds.
HEAD_START = 0.25

# A dead peer is found by the kernel, which wakes nobody while it looks: after a minute of
# silence it probes (this also keeps the entry of a NAT alive), and what we have written must be
# acknowledged within half a minute (tcp(7); seconds, and milliseconds for the last).
_LIVENESS = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 30_000),
)


async def dial(
    addresses: Sequence[str], port: int, *, head_start: float = HEAD_START
) -> socket.socket:
    """A non-blocking socket to the first of `addresses` that answers on TCP `port`.

    The next address is tried `head_start` seconds after the one before it, or as soon as that
    has failed. Raises ConnectionFailed with what each of them said.
    """
    waiting = list(addresses)
    running: dict[asyncio.Task[socket.socket], str] = {}
    failures: list[str] = []
    winner: socket.socket | None = None
    try:
        while winner is None and (waiting or running):
            if waiting:
                address = waiting.pop(0)
                running[asyncio.ensure_future(_connect(address, port))] = address
            done, __ = await asyncio.wait(
                running,
                timeout=head_start if waiting else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for task in done:
                address = running.pop(task)
                error = task.exception()
                if error is None and winner is None:
                    winner = task.result()
                elif error is None:
                    task.result().close()
                else:
                    failures.append(f"{address}: {_words(error)}")
    finally:
        await _abandon(running)
    if winner is None:
        raise ConnectionFailed(
            _("Nobody answers on port {port} ({failures}).").format(
                port=port, failures="; ".join(failures)
            )
        )
    return winner


async def _connect(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        # A stanza is small and wants to leave at once.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for option in _LIVENESS:
            sock.setsockopt(*option)
        await asyncio.get_running_loop().sock_connect(sock, (address, port))
    except BaseException:
        sock.close()
        raise
    return sock


async def _abandon(running: dict[asyncio.Task[socket.socket], str]) -> None:
    """Cancel the attempts that lost, and close one that won too late."""
    for task in running:
        task.cancel()
    for task in running:
        with contextlib.suppress(asyncio.CancelledError, OSError):
            (await task).close()


def _words(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno).lower()
    return str(error) or type(error).__name__
