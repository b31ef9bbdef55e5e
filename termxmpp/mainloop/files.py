"""Files that somebody may change: the kernel tells when it happens (inotify(7)), nobody looks.

Watched are their folders, since editors write a new file and give it the old one's name.
"""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import struct
from collections.abc import Callable, Iterable
from pathlib import Path

__all__ = ["FileWatch"]

logger = logging.getLogger(__name__)

# inotify(7). IN_NONBLOCK and IN_CLOEXEC are O_NONBLOCK and O_CLOEXEC.
_CLOSE_WRITE, _MOVED_TO, _DELETE = 0x8, 0x80, 0x200
_CHANGES = _CLOSE_WRITE | _MOVED_TO | _DELETE
_OVERFLOW = 0x4000
_HEADER = struct.Struct("=iIII")
_READ_SHARE = 65536


class FileWatch:
    """Calls `on_change` in the running loop when one of the files that it follows is another.

    Where the system gives no notice, changes are not noticed.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._fd = -1
        self._folders: dict[int, Path] = {}
        self._files: frozenset[Path] = frozenset()

    def follow(self, files: Iterable[Path]) -> None:
        """Watch these `files`, and no others any more."""
        wanted = frozenset(Path(os.path.abspath(file)) for file in files)
        if wanted == self._files:
            return
        self.close()
        self._files = wanted
        try:
            self._open({file.parent for file in wanted})
        except OSError as error:
            logger.debug("no notice of files: %s", error)
            self.close()

    def close(self) -> None:
        """Watch nothing any more."""
        self._files, self._folders = frozenset(), {}
        if self._fd >= 0:
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1

    def _open(self, folders: Iterable[Path]) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self._fd = int(libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        asyncio.get_running_loop().add_reader(self._fd, self._told)
        for folder in folders:
            number = int(libc.inotify_add_watch(self._fd, os.fsencode(folder), _CHANGES))
            if number < 0:
                logger.debug("no notice of %s: %s", folder, os.strerror(ctypes.get_errno()))
            else:
                self._folders[number] = folder

    def _told(self) -> None:
        try:
            data = os.read(self._fd, _READ_SHARE)
        except BlockingIOError:
            return
        if self._is_ours(data):
            self._on_change()

    def _is_ours(self, data: bytes) -> bool:
        """Whether one of the events in `data` is about a file that is followed."""
        offset = 0
        while offset + _HEADER.size <= len(data):
            number, mask, _cookie, length = _HEADER.unpack_from(data, offset)
            offset += _HEADER.size
            name = os.fsdecode(data[offset : offset + length].rstrip(b"\0"))
            offset += length
            folder = self._folders.get(number)
            if mask & _OVERFLOW or (folder is not None and folder / name in self._files):
                return True
        return False
