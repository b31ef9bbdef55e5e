"""How large a picture is, as its first bytes tell."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from termxmpp.transfers.measures import pixels_of


def picture(kind: str, *, turned: int = 1, **options: object) -> bytes:
    data = io.BytesIO()
    image = Image.new("RGB", (300, 20), "red")
    exif = image.getexif()
    exif[0x0112] = turned
    if kind == "JPEG":
        options["exif"] = exif
    image.save(data, kind, **options)
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "pixels"),
    [
        (picture("PNG"), (300, 20)),
        (picture("GIF"), (300, 20)),
        (picture("WEBP"), (300, 20)),
        (picture("WEBP", lossless=True), (300, 20)),
        (picture("WEBP", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0"), (300, 20)),
        (picture("JPEG"), (300, 20)),
        (picture("JPEG", progressive=True), (300, 20)),
        (picture("JPEG", turned=3), (300, 20)),
        (picture("JPEG", turned=6), (20, 300)),
        (picture("JPEG", turned=8), (20, 300)),
        (picture("JPEG", comment=b"x" * 60_000), (300, 20)),
        (picture("BMP"), None),
        (b"", None),
        (b"\xff\xd8", None),
        (b"\xff\xd8\xff\xe1\0\0", None),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(8), None),
    ],
)
def test_the_size_is_that_which_is_seen(data: bytes, pixels: tuple[int, int] | None) -> None:
    assert pixels_of(data) == pixels


KINDS = [picture(kind, turned=6) for kind in ("PNG", "GIF", "WEBP", "JPEG")]


@given(st.sampled_from(KINDS), st.integers(0, 400), st.binary(max_size=40))
def test_rubbish_has_a_size_or_none(data: bytes, at: int, rubbish: bytes) -> None:
    """It ends, and raises nothing."""
    for spoiled in (data[:at], data[:at] + rubbish + data[at + len(rubbish) :]):
        found = pixels_of(spoiled)
        assert found is None or min(found) > 0
