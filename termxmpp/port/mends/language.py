"""Mends of what has changed since 2017, in Python or around it, and fissix leaves alone."""

from __future__ import annotations

from termxmpp.port.convert import Mend

__all__ = ["LANGUAGE"]

_STR_REASON = "__str__ is what __unicode__ was; nothing calls that name in Python 3"


def _str_method(file: str, count: int = 1) -> Mend:
    return Mend(
        "str-method",
        f"pyxmpp2/{file}",
        _STR_REASON,
        "def __unicode__(self)",
        "def __str__(self)",
        count,
    )


LANGUAGE = (
    _str_method("exceptions.py"),
    _str_method("jid.py"),
    _str_method("mainloop/interfaces.py", 2),
    _str_method("roster.py", 3),
    _str_method("streamevents.py", 14),
    _str_method("test/resolver.py"),
    Mend(
        "facebook",
        "pyxmpp2/sasl/__init__.py",
        "Facebook's chat ended in 2015; who wants its log-in imports that, and urllib with it",
        "from . import xfacebookplatform\n",
        "",
    ),
    Mend(
        "roster-abcs",
        "pyxmpp2/roster.py",
        "the abstract classes left collections in Python 3.10",
        "from collections import Sequence, Mapping",
        "from collections.abc import Sequence, Mapping",
    ),
    Mend(
        "settings-abcs",
        "pyxmpp2/settings.py",
        "the abstract classes left collections in Python 3.10",
        "from collections import MutableMapping",
        "from collections.abc import MutableMapping",
    ),
    Mend(
        "closed-by-value",
        "pyxmpp2/streambase.py",
        "comparing a text by identity is a SyntaxWarning, and wrong",
        'self._output_state is "closed"',
        'self._output_state == "closed"',
    ),
)
