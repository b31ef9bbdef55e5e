"""Instance slots: which of several termxmpp of one account this one is.

What belongs to one instance alone (its session, its outbox, the name under which it logs in)
carries the slot's number. A lock on a file says that the slot is taken; the kernel lets go of
it however the process ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from pathlib import Path

__all__ = ["Slot", "machine", "take", "take_slot"]

# Nobody has so many terminals open; a folder that locks nothing must not be searched for ever.
SLOTS = 64


class Slot:
    """The slot `number`, taken until `release` or the end of the process."""

    def __init__(self, number: int, fd: int) -> None:
        self.number = number
        self._fd = fd

    def release(self) -> None:
        """Let another instance have it."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def take_slot(path: Path, first: int = 0) -> Slot | None:
    """The first free slot of the records at `path` from `first` on, or None if there is none.

    Raises OSError where no lock file can be made.
    """
    for number in range(first, SLOTS):
        slot = take(path, number)
        if slot is not None:
            return slot
    return None


def take(path: Path, number: int) -> Slot | None:
    """The slot `number`, or None if another instance has it."""
    name = path.with_suffix(f".{number}.lock")
    fd = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    except BaseException:
        os.close(fd)
        raise
    return Slot(number, fd)


def machine() -> str:
    """What tells this machine from others; not its id itself, which is to stay here.

    Two that were copied whole, with machine-id(5), are one.
    """
    name = os.uname().nodename
    with contextlib.suppress(OSError):
        name = Path("/etc/machine-id").read_text(encoding="ascii", errors="replace") or name
    return hashlib.sha256(f"termxmpp {name}".encode()).hexdigest()[:32]
