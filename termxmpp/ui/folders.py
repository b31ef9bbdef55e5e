"""What is in a folder, found out by a child process: a disk behind a network may take for ever."""

from __future__ import annotations

import asyncio
import contextlib
import sys

from termxmpp.core.files import size_words

__all__ = ["Entry", "list_folder"]

Entry = tuple[str, str]
"""A name, that of a folder with a slash behind it, and what it is."""

# A folder that does not answer by then (seconds) is as good as empty.
TIMEOUT = 3.0

# Nobody looks through more, and a menu has far fewer.
MOST = 5000

# Names that are no text are left out: they could not be typed. No module of ours, so that it
# starts within milliseconds.
_PROGRAM = f"""
import itertools, os, sys
folder = os.path.expanduser(sys.argv[1]) or "."
found = []
with os.scandir(folder) as entries:
    for entry in itertools.islice(entries, {MOST}):
        try:
            is_folder = entry.is_dir()
            size = "" if is_folder else str(entry.stat().st_size)
            found.append("\\t".join([size, entry.name + "/" * is_folder]).encode())
        except (OSError, UnicodeEncodeError):
            pass
sys.stdout.buffer.write(b"\\0".join(sorted(found, key=lambda each: each.partition(b"\\t")[2])))
"""


async def list_folder(path: str) -> list[Entry]:
    """What is in the folder `path`, which may begin with `~`, by name; empty where it is none."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", "-c", _PROGRAM, path),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(TIMEOUT):
            answer, _ = await child.communicate()
    except TimeoutError:
        return []
    finally:
        if child.returncode is None:
            # One that hangs in the kernel does not even die; nobody waits for that.
            with contextlib.suppress(ProcessLookupError):
                child.kill()
    return [_entry(row) for row in answer.decode("utf-8", "replace").split("\0") if row]


def _entry(row: str) -> Entry:
    size, _, name = row.partition("\t")
    return name, size_words(int(size)) if size else ""
