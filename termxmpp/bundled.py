"""Whether the pyxmpp2 that would be imported is the one that came with termxmpp.

It is found without being imported: the published one does not even load.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from termxmpp.words import _

__all__ = ["foreign_pyxmpp2"]

MARK = "PORTED_FOR"


def foreign_pyxmpp2() -> str | None:
    """One line that says what is in the way, or None if all is well."""
    spec = importlib.util.find_spec("pyxmpp2")
    if spec is None or spec.origin is None:
        return _("pyxmpp2, which comes with termxmpp, is missing: install termxmpp again with pip.")
    if (Path(spec.origin).parent / MARK).is_file():
        return None
    return _(
        "another pyxmpp2 is in the way ({folder}): remove it, and install termxmpp again with pip."
    ).format(folder=Path(spec.origin).parent)
