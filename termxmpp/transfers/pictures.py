"""Small pictures of large ones, made by a child with limits on its memory, time and pixels.

What decodes pictures is large, was often broken into, and may take long; the child has nothing
but the bytes, and can only say colours. It needs Pillow (the extra `pictures`).
"""

from __future__ import annotations

import asyncio
from typing import Any

from termxmpp.core.picture import MOST_COLUMNS, MOST_ROWS, Picture
from termxmpp.errors import RemoteError, UserError
from termxmpp.transfers.children import answer_of, program_child
from termxmpp.words import _

__all__ = ["small_picture"]

# What the child may take: seconds of the processor, bytes of memory, and pixels of the picture.
SECONDS, MEMORY, PIXELS = 5, 768 << 20, 40_000_000

# A loaded machine gives it less of the processor (seconds).
PATIENCE = 15.0

# Few colours (16 of each part) are enough at that size, and each is drawn by a style that is kept.
_PROGRAM = f"""
import io, json, resource, sys, warnings
def tell(**facts):
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\\n")
try:
    from PIL import Image, ImageOps
except ImportError:
    tell(error="pillow")
    sys.exit()
for what, most in ((resource.RLIMIT_AS, {MEMORY}), (resource.RLIMIT_CPU, {SECONDS}),
                   (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_NPROC, 0)):
    resource.setrlimit(what, (most, most))
warnings.simplefilter("error")
Image.MAX_IMAGE_PIXELS = {PIXELS}
try:
    data = io.BytesIO(sys.stdin.buffer.read())
    size = ({MOST_COLUMNS}, 2 * {MOST_ROWS})
    with Image.open(data, formats=("JPEG", "PNG", "GIF", "WEBP", "BMP")) as image:
        image.draft("RGB", tuple(4 * each for each in size))
        image.load()
        turned = ImageOps.exif_transpose(image)
        turned.thumbnail(size)
        turned = turned.convert("RGBA")
    ground = Image.new("RGBA", (turned.width, turned.height + turned.height % 2), (0, 0, 0, 255))
    ground.alpha_composite(turned)
    small = ground.convert("RGB").point(lambda value: (value >> 4) * 17)
    tell(width=small.width)
    sys.stdout.buffer.write(small.tobytes())
except Exception as error:
    tell(error=type(error).__name__)
"""


async def small_picture(data: bytes) -> Picture:
    """The picture that `data` is, made small.

    Raises UserError where there is no Pillow, RemoteError where it is none that can be shown.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            said, pixels = await _made_small(data)
    except TimeoutError:
        raise RemoteError(_("The picture took too long to be made small.")) from None
    if said.get("error") == "pillow":
        raise UserError(
            _("Pictures need Pillow, which is not there: pip install 'termxmpp[pictures]'.")
        )
    width = said.get("width")
    if not isinstance(width, int) or not 0 < width <= MOST_COLUMNS:
        raise RemoteError(_("That is no picture that can be shown here."))
    if not pixels or len(pixels) % (6 * width):
        raise RemoteError(_("That is no picture that can be shown here."))
    return Picture(width, pixels)


async def _made_small(data: bytes) -> tuple[dict[str, Any], bytes]:
    """What the child says of the picture, and its pixels."""
    async with program_child(_PROGRAM, patience=0, has_packages=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(data)
        child.stdin.close()
        said = await answer_of(child)
        return said, await child.stdout.read(6 * MOST_ROWS * MOST_COLUMNS)
