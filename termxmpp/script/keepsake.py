"""What scripts of an account log in with the next time: a token of its server (XEP-0484).

A token belongs to one installation, which the server knows by its user agent (XEP-0388 §2.3).
The running termxmpp has one of its own, so that neither takes that of the other.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import stat
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from termxmpp.core.session import Token

__all__ = ["Keepsake"]

logger = logging.getLogger(__name__)

# No token makes a larger file (bytes).
LARGEST = 65536


class Keepsake:
    """The token in the file at `path`, as secret as the password, and whose it is (`Instance`).

    A file that is damaged, or that others can read, holds none. A server ends the session before of
    the same user agent (XEP-0386 §4.2): who runs beside another script is a stranger, and keeps
    nothing. Where none can be kept, the password does it the next time.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd, self._is_taken = _opened(path)
        kept = _read(self._fd) if self._fd is not None else {}
        self.token = _token(kept)
        self.user_agent = str(kept.get("user_agent") or uuid.uuid4())

    def keep_token(self, token: Token | None) -> None:
        self.token = token
        kept: dict[str, Any] = {"user_agent": self.user_agent}
        if token is not None:
            kept |= {
                "mechanism": token.mechanism,
                "secret": token.secret,
                "expires_at": token.expires_at.isoformat(),
            }
        if self._is_taken:
            return
        try:
            if self._fd is None:
                self._fd = _made(self._path)
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, json.dumps(kept).encode(), 0)
        except OSError as error:
            logger.warning("the token of scripts can't be kept: %s", error)

    def close(self) -> None:
        """Let the next script have it."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def _opened(path: Path) -> tuple[int | None, bool]:
    """The file, if it is there for us; and whether another script has it."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None, False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(fd)
        return None, True
    return fd, False


def _made(path: Path) -> int:
    """The new file; OSError if there is one meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return fd


def _read(fd: int) -> dict[str, Any]:
    try:
        if os.fstat(fd).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            os.fchmod(fd, 0o600)
            return {}
        kept = json.loads(os.pread(fd, LARGEST, 0))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _token(kept: dict[str, Any]) -> Token | None:
    try:
        expires_at = datetime.fromisoformat(kept["expires_at"])
        token = Token(str(kept["mechanism"]), str(kept["secret"]), expires_at)
    except (KeyError, TypeError, ValueError):
        return None
    return token if expires_at.tzinfo is not None else None
