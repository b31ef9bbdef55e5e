"""The running termxmpp, from outside: what it says of its accounts, and a line to ask it more.

No loop and nothing heavy to import: who is called every second by a status bar, or once by cron,
is to be gone at once. The other side is `gate`.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from termxmpp import rendezvous
from termxmpp.errors import ConnectionFailed
from termxmpp.words import _

__all__ = ["Running", "accounts", "running"]

# How long a termxmpp that is alive may take to say anything (seconds): a stopped one says nothing.
PATIENCE = 2.0


class Running:
    """The connection `sock` to a running termxmpp; use it as a context, which ends it."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._rest = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._sock.close()

    def fileno(self) -> int:
        """What is readable when there is an answer."""
        return self._sock.fileno()

    def ask(self, asked: Mapping[str, Any]) -> None:
        """Say one line; ConnectionFailed if it is not taken."""
        line = json.dumps({"v": rendezvous.VERSION} | dict(asked)).encode() + b"\n"
        try:
            self._sock.settimeout(PATIENCE)
            self._sock.sendall(line)
        except OSError as error:
            raise ConnectionFailed(_gone(error)) from None

    def answers(self, timeout: float) -> list[dict[str, Any]]:
        """What is said within `timeout` seconds, as soon as there is something; maybe nothing.

        Raises ConnectionFailed when it has gone.
        """
        end = time.monotonic() + timeout
        while True:
            try:
                self._sock.settimeout(max(0.001, end - time.monotonic()))
                data = self._sock.recv(65536)
            except TimeoutError:
                return []
            except OSError as error:
                raise ConnectionFailed(_gone(error)) from None
            if not data:
                raise ConnectionFailed(_gone(None))
            *lines, self._rest = (self._rest + data).split(b"\n")
            try:
                answers = [told for line in lines if isinstance(told := json.loads(line), dict)]
            except ValueError:
                raise ConnectionFailed(_("The running termxmpp speaks another language.")) from None
            if answers:
                return answers


def accounts(place: Path | None = None) -> list[dict[str, Any]]:
    """What each running termxmpp says of its accounts, each account once (`unread`).

    Of several that have the same account it is the newest.
    """
    found: dict[str, dict[str, Any]] = {}
    for sock in rendezvous.connected(place or rendezvous.folder(os.environ), PATIENCE):
        with Running(sock) as there:
            for account in _accounts_of(there):
                found.setdefault(str(account["account"]), account)
    return list(found.values())


def running(account: str, place: Path | None = None) -> Running | None:
    """A connection to a running termxmpp in which the bare `account` is online, if there is one."""
    for sock in rendezvous.connected(place or rendezvous.folder(os.environ), PATIENCE):
        there = Running(sock)
        told = _accounts_of(there)
        if any((each["account"], each["state"]) == (account, "online") for each in told):
            return there
        sock.close()
    return None


def _accounts_of(there: Running) -> list[dict[str, Any]]:
    """What it says of its accounts; nothing if it says nothing."""
    try:
        there.ask({"do": "unread"})
        return [each for told in there.answers(PATIENCE) for each in told.get("accounts", ())]
    except ConnectionFailed:
        return []


def _gone(error: OSError | None) -> str:
    if error is None:
        return _("The running termxmpp has ended.")
    return _("The running termxmpp does not answer ({error}).").format(error=error)
