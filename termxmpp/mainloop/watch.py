"""Tells when a file has changed, by inotify(7) in the one epoll set: nothing is looked for.

Editors write a file anew beside the old one and rename it, so what is watched are folders: that
of the file, and where the file is a link those of all that it leads to. Where a folder is missing
the nearest one above is watched until it is there.
"""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import struct
from collections.abc import Callable
from pathlib import Path

__all__ = ["FileWatch"]

logger = logging.getLogger(__name__)

# Whoever saves a file does several things to it; they are one when none came for so long (seconds).
SETTLE = 0.1

# inotify(7): written and closed, moved, made, deleted; the folder itself deleted or moved.
_EVENTS = 0x8 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x800
_ONLY_FOLDERS = 0x01000000
_HEADER = struct.Struct("=iIII")
_OVERFLOW, _IGNORED = 0x4000, 0x8000
_READ_SHARE = 65536

# Longer chains of links end in an error anyway (path_resolution(7)).
_LINKS = 40


class FileWatch:
    """Calls `on_change` in the running loop, from `open` on, when the file at `path` has changed.

    Or when it is there no longer, or again. Where the system does not permit it, it never does.
    """

    def __init__(self, path: Path, on_change: Callable[[], None]) -> None:
        self.path = path
        self._on_change = on_change
        self._fd = -1
        self._names: dict[int, set[str]] = {}
        self._telling: asyncio.TimerHandle | None = None

    def open(self) -> None:
        """Watch from now on."""
        libc = ctypes.CDLL(None, use_errno=True)
        self._fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            logger.debug("no notice of changed files: %s", os.strerror(ctypes.get_errno()))
            return
        asyncio.get_running_loop().add_reader(self._fd, self._read)
        self._watch()

    def close(self) -> None:
        """Watch no more."""
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None
        if self._fd >= 0:
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1

    def _watch(self) -> None:
        """Watch the folders of all that the path leads to now; watching one again is no harm."""
        libc = ctypes.CDLL(None, use_errno=True)
        self._names = {}
        for folder, name in _places(self.path):
            number = libc.inotify_add_watch(
                self._fd, os.fsencode(folder), ctypes.c_uint32(_EVENTS | _ONLY_FOLDERS)
            )
            if number >= 0:
                self._names.setdefault(number, set()).add(name)
            else:
                reason = os.strerror(ctypes.get_errno())
                logger.debug("no notice of changes in %s: %s", folder, reason)

    def _read(self) -> None:
        try:
            data = os.read(self._fd, _READ_SHARE)
        except BlockingIOError:
            return
        if self._is_about_it(data):
            # Links may lead elsewhere now, and folders be there that were missing.
            self._watch()
            loop = asyncio.get_running_loop()
            if self._telling is not None:
                self._telling.cancel()
            self._telling = loop.call_later(SETTLE, self._tell)

    def _is_about_it(self, data: bytes) -> bool:
        """Whether one of the events is about what the path leads over, not about its neighbours."""
        offset = 0
        while offset + _HEADER.size <= len(data):
            number, mask, _cookie, length = _HEADER.unpack_from(data, offset)
            start = offset + _HEADER.size
            offset = start + length
            name = os.fsdecode(data[start:offset].rstrip(b"\0"))
            if mask & _IGNORED:
                continue
            if mask & _OVERFLOW or not name or name in self._names.get(number, ()):
                return True
        return False

    def _tell(self) -> None:
        self._telling = None
        self._on_change()


def _places(path: Path) -> list[tuple[Path, str]]:
    """The folders to watch, each with the name in it that matters."""
    places = []
    for _ in range(_LINKS):
        folder, name = path.parent, path.name
        while not folder.is_dir() and folder != folder.parent:
            folder, name = folder.parent, folder.name
        places.append((folder, name))
        if not path.is_symlink():
            break
        path = folder / os.readlink(path)
    return places
