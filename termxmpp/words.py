"""What the user reads, in the user's language: gettext over the catalogues in `locale/`.

The language is that of the environment (LANGUAGE, LC_ALL, LC_MESSAGES, LANG) at the start; what
has no translation stays English. Whole sentences are translated, with `{names}` to be formatted
in: other languages have other orders of words.
"""

from __future__ import annotations

import gettext
import os
from datetime import date
from pathlib import Path

__all__ = ["DOMAIN", "FOLDER", "_", "date_words", "languages", "ngettext"]

DOMAIN = "termxmpp"
FOLDER = Path(__file__).parent / "locale"

_catalogue = gettext.translation(DOMAIN, FOLDER, fallback=True)

_ = _catalogue.gettext
ngettext = _catalogue.ngettext


def languages() -> tuple[str, ...]:
    """The languages that the user reads, best first, as `zh-CN` and `zh` (BCP 47)."""
    names = (os.environ.get(each, "") for each in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"))
    found: list[str] = []
    for name in ":".join(names).split(":"):
        known = name.partition(".")[0].partition("@")[0].replace("_", "-")
        if known and known not in ("C", "POSIX"):
            found += [known, known.partition("-")[0]]
    return tuple(dict.fromkeys(found))


def date_words(day: date) -> str:
    """`day` with its names, in the language's order: never by `locale`, which is the process's."""
    weekdays = (
        *(_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday")),
        _("Sunday"),
    )
    months = (
        *(_("January"), _("February"), _("March"), _("April"), _("May"), _("June"), _("July")),
        *(_("August"), _("September"), _("October"), _("November"), _("December")),
    )
    return _("{weekday}, {day:02} {month} {year}").format(
        weekday=weekdays[day.weekday()],
        day=day.day,
        month=months[day.month - 1],
        year=day.year,
    )
