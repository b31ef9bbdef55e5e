"""The service manager's socket (sd_notify(3)): that we are ready, how we are, that we stop.

Where there is none, or nobody answers, nothing is said.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping

from termxmpp.core.text import one_line

__all__ = ["VARIABLE", "Readiness"]

VARIABLE = "NOTIFY_SOCKET"


class Readiness:
    """Tells the manager that the `environment` names, if it names one."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        name = environment.get(VARIABLE, "")
        # One in the abstract namespace begins with a NUL, which no variable can hold.
        self._address = "\0" + name[1:] if name.startswith("@") else name
        self._is_ready = False
        self._status = ""
        if not name.startswith(("@", "/")):
            self._address = ""

    def ready(self, status: str) -> None:
        """What was started does now what it is for."""
        if not self._is_ready:
            self._is_ready = True
            self._say("READY=1")
        self.status(status)

    def status(self, status: str) -> None:
        """How it is, in one line for people."""
        if status != self._status:
            self._status = status
            self._say(f"STATUS={one_line(status, 200)}")

    def stopping(self) -> None:
        """It ends, by its own will or as it was told."""
        self._say("STOPPING=1")

    def _say(self, words: str) -> None:
        if not self._address:
            return
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock,
        ):
            sock.sendto(words.encode(), self._address)
