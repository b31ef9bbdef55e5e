"""What the user is told is wrapped for the catalogues: the commonest slip is found in the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from termxmpp.core.text import width
from termxmpp.overviews import columns

ROOT = Path(__file__).parents[1] / "termxmpp"
TELLERS = {"UserError", "DataError", "InputError", "ConfigError", "Notice", "complain"}

# The demo's server speaks to developers; the others put together what is wrapped elsewhere.
EXCEPTIONS = {"config_reading.py", "demo/server.py", "toml_file.py", "script/report.py"}


def slips(source: str) -> Iterator[int]:
    """The lines of `source` where somebody is told a literal that has no `_(`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in TELLERS and isinstance(node.args[0], ast.JoinedStr | ast.Constant):
                yield node.lineno


def test_what_is_told_is_wrapped() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted(ROOT.rglob("*.py"))
        if str(path.relative_to(ROOT)) not in EXCEPTIONS
        for line in slips(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_a_slip_is_found() -> None:
    assert list(slips("raise UserError(f'no {x}')\nself.complain('no')\nUserError(_('no'))")) == [
        1,
        2,
    ]


def test_columns_are_straight_where_words_are_wide() -> None:
    lines = columns([("撤回", "one"), ("ctrl-k", "two"), ("界面语言", "three")])
    places = [width(line[: line.index(word)]) for line, word in zip(lines, WORDS, strict=True)]
    assert places == [10, 10, 10]


WORDS = ("one", "two", "three")
