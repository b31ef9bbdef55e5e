"""Pictures of others, made small by a child: what decodes them is large, and may be attacked.

The child has Pillow (the extra `pictures`), little memory and little time, and knows only the
formats that people are shown in.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import sys

from termxmpp.core.picture import MOST_COLUMNS, MOST_ROWS, Picture

__all__ = ["can_show", "shrunk"]

# What it is given at most (bytes), and how long it may take (seconds).
LARGEST, TIMEOUT = 1_000_000, 5.0

# How many pixels a picture may have before it is made small: as many as a large photograph.
MOST_PIXELS = 25_000_000

# Few colours (16 of each part) are enough at that size, and each is drawn by a style that is kept.
_PROGRAM = f"""
import io, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (5, 5))
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
from PIL import Image
columns, rows = {MOST_COLUMNS}, 2 * {MOST_ROWS}
data = sys.stdin.buffer.read({LARGEST} + 1)
with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "GIF", "WEBP")) as picture:
    if picture.width * picture.height > {MOST_PIXELS}:
        sys.exit("too large")
    picture.draft("RGB", (2 * columns, 2 * rows))
    picture = picture.convert("RGBA")
    picture.thumbnail((columns, rows))
    ground = Image.new("RGBA", (picture.width, picture.height + picture.height % 2))
    ground.paste((0, 0, 0, 255), (0, 0, ground.width, ground.height))
    ground.alpha_composite(picture)
    found = ground.convert("RGB").point(lambda value: (value >> 4) * 17)
sys.stdout.buffer.write(b"%d %d\\n" % found.size + found.tobytes())
"""


def can_show() -> bool:
    """Whether there is what decodes pictures: the extra `pictures`."""
    return importlib.util.find_spec("PIL") is not None


async def shrunk(data: bytes) -> Picture | None:
    """The picture that `data` is, made small; None if it is none that is shown."""
    if len(data) > LARGEST or not can_show():
        return None
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-c", _PROGRAM),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(TIMEOUT):
            answer, _ = await child.communicate(data)
    except (TimeoutError, BrokenPipeError, ConnectionResetError):
        return None
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
    return _picture(answer)


def _picture(answer: bytes) -> Picture | None:
    """What the child has written, if it is what was asked for."""
    head, _, pixels = answer.partition(b"\n")
    try:
        width, height = map(int, head.split())
    except ValueError:
        return None
    fits = 0 < width <= MOST_COLUMNS and 0 < height <= 2 * MOST_ROWS and height % 2 == 0
    return Picture(width, pixels) if fits and len(pixels) == 3 * width * height else None
