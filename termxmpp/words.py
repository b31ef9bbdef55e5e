"""What the user reads, in the user's language: gettext over the catalogues in `locale/`.

The language is that of the environment (LANGUAGE, LC_ALL, LC_MESSAGES, LANG) at the start; what
has no translation stays English. Whole sentences are translated, with `{names}` to be formatted
in: other languages have other orders of words.
"""

from __future__ import annotations

import gettext
from pathlib import Path

__all__ = ["DOMAIN", "FOLDER", "_", "ngettext"]

DOMAIN = "termxmpp"
FOLDER = Path(__file__).parent / "locale"

_catalogue = gettext.translation(DOMAIN, FOLDER, fallback=True)

_ = _catalogue.gettext
ngettext = _catalogue.ngettext
