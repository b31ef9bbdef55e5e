"""Draws a terminal's screen: each cell where it belongs, in its colours.

What a cell holds never moves another cell: a glyph that is too wide for its place is made
smaller, so columns stay straight whatever fonts are found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyte
from PIL import Image, ImageColor, ImageDraw, ImageFont
from wcwidth import wcswidth

from tests.support.emulator import Emulator

__all__ = ["DARK", "LIGHT", "FontMissing", "Fonts", "Palette", "draw", "replay", "save"]

Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont


@dataclass(frozen=True, slots=True)
class Palette:
    """A terminal's own colours: for letters, behind them, and its sixteen by pyte's names.

    Its "brown" is what others call yellow, and it misspells one of the backgrounds.
    """

    foreground: Colour
    background: Colour
    colours: dict[str, Colour]


DARK = Palette(
    (0xD8, 0xDE, 0xE9),
    (0x1D, 0x21, 0x29),
    {
        "black": (0x2B, 0x30, 0x3B),
        "red": (0xE0, 0x6C, 0x75),
        "green": (0x98, 0xC3, 0x79),
        "brown": (0xE5, 0xC0, 0x7B),
        "blue": (0x61, 0xAF, 0xEF),
        "magenta": (0xC6, 0x8A, 0xEE),
        "cyan": (0x56, 0xC8, 0xD8),
        "white": (0xC8, 0xCE, 0xD9),
        "brightblack": (0x7C, 0x86, 0x99),
        "brightred": (0xFF, 0x87, 0x8F),
        "brightgreen": (0xB5, 0xE0, 0x90),
        "brightbrown": (0xFF, 0xDC, 0x9A),
        "brightblue": (0x86, 0xC8, 0xFF),
        "brightmagenta": (0xE0, 0xAB, 0xFF),
        "bfightmagenta": (0xE0, 0xAB, 0xFF),
        "brightcyan": (0x86, 0xE6, 0xF2),
        "brightwhite": (0xFF, 0xFF, 0xFF),
    },
)

LIGHT = Palette(
    (0x2A, 0x2E, 0x36),
    (0xFB, 0xFA, 0xF7),
    {
        "black": (0x2A, 0x2E, 0x36),
        "red": (0xB0, 0x2A, 0x37),
        "green": (0x2F, 0x7A, 0x2C),
        "brown": (0x8A, 0x62, 0x00),
        "blue": (0x1F, 0x5F, 0xB0),
        "magenta": (0x8A, 0x3A, 0xA8),
        "cyan": (0x00, 0x74, 0x80),
        "white": (0xDD, 0xDC, 0xD6),
        "brightblack": (0x7A, 0x7D, 0x85),
        "brightred": (0xC8, 0x3A, 0x46),
        "brightgreen": (0x3D, 0x90, 0x3A),
        "brightbrown": (0xA5, 0x78, 0x10),
        "brightblue": (0x2F, 0x74, 0xC8),
        "brightmagenta": (0xA0, 0x50, 0xC0),
        "bfightmagenta": (0xA0, 0x50, 0xC0),
        "brightcyan": (0x10, 0x8A, 0x98),
        "brightwhite": (0xFF, 0xFF, 0xFF),
    },
)

# Box drawing is drawn by hand: fonts leave hairlines between cells. Which ways the light
# lines go from the middle of the cell:
_WAYS = {
    "lr": "─",
    "ud": "│",
    "dr": "┌╭",
    "dl": "┐╮",
    "ur": "└╰",
    "ul": "┘╯",
    "udr": "├",
    "udl": "┤",
    "dlr": "┬",
    "ulr": "┴",
    "udlr": "┼",
}
BOXES = {char: ways for ways, chars in _WAYS.items() for char in chars}

# A character that no font has, to know the sign a font draws instead of what it lacks.
NOWHERE = "\uffff"

# The colour font holds pictures of this one size only.
EMOJI_SIZE = 109

# So many of a picture's commonest colours are kept as they are; a palette holds 256.
EXACT = 96

SIZE = 18
MARGIN = 12


class FontMissing(Exception):
    """A font that the pictures need is not installed; the text names its package."""


@dataclass(frozen=True, slots=True)
class Fonts:
    """What cells are drawn with: for each kind the fonts in the order they are asked.

    `narrow` fonts are by (bold, italic); the first decides how large a cell is.
    """

    narrow: Callable[[bool, bool], Sequence[Font]]
    wide: Callable[[bool], Sequence[Font]]
    emoji: Font | None = None

    @staticmethod
    def one(font: Font) -> Fonts:
        """`font` for everything."""
        return Fonts(lambda bold, italic: [font], lambda bold: [font])

    @staticmethod
    def of_debian(size: int = SIZE) -> Fonts:
        """Those of Debian's packages; FontMissing if one is not there."""
        dejavu = Path("/usr/share/fonts/truetype/dejavu")
        noto = Path("/usr/share/fonts/opentype/noto")
        mono = {
            (bold, italic): _load(dejavu / f"DejaVuSansMono{style}.ttf", size, package)
            for bold, italic, style, package in (
                (False, False, "", "fonts-dejavu-core"),
                (True, False, "-Bold", "fonts-dejavu-core"),
                (False, True, "-Oblique", "fonts-dejavu-extra"),
                (True, True, "-BoldOblique", "fonts-dejavu-extra"),
            )
        }
        sans = _load(dejavu / "DejaVuSans.ttf", size, "fonts-dejavu-core")
        cjk = {
            bold: _load(noto / f"NotoSansCJK-{style}.ttc", size + 3, "fonts-noto-cjk")
            for bold, style in ((False, "Regular"), (True, "Bold"))
        }
        emoji = _load(
            Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"),
            EMOJI_SIZE,
            "fonts-noto-color-emoji",
        )
        return Fonts(
            lambda bold, italic: [mono[bold, italic], sans, cjk[bold]],
            lambda bold: [cjk[bold], sans],
            emoji,
        )

    @property
    def cell(self) -> tuple[int, int]:
        """Width and height of a cell, in pixels."""
        font = self.narrow(False, False)[0]
        ascent, descent = font.getmetrics()
        return round(font.getlength("0")), ascent + descent + 2


