"""Colours of nicks (XEP-0392): the same for the same name, in every client and every session.

On a terminal with few colours it is the nearest of these by its hue (§5.3); only such are taken
as can be read on the theme's background.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from termxmpp.standard import Standard
from termxmpp.ui.colours import ANSI, CUBE, contrast, to_rgb
from termxmpp.ui.theme import Theme

__all__ = ["LEAST_CONTRAST", "NickColours", "hue_of"]

COLOURS = Standard("XEP-0392", "Consistent Color Generation", "1.0.1")

# What text needs to be read (WCAG 2.1, 1.4.3).
LEAST_CONTRAST = 4.5

# What has less of a hue than this says nothing by it.
LEAST_SATURATION = 40

# Hues are told apart by so many steps: more the eye can't.
STEPS = 120


def hue_of(name: str) -> float:
    """The hue of `name`, in degrees (§5.1): a nick, or a bare address as it is compared."""
    digest = hashlib.sha1(name.encode(), usedforsecurity=False).digest()
    return (digest[0] + digest[1] * 256) / 65536 * 360


class NickColours:
    """The colours of `theme` on a terminal of `depth` bits a colour, each reckoned once."""

    def __init__(self, theme: Theme, depth: int) -> None:
        self._nicks = theme.nicks
        self._depth = depth
        self._ground = theme.ground(depth)
        self._palette: dict[float, str] | None = None
        self._styles: dict[int, str] = {}

    def style(self, name: str) -> str:
        """The style of what `name` is written in: a colour for prompt_toolkit, or empty."""
        if self._depth == 1 or not self._nicks.colored:
            return ""
        step = int(hue_of(name) / 360 * STEPS)
        style = self._styles.get(step)
        if style is None:
            colour = self.colour(step * 360 / STEPS)
            style = f"fg:{ANSI[colour][0] if colour in ANSI else colour}"
            self._styles[step] = style
        return style

    def colour(self, hue: float) -> str:
        """The colour for `hue`, as `to_rgb` takes it."""
        if self._depth == 24:
            # Of use only where somebody is shown in colour; a script starts faster without it.
            import hsluv

            return str(hsluv.hsluv_to_hex((hue, self._nicks.saturation, self._nicks.lightness)))
        if self._palette is None:
            palette = self._nicks.sixteen if self._depth == 4 else CUBE
            self._palette = self._hues(palette)
        near = min(self._palette, key=lambda each: min((hue - each) % 360, (each - hue) % 360))
        return self._palette[near]

    def _hues(self, palette: Iterable[str]) -> dict[float, str]:
        """Those of `palette` that can be read, by their hues (§5.3).

        Of two with one hue that is taken whose lightness is nearer to the theme's.
        """
        import hsluv

        found: dict[float, tuple[float, str]] = {}
        for colour in palette:
            red, green, blue = (value / 255 for value in to_rgb(colour))
            hue, saturation, lightness = hsluv.rgb_to_hsluv((red, green, blue))
            is_ours = self._depth == 4
            if not is_ours and contrast(colour, self._ground) < LEAST_CONTRAST:
                continue
            if not is_ours and saturation < LEAST_SATURATION:
                continue
            distance = abs(lightness - self._nicks.lightness)
            kept = found.get(round(hue))
            if kept is None or distance < kept[0]:
                found[round(hue)] = (distance, colour)
        return {hue: colour for hue, (_distance, colour) in found.items()}
