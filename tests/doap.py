"""Writes what termxmpp keeps to, as it is declared in the code: `python -m tests.doap`.

That is `termxmpp/doap.xml` (XEP-0453), for catalogues of XMPP software, and the README's table.
"""

from __future__ import annotations

import importlib
import pkgutil
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import termxmpp
from termxmpp.feature import Feature
from termxmpp.standard import Standard

__all__ = ["DOAP", "declarations", "doap", "markdown", "merged"]

ROOT = Path(__file__).parents[1]
DOAP = ROOT / "termxmpp" / "doap.xml"
README = ROOT / "README.md"

# What is run, not imported, what no installation has, and what reads the same stanzas otherwise.
_LEFT_OUT = (
    *("termxmpp.__main__", "termxmpp.demo", "termxmpp.port"),
    *("termxmpp.script", "termxmpp.xmpp.errands"),
)

_HEAD = """\
<?xml version='1.0' encoding='UTF-8'?>
<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'
         xmlns='http://usefulinc.com/ns/doap#'
         xmlns:xmpp='https://linkmauve.fr/ns/xmpp-doap#'>
  <Project xml:lang='en'>
    <name>termxmpp</name>
    <shortdesc>{words}</shortdesc>
    <license rdf:resource='https://spdx.org/licenses/GPL-3.0-or-later.html'/>
    <language>en</language>
    <language>zh-CN</language>
    <programming-language>Python</programming-language>
    <os>Linux</os>
    <category rdf:resource='https://linkmauve.fr/ns/xmpp-doap#category-client'/>
"""
_TAIL = """\
  </Project>
</rdf:RDF>
"""


def declarations() -> Iterator[Feature | Standard]:
    """All that stand in the modules, each once."""
    seen = set()
    for found in pkgutil.walk_packages(termxmpp.__path__, "termxmpp."):
        if found.name.startswith(_LEFT_OUT):
            continue
        for each in vars(importlib.import_module(found.name)).values():
            if isinstance(each, (Feature, Standard)) and id(each) not in seen:
                seen.add(id(each))
                yield each


def merged(declared: Iterable[Feature | Standard]) -> list[Standard]:
    """Each standard once, by its number, sections within their whole; RFCs come first."""
    parts: dict[str, list[Standard]] = defaultdict(list)
    for each in declared:
        standard = each.standard if isinstance(each, Feature) else each
        parts[standard.whole].append(standard)
    return [_whole(name, parts[name]) for name in sorted(parts)]


def _whole(name: str, parts: list[Standard]) -> Standard:
    # The same may be kept in several ways, and be one of them at a time.
    [whole] = {each for each in parts if each.name == name}
    sections = sorted((each for each in parts if each.name != name), key=lambda each: each.name)
    notes = dict.fromkeys(each.note for each in (whole, *sections) if each.note)
    is_partial = any(each.is_partial for each in parts)
    return Standard(name, whole.title, whole.version, "; ".join(notes), is_partial)


def doap(standards: Iterable[Standard]) -> str:
    """The description of the project in RDF/XML."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [_HEAD.format(words=escape(project["description"]))]
    for each in standards:
        number = each.name.partition(" ")[2]
        if number:
            where = f"https://xmpp.org/rfcs/rfc{number}.html"
            lines.append(f"    <implements rdf:resource='{where}'/>\n")
            continue
        where = f"https://xmpp.org/extensions/{each.name.lower()}.html"
        lines += [
            "    <implements>\n      <xmpp:SupportedXep>\n",
            f"        <xmpp:xep rdf:resource='{where}'/>\n",
            f"        <xmpp:status>{'partial' if each.is_partial else 'complete'}</xmpp:status>\n",
            f"        <xmpp:version>{escape(each.version)}</xmpp:version>\n",
        ]
        if each.note:
            lines.append(f"        <xmpp:note xml:lang='en'>{escape(each.note)}</xmpp:note>\n")
        lines.append("      </xmpp:SupportedXep>\n    </implements>\n")
    return "".join([*lines, _TAIL])


def markdown(standards: Iterable[Standard]) -> str:
    """The same as the README's table."""
    rows = [
        f"| {each.name} | {each.version} | {each.title} | {_how_far(each)} |\n"
        for each in standards
    ]
    return "".join(["| what | version | title | how far |\n", "|---|---|---|---|\n", *rows])


def _how_far(standard: Standard) -> str:
    kept = "partial" if standard.is_partial else ""
    return ": ".join(filter(None, (kept, standard.note)))


def main() -> None:
    standards = merged(declarations())
    for each in standards:
        if each.name.startswith("XEP") and not each.version:
            print(f"{each.name} says no version: that of the XEP's header, as it was read")
    DOAP.write_text(doap(standards), encoding="utf-8")
    readme = README.read_text(encoding="utf-8")
    begin, end = "<!-- features -->\n", "<!-- /features -->"
    before, after = readme.partition(begin)[0], readme.partition(end)[2]
    README.write_text(before + begin + markdown(standards) + end + after, encoding="utf-8")


if __name__ == "__main__":
    main()
