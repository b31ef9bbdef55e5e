"""Curves of what something costs, as a picture (SVG) that needs nothing to be drawn with.

Both scales are logarithmic: a line that rises like the dashed one is linear, a level one flat. The
title says how it grows at its end: with n^0 not at all, with n^1 as the number does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

__all__ = ["Curve", "plot"]

WIDTH, HEIGHT = 330, 230
LEFT, RIGHT, TOP, BOTTOM = 56, 36, 44, 34

STYLE = (
    "text{font:12px sans-serif;fill:#333}.name{font-weight:bold}.line{fill:none;stroke:#0b62a4;"
    "stroke-width:2}.dot{fill:#0b62a4}.grid{stroke:#ddd}.linear{stroke:#999;stroke-dasharray:4 4}"
)


@dataclass(frozen=True)
class Curve:
    """What so many of something cost: `points` are (how many, how much), with the fewest first."""

    name: str
    unit: str
    points: Sequence[tuple[float, float]]

    @property
    def growth(self) -> float:
        """The exponent at the end: 0 is flat, 1 linear, 2 quadratic."""
        if len(self.points) < 2:
            return 0.0
        (few, less), (many, more) = self.points[-2:]
        return math.log(more / less) / math.log(many / few)


def plot(rows: Sequence[Sequence[Curve]], caption: str) -> str:
    """The picture: `rows` of panels, with `caption` below them."""
    width, height = max(map(len, rows)) * WIDTH, len(rows) * HEIGHT + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}"><style>{STYLE}</style>'
        f'<rect width="{width}" height="{height}" fill="#fff"/>'
    ]
    for down, row in enumerate(rows):
        for across, curve in enumerate(row):
            place = f"translate({across * WIDTH} {down * HEIGHT})"
            parts.append(f'<g transform="{place}">{_panel(curve)}</g>')
    parts.append(f'<text x="12" y="{height - 8}">{escape(caption)}</text></svg>\n')
    return "\n".join(parts)


def _panel(curve: Curve) -> str:
    columns = _decades([many for many, _ in curve.points])
    rows = _decades([much for _, much in curve.points])

    def x(many: float) -> float:
        return LEFT + _part(many, columns) * (WIDTH - LEFT - RIGHT)

    def y(much: float) -> float:
        return HEIGHT - BOTTOM - _part(much, rows) * (HEIGHT - TOP - BOTTOM)

    # Zero has no sign here, however little it is below.
    title = f"{curve.name} ({curve.unit}): n^{round(curve.growth, 1) + 0.0}"
    drawn = [f'<text class="name" x="12" y="24">{escape(title)}</text>']
    for each in _powers(columns):
        drawn.append(_line("grid", x(each), TOP, x(each), HEIGHT - BOTTOM))
        drawn.append(_text("middle", x(each), HEIGHT - BOTTOM + 18, each))
    for each in _powers(rows):
        drawn.append(_line("grid", LEFT, y(each), WIDTH - RIGHT, y(each)))
        drawn.append(_text("end", LEFT - 6, y(each) + 4, each))
    # What would grow as its number does, from the last point back, as far as there is room.
    many, much = curve.points[-1]
    first = max(columns[0], many * rows[0] / much)
    drawn.append(_line("linear", x(first), y(much * first / many), x(many), y(much)))
    path = " ".join(f"{x(many):.1f},{y(much):.1f}" for many, much in curve.points)
    drawn.append(f'<polyline class="line" points="{path}"/>')
    drawn += [
        f'<circle class="dot" cx="{x(many):.1f}" cy="{y(much):.1f}" r="3">'
        f"<title>{many:,.0f}: {much:.4g} {escape(curve.unit)}</title></circle>"
        for many, much in curve.points
    ]
    return "\n".join(drawn)


def _decades(values: Sequence[float]) -> tuple[float, float]:
    """The powers of ten around `values`, which are two."""
    least, most = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return 10.0**least, 10.0 ** max(most, least + 1)


def _powers(ends: tuple[float, float]) -> list[float]:
    first, last = (round(math.log10(end)) for end in ends)
    return [10.0**power for power in range(first, last + 1)]


def _part(value: float, ends: tuple[float, float]) -> float:
    least, most = map(math.log10, ends)
    return (math.log10(value) - least) / (most - least)


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(anchor: str, x: float, y: float, value: float) -> str:
    told = f"{value:,.0f}" if value >= 1 else f"{value:g}"
    return f'<text text-anchor="{anchor}" x="{x:.1f}" y="{y:.1f}">{told}</text>'
