"""Plays the scenes and takes their pictures: `python -m tests.screenshots [NAME ...]`.

Everybody in them is the program itself, each in a terminal of its own, at a private server:
what a picture shows has happened so.
"""

from __future__ import annotations

import sys
from pathlib import Path

from termxmpp.errors import TermxmppError
from tests.screenshots.picture import FontMissing, Fonts, draw, replay, save
from tests.screenshots.scenes import SCENES
from tests.screenshots.stage import stage

FOLDER = Path(__file__).parents[2] / "screenshots"


def main() -> int:
    """Take the pictures of the scenes that are named, or of all."""
    wanted = sys.argv[1:]
    try:
        fonts = Fonts.of_debian()
        for scene in SCENES:
            if wanted and scene.__name__ not in wanted:
                continue
            with stage() as here:
                for picture in scene(here):
                    screen = replay(picture.output, picture.columns, picture.rows)
                    path = FOLDER / f"{picture.name}.png"
                    path.parent.mkdir(exist_ok=True)
                    save(draw(screen, fonts, picture.palette), path)
                    size = path.stat().st_size
                    print(f"{path.relative_to(FOLDER.parent)}: {size} bytes", flush=True)
    except (FontMissing, TermxmppError) as error:
        print(f"screenshots: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
