"""Brings the catalogues up to date with the code: `python -m tests.catalogue`.

All texts are found in the sources, without running them: the first arguments of `_` and
`ngettext`, and the docstrings of commands, which are their help. Translations are kept; what is
new is left empty, for a translator, and what is gone goes.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from termxmpp.port.catalogue import Entry, compiled_into, parse, rendered

__all__ = ["FOLDER", "TEMPLATE", "extracted", "template", "updated"]

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "termxmpp" / "locale"
TEMPLATE = FOLDER / "termxmpp.pot"

HEADER = "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n"


def extracted() -> list[Entry]:
    """Every text of the sources, in their order, each once."""
    found: dict[str, Entry] = {}
    for path in sorted((ROOT / "termxmpp").rglob("*.py")):
        place = str(path.relative_to(ROOT))
        if place.startswith("termxmpp/port/"):
            continue
        for text, plural in _texts(ast.parse(path.read_text(encoding="utf-8")), place):
            if not text:
                continue
            entry = found.get(text, Entry(text))
            plural = plural or entry.plural
            places = tuple(dict.fromkeys((*entry.places, place)))
            found[text] = replace(
                entry, plural=plural, translations=("", "") if plural else ("",), places=places
            )
    return list(found.values())


def template() -> str:
    """What the template should be."""
    return rendered([Entry("", translations=(HEADER,)), *extracted()])


def updated(source: str) -> str:
    """The catalogue `source` with the texts that there are now, and its translations of them."""
    header, *old = parse(source)
    known = {(each.text, each.plural): each for each in old}
    entries = [
        replace(known[key], places=each.places)
        if (key := (each.text, each.plural)) in known
        # One form; a language that has more gets them from its translator.
        else replace(each, translations=("",))
        for each in extracted()
    ]
    return rendered([header, *entries])


def _texts(tree: ast.AST, place: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name("_"), args=[argument]):
                yield _constant(argument, place), ""
            case ast.Call(func=ast.Name("ngettext"), args=[one, many, _]):
                yield _constant(one, place), _constant(many, place)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if any(_is_command(each) for each in node.decorator_list):
                    yield inspect.cleandoc(ast.get_docstring(node, clean=False) or ""), ""


def _constant(node: ast.expr, place: str) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        return node.value
    if place == "termxmpp/commands/registry.py":
        return ""  # the docstring of any command
    raise ValueError(f"{place}:{node.lineno}: only a text can be translated, put there in full")


def _is_command(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and (node.func.id == "command")
    )


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    TEMPLATE.write_text(template(), encoding="utf-8")
    for path in sorted(FOLDER.glob("*.po")):
        path.write_text(updated(path.read_text(encoding="utf-8")), encoding="utf-8")
        missing = [e for e in parse(path.read_text(encoding="utf-8")) if not all(e.translations)]
        print(f"{path.name}: {len(missing)} texts are not translated")
    compiled_into(FOLDER, FOLDER)


if __name__ == "__main__":
    main()