def replay(output: bytes, columns: int, rows: int) -> Any:
    """The pyte screen that shows what a program has written to a terminal of that size."""
    screen = Emulator(columns, rows)
    pyte.ByteStream(screen).feed(output)
    return screen


def draw(screen: Any, fonts: Fonts, palette: Palette = DARK, margin: int = MARGIN) -> Image.Image:
    """The picture of `screen`, with `margin` pixels of nothing around it."""
    width, height = fonts.cell
    size = (screen.columns * width + 2 * margin, screen.lines * height + 2 * margin)
    image = Image.new("RGB", size, palette.background)
    cells = [
        (
            margin + column * width,
            margin + row * height,
            screen.buffer[row][column],
            not screen.cursor.hidden and (column, row) == (screen.cursor.x, screen.cursor.y),
        )
        for row in range(screen.lines)
        for column in range(screen.columns)
    ]
    pen = ImageDraw.Draw(image)
    # All backgrounds first: a slanted glyph may reach over the edge of its cell.
    for x, y, char, is_cursor in cells:
        _, ground = _colours(char, is_cursor, palette)
        if ground != palette.background:
            pen.rectangle((x, y, x + width - 1, y + height - 1), fill=ground)
    for x, y, char, is_cursor in cells:
        colour, _ = _colours(char, is_cursor, palette)
        if char.data in BOXES:
            _draw_box(pen, (x, y, width, height), BOXES[char.data], colour)
        elif char.data.strip():
            _draw_glyph(image, (x, y, width, height), char, colour, fonts)
        if char.underscore:
            pen.rectangle((x, y + height - 3, x + width - 1, y + height - 3), fill=colour)
        if char.strikethrough:
            pen.rectangle((x, y + height // 2, x + width - 1, y + height // 2), fill=colour)
    return image


def save(image: Image.Image, path: Path) -> None:
    """Write `image` small: with the colours of text as they are, and a choice for emoji."""
    width, height = image.size
    exact = [pair[1] for pair in sorted(image.getcolors(width * height) or [], reverse=True)]
    near = image.quantize(256 - EXACT, Image.Quantize.MEDIANCUT).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*(value for rgb in exact[:EXACT] for value in _rgb(rgb)), *near])
    few = image.quantize(palette=palette, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def _rgb(colour: object) -> Colour:
    """A pixel of a picture that has no other kind."""
    assert isinstance(colour, tuple)
    red, green, blue = colour
    return red, green, blue


def _load(path: Path, size: int, package: str) -> Font:
    try:
        return ImageFont.truetype(str(path), size)
    except OSError:
        raise FontMissing(f"{path} is missing: apt-get install -y {package}") from None


def _colours(char: Any, is_cursor: bool, palette: Palette) -> tuple[Colour, Colour]:
    """What the cell is written with, and on."""
    colour = _colour(char.fg, palette.foreground, palette)
    ground = _colour(char.bg, palette.background, palette)
    return (ground, colour) if char.reverse != is_cursor else (colour, ground)


def _colour(name: str, default: Colour, palette: Palette) -> Colour:
    """pyte names the sixteen; of the 256 and the true ones it says the hexadecimal digits."""
    if name == "default":
        return default
    if name in palette.colours:
        return palette.colours[name]
    return _rgb(ImageColor.getrgb(f"#{name}"))


def _draw_box(
    pen: ImageDraw.ImageDraw, place: tuple[int, int, int, int], ways: str, colour: Colour
) -> None:
    x, y, width, height = place
    middle_x, middle_y = x + width // 2, y + height // 2
    ends = {
        "l": (x, middle_y),
        "r": (x + width - 1, middle_y),
        "u": (middle_x, y),
        "d": (middle_x, y + height - 1),
    }
    for way in ways:
        pen.line([(middle_x, middle_y), ends[way]], fill=colour)


def _draw_glyph(
    image: Image.Image,
    place: tuple[int, int, int, int],
    char: Any,
    colour: Colour,
    fonts: Fonts,
) -> None:
    x, y, width, height = place
    text = char.data
    is_wide = wcswidth(text) == 2
    room = 2 * width if is_wide else width
    if is_wide and fonts.emoji is not None and _has(fonts.emoji, text):
        picture = _emoji(fonts.emoji, text, room)
        image.paste(picture, (x, y + (height - picture.height) // 2), picture)
        return
    candidates = fonts.wide(char.bold) if is_wide else fonts.narrow(char.bold, char.italics)
    font = next((font for font in candidates if _has(font, text)), candidates[0])
    # Half a pixel is what the cell was rounded by.
    while font.getlength(text) > room + 0.5:
        font = font.font_variant(size=font.size - 1)
    first = fonts.narrow(False, False)[0]
    baseline = y + 1 + first.getmetrics()[0]
    pen = ImageDraw.Draw(image)
    # In the middle of its cells; a font's own cells are not of whole pixels.
    pen.text((x + (room - font.getlength(text)) / 2, baseline), text, colour, font, anchor="ls")


@cache
def _has(font: Font, text: str) -> bool:
    """Whether `font` has what `text` begins with: it draws something else than for nothing."""
    return bytes(font.getmask(text[0])) != bytes(font.getmask(NOWHERE))


@cache
def _emoji(font: Font, text: str, size: int) -> Image.Image:
    left, top, right, bottom = (round(edge) for edge in font.getbbox(text))
    picture = Image.new("RGBA", (right - left, bottom - top))
    ImageDraw.Draw(picture).text((-left, -top), text, font=font, embedded_color=True)
    picture.thumbnail((size - 1, size - 1), Image.Resampling.LANCZOS)
    return picture
