"""`python -m tests.shortcodes`: write the table of emoji and their names, from the package `emoji`.

That has the names which Slack, GitHub and Gajim know (`:smile:`), and behind them Unicode's own.
"""

from __future__ import annotations

import re
import unicodedata

import emoji

from termxmpp.core.emoji import TABLE

__all__ = ["table"]


def table() -> str:
    """A line for each emoji: itself, its names by which one is used to type it, Unicode's last."""
    lines = []
    for each, known in emoji.EMOJI_DATA.items():
        aliases = [name for name in known.get("alias", []) if not name.startswith(":flag_for_")]
        names = list(dict.fromkeys(_name(name) for name in [*aliases, known["en"]]))
        is_variant = known["status"] != emoji.STATUS["fully_qualified"] or "skin_tone" in names[-1]
        if not is_variant:
            lines.append(" ".join([each, *names]) + "\n")
    return "".join(lines)


def _name(known: str) -> str:
    """The name `known` (`:Côte_d’Ivoire:`) as everybody can type it."""
    plain = unicodedata.normalize("NFKD", known.strip(":").replace("’", "").replace("&", "and"))
    plain = "".join(char for char in plain.lower() if not unicodedata.combining(char))
    return re.sub(r"[^a-z0-9+-]+", "_", plain).strip("_")


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
