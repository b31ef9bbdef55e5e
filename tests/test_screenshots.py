"""The pictures: every cell is drawn where it belongs, whatever the font.

Drawn with the font that Pillow brings along, so that none needs to be installed.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageFont

from tests.screenshots.picture import (
    DARK,
    MARGIN,
    Fonts,
    draw,
    replay,
    save,
)

font = ImageFont.load_default(20)
assert isinstance(font, ImageFont.FreeTypeFont)
FONTS = Fonts.one(font)
WIDTH, HEIGHT = FONTS.cell
HIDE_CURSOR = "\x1b[?25l"


def picture(text: str, *, columns: int = 8, rows: int = 2) -> Image.Image:
    """What a terminal shows that got `text`."""
    return draw(replay((HIDE_CURSOR + text).encode(), columns, rows), FONTS)


def cell(image: Image.Image, column: int, row: int = 0) -> Image.Image:
    left, top = MARGIN + column * WIDTH, MARGIN + row * HEIGHT
    return image.crop((left, top, left + WIDTH, top + HEIGHT))


def corner(image: Image.Image, column: int, row: int = 0) -> object:
    """The first pixel of a cell, to which no glyph reaches."""
    return cell(image, column, row).getpixel((0, 0))


def is_blank(image: Image.Image) -> bool:
    return len(image.getcolors() or ()) == 1


def test_the_picture_is_as_large_as_its_cells_and_the_margin() -> None:
    image = picture("", columns=10, rows=3)
    assert image.size == (10 * WIDTH + 2 * MARGIN, 3 * HEIGHT + 2 * MARGIN)
    assert is_blank(image)
    assert corner(image, 0) == DARK.background


def test_a_letter_stands_in_its_cell_and_in_no_other() -> None:
    image = picture("\x1b[2;3Hi")
    assert not is_blank(cell(image, 2, 1))
    others = [(column, row) for column in range(8) for row in range(2) if (column, row) != (2, 1)]
    assert all(is_blank(cell(image, *other)) for other in others)


def test_a_wide_letter_takes_two_cells_with_their_background() -> None:
    image = picture("\x1b[41m語\x1b[0mi")
    red = DARK.colours["red"]
    assert [corner(image, column) for column in range(4)] == [
        red,
        red,
        DARK.background,
        DARK.background,
    ]
    ink = [not is_blank(cell(image, column)) for column in range(4)]
    assert ink == [True, True, True, False]


def test_what_is_too_wide_for_its_cells_moves_nothing_behind_it() -> None:
    """The font is not one of equal widths: it is the cells that keep the columns straight."""
    assert list(cell(picture("iiii!"), 4).tobytes()) == list(cell(picture("MMMM!"), 4).tobytes())


@pytest.mark.parametrize(
    ("code", "colour"),
    [
        ("41", DARK.colours["red"]),
        ("43", DARK.colours["brown"]),
        ("100", DARK.colours["brightblack"]),
        ("105", DARK.colours["brightmagenta"]),
        ("48;5;9", (0xFF, 0, 0)),
        ("48;5;208", (0xFF, 0x87, 0)),
        ("48;2;1;2;3", (1, 2, 3)),
        ("7", DARK.foreground),
    ],
)
def test_a_background_is_of_its_colour(code: str, colour: tuple[int, int, int]) -> None:
    image = picture(f" \x1b[{code}m \x1b[0m ")
    assert [corner(image, column) for column in range(3)] == [
        DARK.background,
        colour,
        DARK.background,
    ]


def test_a_letter_is_of_its_colour() -> None:
    colours = {colour for _, colour in cell(picture("\x1b[32mM"), 0).getcolors() or ()}
    assert {DARK.colours["green"], DARK.background} <= colours


def test_lines_have_no_gaps_between_cells() -> None:
    image = picture("──\x1b[4;1H│\x1b[5;1H│", rows=5)
    middle = MARGIN + HEIGHT // 2
    across = [image.getpixel((MARGIN + x, middle)) for x in range(2 * WIDTH)]
    assert set(across) == {DARK.foreground}
    down = [
        image.getpixel((MARGIN + WIDTH // 2, MARGIN + 3 * HEIGHT + y)) for y in range(2 * HEIGHT)
    ]
    assert set(down) == {DARK.foreground}


def test_an_underline_goes_under_spaces_too() -> None:
    image = cell(picture("\x1b[4m \x1b[0m"), 0)
    assert {image.getpixel((x, HEIGHT - 3)) for x in range(WIDTH)} == {DARK.foreground}


def test_a_mark_is_drawn_on_its_letter() -> None:
    assert picture("e\u0301").tobytes() == picture("é").tobytes() != picture("e").tobytes()


def test_the_cursor_is_a_block_where_it_stands() -> None:
    image = draw(replay(b"ab", 8, 2), FONTS)
    assert [corner(image, column) for column in range(1, 4)] == [
        DARK.background,
        DARK.foreground,
        DARK.background,
    ]


def test_a_saved_picture_has_a_palette_and_looks_the_same(tmp_path: Path) -> None:
    image = picture("\x1b[41m語\x1b[0m hi \x1b[44m ")
    save(image, tmp_path / "picture.png")
    with Image.open(tmp_path / "picture.png") as kept:
        assert kept.mode == "P"
        shown = kept.convert("RGB")
    assert [corner(shown, column) for column in range(8)] == [
        corner(image, column) for column in range(8)
    ]
    assert max(ImageChops.difference(image, shown).tobytes()) < 8
