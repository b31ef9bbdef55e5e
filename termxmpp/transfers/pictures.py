"""Small pictures of large ones, made by a child with limits on its memory, time and pixels.

What decodes pictures is large, was often broken into, and may take long; the child has nothing
but the bytes, and can only say colours. It needs Pillow (the extra `pictures`).
"""

from __future__ import annotations

import asyncio
from typing import Any

from termxmpp.core.files import size_words
from termxmpp.core.picture import MOST_COLUMNS, MOST_ROWS, Picture, Portrait
from termxmpp.errors import RemoteError, UserError
from termxmpp.transfers.children import answer_of, program_child
from termxmpp.transfers.disk import reading
from termxmpp.words import _

__all__ = ["portrait_from", "small_picture"]

# What the child may take: seconds of the processor, bytes of memory, and pixels of the picture.
SECONDS, MEMORY, PIXELS = 5, 768 << 20, 40_000_000

# A loaded machine gives it less of the processor (seconds).
PATIENCE = 15.0

# What we show of ourselves is a square of so many pixels and bytes at most (XEP-0153 §4.6), made
# of a file that has so many bytes at most.
SIDE, LARGEST_PORTRAIT, LARGEST_FILE = 96, 8192, 10_000_000

_PNG = b"\x89PNG\r\n\x1a\n"

# Before anything that others have made is looked at.
_BEGINNING = f"""
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
def opened(size):
    data = io.BytesIO(sys.stdin.buffer.read())
    with Image.open(data, formats=("JPEG", "PNG", "GIF", "WEBP", "BMP")) as image:
        image.draft("RGB", tuple(4 * each for each in size))
        image.load()
        return ImageOps.exif_transpose(image)
"""

# Few colours (16 of each part) are enough at that size, and each is drawn by a style that is kept.
_SMALL = """
try:
    size = (int(sys.argv[1]), 2 * int(sys.argv[2]))
    turned = opened(size)
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

# The largest that is small enough: fewer colours are less of a loss than fewer pixels. Of what
# else stood in the file (where it was taken, by which camera) nothing is left.
_PORTRAIT = f"""
try:
    whole = opened(({SIDE}, {SIDE})).convert("RGBA")
    for side, colours in (({SIDE}, 0), ({SIDE}, 256), ({SIDE}, 128), ({SIDE}, 64), (64, 64),
                          (48, 32), (32, 16), (16, 16)):
        made = ImageOps.fit(whole, (side, side))
        if colours:
            made = made.quantize(colours, Image.Quantize.FASTOCTREE)
        file = io.BytesIO()
        made.save(file, "PNG", optimize=True)
        if len(file.getvalue()) <= {LARGEST_PORTRAIT}:
            break
    tell(side=side)
    sys.stdout.buffer.write(file.getvalue())
except Exception as error:
    tell(error=type(error).__name__)
"""


async def small_picture(data: bytes, columns: int = MOST_COLUMNS, rows: int = MOST_ROWS) -> Picture:
    """The picture that `data` is, made small: for so many columns and rows at most.

    Raises UserError where there is no Pillow, RemoteError where it is none that can be shown.
    """
    size = (str(columns), str(rows))
    said, pixels = await _made(data, _SMALL, 6 * rows * columns, *size)
    width = said.get("width")
    if not isinstance(width, int) or not 0 < width <= columns:
        raise RemoteError(_("That is no picture that can be shown here."))
    if not pixels or len(pixels) % (6 * width):
        raise RemoteError(_("That is no picture that can be shown here."))
    return Picture(width, pixels)


async def portrait_from(path: str) -> Portrait:
    """The picture in the file at `path`, as it is shown to others: a square of its middle.

    Raises InputError where the file can't be read, UserError where there is no Pillow, or it is
    too large, or is no picture.
    """
    async with reading(path) as file:
        if file.size > LARGEST_FILE:
            raise UserError(
                _("{name} has {size}; a picture of you is made of at most {limit}.").format(
                    name=file.name, size=size_words(file.size), limit=size_words(LARGEST_FILE)
                )
            )
        data = b"".join([chunk async for chunk in file.chunks()])
    said, made = await _made(data, _PORTRAIT, LARGEST_PORTRAIT)
    side = said.get("side")
    if not isinstance(side, int) or not 0 < side <= SIDE or not made.startswith(_PNG):
        raise UserError(_("{path} is no picture: take a PNG, JPEG or WebP.").format(path=path))
    return Portrait(made, side)


async def _made(
    data: bytes, program: str, limit: int, *arguments: str
) -> tuple[dict[str, Any], bytes]:
    """What the child says of the picture, and the bytes that it makes of it, at most `limit`.

    Raises UserError where there is no Pillow, RemoteError where it takes too long.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            said, made = await _ask_child(data, program, limit, *arguments)
    except TimeoutError:
        raise RemoteError(_("The picture took too long to be made small.")) from None
    if said.get("error") == "pillow":
        raise UserError(
            _("Pictures need Pillow, which is not there: pip install 'termxmpp[pictures]'.")
        )
    return said, made


async def _ask_child(
    data: bytes, program: str, limit: int, *arguments: str
) -> tuple[dict[str, Any], bytes]:
    whole = _BEGINNING + program
    async with program_child(whole, *arguments, patience=0, has_packages=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(data)
        child.stdin.close()
        said = await answer_of(child)
        made = bytearray()
        while len(made) < limit and (chunk := await child.stdout.read(limit - len(made))):
            made += chunk
        return said, bytes(made)
