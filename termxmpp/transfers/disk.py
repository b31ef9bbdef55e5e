"""Files on the disk, read and written by child processes: a disk may take for ever.

What was not finished when we end is not there.
"""

from __future__ import annotations

import contextlib
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from termxmpp.errors import InputError, UserError
from termxmpp.transfers.children import answer_of, program_child
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["CHUNK", "DiskFile", "Keeper", "keeping", "reading"]

CHUNK = 65536
"""How many bytes are passed on at once: enough to be fast, few enough that no key waits."""

# A FIFO would let us wait, so nothing is opened that can; it is read when we say so.
_READER = """
import json, mimetypes, os, stat, sys
def tell(**facts):
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\\n")
    sys.stdout.buffer.flush()
path = os.path.expanduser(sys.argv[1])
try:
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        tell(error="folder" if stat.S_ISDIR(found.st_mode) else "special")
        sys.exit()
except OSError as error:
    tell(error=error.strerror)
    sys.exit()
path = os.path.abspath(path)
name = os.fsencode(os.path.basename(path)).decode("utf-8", "replace")
kind = mimetypes.MimeTypes().guess_type(name)
tell(name=name, size=found.st_size, type=kind[0] if kind[1] is None else None)
if not sys.stdin.buffer.read(1):
    sys.exit()
try:
    while chunk := os.read(fd, 65536):
        sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()
except (OSError, BrokenPipeError):
    os._exit(1)
"""

# What comes are pieces, each behind its length; one of no length ends them. Only then it gets its
# name, which is taken by a file of ours first: so none that is there is ever written over.
_KEEPER = """
import json, os, secrets, sys
given, name = sys.argv[1:3]
def tell(**facts):
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\\n")
    sys.stdout.buffer.flush()
def names(name):
    yield name
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    for number in range(2, 1000):
        yield f"{stem} ({number}){dot}{ending}"
part = None
try:
    place = os.path.abspath(os.path.expanduser(given))
    if given.endswith("/") or os.path.isdir(place) or sys.argv[3] == "folder":
        folder, wanted = place, names(name)
        if sys.argv[3] == "folder":
            os.makedirs(folder, exist_ok=True)
    else:
        folder, wanted = os.path.dirname(place), iter([os.path.basename(place)])
        if os.path.lexists(place):
            raise FileExistsError(17, os.strerror(17))
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    unfinished = os.path.join(folder, f".{secrets.token_hex(8)}.part")
    fd = os.open(unfinished, flags, 0o600)
    part = unfinished
    tell(ready=True)
    come = sys.stdin.buffer
    while True:
        length = come.read(4)
        if len(length) < 4:
            raise EOFError
        length = int.from_bytes(length)
        if not length:
            break
        piece = memoryview(come.read(length))
        if len(piece) < length:
            raise EOFError
        while piece:
            piece = piece[os.write(fd, piece):]
    os.fsync(fd)
    os.close(fd)
    for each in wanted:
        final = os.path.join(folder, each)
        try:
            os.close(os.open(final, flags, 0o600))
        except FileExistsError:
            continue
        os.replace(part, final)
        part = None
        tell(path=os.fsencode(final).decode("utf-8", "replace"))
        break
    else:
        raise FileExistsError(17, os.strerror(17))
except EOFError:
    pass
except OSError as error:
    tell(error=error.strerror)
finally:
    if part is not None:
        os.unlink(part)
"""


@dataclass(frozen=True, slots=True)
class DiskFile:
    """A file that can be read: its `name`, its `size` in bytes, its media type or nothing."""

    name: str
    size: int
    media_type: str
    _child: Process

    async def chunks(self) -> AsyncIterator[bytes]:
        """Its content, once: InputError if that is not as long as it was when it was found."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(b"g")
        done = 0
        while chunk := await self._child.stdout.read(CHUNK):
            done += len(chunk)
            if done > self.size:
                break
            yield chunk
        if done != self.size:
            raise InputError(
                _("{name} has changed, or could not be read to its end: try again.").format(
                    name=self.name
                )
            )


@asynccontextmanager
async def reading(path: str) -> AsyncIterator[DiskFile]:
    """The file at `path`, which may begin with `~`; InputError if there is none to be read."""
    async with program_child(_READER, path, patience=0) as child:
        found = await answer_of(child)
        if "error" in found:
            raise InputError(_reading_error(path, str(found["error"])))
        kind = found.get("type") or ""
        yield DiskFile(str(found["name"]), int(found["size"]), str(kind), child)


class Keeper:
    """Keeps what comes in a file, which is there when `finish` has said where."""

    def __init__(self, child: Process, path: str) -> None:
        self._child = child
        self._path = path

    async def write(self, chunk: bytes) -> None:
        """Keep `chunk` too; UserError where the disk is full, or the like."""
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(len(chunk).to_bytes(4) + chunk)
            await self._child.stdin.drain()
        except ConnectionError:
            raise await self._refusal() from None

    async def finish(self) -> Path:
        """That was all; where it is now."""
        assert self._child.stdin is not None
        with contextlib.suppress(ConnectionError):
            self._child.stdin.write((0).to_bytes(4))
            await self._child.stdin.drain()
        answer = await answer_of(self._child)
        if "path" not in answer:
            raise _keeping_error(self._path, answer)
        return Path(str(answer["path"]))

    async def _refusal(self) -> UserError:
        return _keeping_error(self._path, await answer_of(self._child))


@asynccontextmanager
async def keeping(path: str, name: str, *, is_folder: bool = False) -> AsyncIterator[Keeper]:
    """Keep a file called `name` in the folder `path`, or as `path` if that is no folder.

    In a folder a number goes behind the name where one of that name is there; any other file that
    is there is left alone. `is_folder`: it is one, and made if need be. UserError if nothing can
    be kept there.
    """
    async with program_child(_KEEPER, path, name, "folder" if is_folder else "") as child:
        answer = await answer_of(child)
        if "ready" not in answer:
            raise _keeping_error(path, answer)
        yield Keeper(child, path)


def _reading_error(path: str, error: str) -> str:
    if error == "folder":
        return _("{path} is a folder: pack it into one file first.").format(path=path)
    if error == "special":
        return _("{path} is no file that can be sent.").format(path=path)
    return _("{path} can't be read: {error}.").format(path=path, error=error)


def _keeping_error(path: str, answer: dict[str, Any]) -> UserError:
    error = str(answer.get("error") or _("the disk has said nothing"))
    return UserError(
        _("Nothing can be saved as {path}: {error}. /save N PATH takes another place.").format(
            path=path, error=error
        )
    )
