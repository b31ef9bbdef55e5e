"""Disks that fail for real, in a process of its own.

A small file system of memory, mounted where nobody else sees it, can be filled and made
read-only, for root too. Where mounting is refused, and while files are open (then no mount
becomes read-only), the kernel's limit on the size of files does the same: nothing is written.
"""

from __future__ import annotations

import ctypes
import os
import resource
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

__all__ = ["KINDS", "Disk", "in_child", "on_disk"]

KINDS = ("mounted", "limited")

_LIBC = ctypes.CDLL(None, use_errno=True)

# From <linux/sched.h> and <linux/mount.h>.
CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_RDONLY, MS_REMOUNT, MS_REC, MS_PRIVATE = 1, 1 << 5, 1 << 14, 1 << 18

# Room for the log of a few hundred turns.
SIZE = 8 * 2**20


class Disk(Protocol):
    """A disk with `folder` on it."""

    folder: Path

    def fill(self) -> None:
        """Nothing fits any more."""
        ...

    def protect(self) -> None:
        """Nothing can be written any more; no file may be open where it is mounted."""
        ...

    def mend(self) -> None:
        """There is room, and it can be written."""
        ...


class Mounted:
    """A file system of its own; OSError where it can't be mounted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"
        _leave_mounts()
        _mount(folder, "tmpfs", data=f"size={SIZE}")

    def fill(self) -> None:
        with suppress(OSError), self._filler.open("wb", buffering=0) as file:
            while file.write(b"\0" * 4096):
                pass

    def protect(self) -> None:
        _mount(self.folder, flags=MS_REMOUNT | MS_RDONLY)

    def mend(self) -> None:
        _mount(self.folder, flags=MS_REMOUNT)
        self._filler.unlink(missing_ok=True)


class Limited:
    """A folder in which the process may write nothing into files: none grows, none changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self) -> None:
        self._limit(0)

    def protect(self) -> None:
        self._limit(0)

    def mend(self) -> None:
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))


def on_disk(kind: str, folder: Path, scenario: Callable[[Disk], None]) -> None:
    """Run `scenario` in a process of its own on a disk of that kind."""

    def work() -> None:
        disk: Disk = Limited(folder)
        if kind == "mounted":
            with suppress(OSError):
                disk = Mounted(folder)
        scenario(disk)

    in_child(work)


def in_child(work: Callable[[], None]) -> None:
    """Run `work` in a process of its own; what fails there, fails here."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException:
            os.write(writing, traceback.format_exc().encode())
        finally:
            os._exit(status)
    os.close(writing)
    with open(reading, encoding="utf-8") as pipe:
        told = pipe.read()
    _, status = os.waitpid(pid, 0)
    assert status == 0, f"in the child process:\n{told}"


def _leave_mounts() -> None:
    """From now on the mounts of this process are its own."""
    uid, gid = os.getuid(), os.getgid()
    flags = CLONE_NEWNS if uid == 0 else CLONE_NEWNS | CLONE_NEWUSER
    if _LIBC.unshare(flags) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    if uid != 0:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
        Path("/proc/self/gid_map").write_text(f"0 {gid} 1")
    _mount(Path("/"), flags=MS_REC | MS_PRIVATE)


def _mount(folder: Path, type: str = "none", *, flags: int = 0, data: str = "") -> None:
    words = [word.encode() for word in ("none", str(folder), type)]
    if _LIBC.mount(*words, flags, data.encode()) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
