"""Pictures made small by a child: right ones, odd ones, and such as are made to hurt."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from termxmpp.core.picture import MOST_COLUMNS, MOST_ROWS, Picture
from termxmpp.errors import RemoteError
from termxmpp.mainloop.selector import run
from termxmpp.transfers.pictures import small_picture
from tests.support.leaks import nothing_left


def small(data: bytes) -> Picture:
    async def main(mainloop: object) -> Picture:
        async with nothing_left():
            return await small_picture(data)

    return run(main)


def encoded(image: Image.Image, kind: str, **how: object) -> bytes:
    data = io.BytesIO()
    image.save(data, kind, **how)
    return data.getvalue()


def halves(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """Red above, blue below."""
    image = Image.new(mode, size, "red")
    image.paste("blue", (0, size[1] // 2, *size))
    return image


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_a_picture_is_made_small(kind: str) -> None:
    picture = small(encoded(halves((800, 480)), kind))
    assert (picture.width, picture.height) == (MOST_COLUMNS, 2 * MOST_ROWS)
    above, below = picture.colour(20, 2), picture.colour(20, 21)
    assert (above[1] + below[5], above[5] + below[1]) in (("ff", "00"), ("fe", "00"), ("ef", "00"))


@pytest.mark.parametrize(
    ("size", "width", "height"),
    [((1, 1), 1, 2), ((3, 3), 3, 4), ((4000, 2), 40, 2), ((10, 500), 1, 24), ((400, 400), 24, 24)],
)
def test_it_keeps_its_shape(size: tuple[int, int], width: int, height: int) -> None:
    picture = small(encoded(halves(size), "PNG"))
    assert (picture.width, picture.height) == (width, height)


def test_what_is_seen_through_is_black() -> None:
    image = Image.new("RGBA", (2, 2), (255, 255, 255, 0))
    assert small(encoded(image, "PNG")).pixels == bytes(12)


def test_it_stands_as_the_camera_was_held() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    picture = small(encoded(halves((100, 60)), "JPEG", exif=turned))
    assert picture.width < picture.height


def bomb(width: int, height: int) -> bytes:
    """A small PNG that says to be very large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(10_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        b"\x89PNG\r\n\x1a\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
        encoded(halves((200, 200)), "PNG")[:-200],
        encoded(halves((20, 20)), "TIFF"),
        bomb(60_000, 60_000),
        bomb(2**31 - 1, 2**31 - 1),
        bytes(3_000_000),
    ],
)
def test_what_is_no_picture_to_show_is_told(data: bytes) -> None:
    with pytest.raises(RemoteError, match="no picture that can be shown"):
        small(data)
