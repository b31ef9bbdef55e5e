"""Pictures are made small by a child, which nothing in them can hurt beyond itself."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from termxmpp.core.picture import Picture
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.pictures import LARGEST, shrunk


def saved(picture: Image.Image, format: str = "PNG") -> bytes:
    output = io.BytesIO()
    picture.save(output, format)
    return output.getvalue()


def small(data: bytes) -> Picture | None:
    async def main(mainloop: EpollMainLoop) -> Picture | None:
        return await shrunk(data)

    return run(main)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_becomes_few_pixels_of_few_colours(format: str) -> None:
    picture = small(saved(Image.new("RGB", (64, 64), (250, 5, 5)), format))
    assert picture is not None
    assert (picture.width, picture.height) == (24, 24)
    assert picture.colour(23, 23) == "#ff0000"


def test_its_proportions_stay() -> None:
    wide = small(saved(Image.new("RGB", (400, 100))))
    assert wide is not None
    assert (wide.width, wide.height) == (40, 10)
    high = small(saved(Image.new("RGB", (10, 1000))))
    assert high is not None
    assert (high.width, high.height) == (1, 24)


def test_an_odd_row_is_filled_up_and_what_is_transparent_is_black() -> None:
    picture = small(saved(Image.new("RGBA", (3, 3), (255, 255, 255, 0))))
    assert picture is not None
    assert (picture.width, picture.height) == (3, 4)
    assert picture.colour(0, 0) == picture.colour(0, 3) == "#000000"


def bomb() -> bytes:
    """A small file that claims to be a picture of a million by a million."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", 1_000_000, 1_000_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        saved(Image.new("RGB", (9, 9)))[:45],
        saved(Image.new("RGB", (9, 9)), "BMP"),
        bytes(LARGEST + 1),
        bomb(),
    ],
    ids=["empty", "text", "svg", "postscript", "cut", "bmp", "large", "bomb"],
)
def test_what_is_no_picture_for_us_is_none(data: bytes) -> None:
    assert small(data) is None
