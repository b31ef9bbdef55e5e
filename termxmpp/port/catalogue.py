"""Catalogues of translations: read and written as gettext's .po, compiled to its .mo.

A few lines of our own, so that the build needs nothing more; only what our files hold is read.
"""

from __future__ import annotations

import ast
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Entry", "compiled", "compiled_into", "parse", "rendered"]


@dataclass(frozen=True)
class Entry:
    """One text, its `plural` where it counts something, its translations and where it stands."""

    text: str
    plural: str = ""
    translations: tuple[str, ...] = ("",)
    places: tuple[str, ...] = ()
    is_fuzzy: bool = False


def parse(source: str) -> list[Entry]:
    """The entries of a .po file, the header (an empty text) among them."""
    return [
        _entry(block.splitlines())
        for block in source.split("\n\n")
        if any(line.startswith("msgid ") for line in block.splitlines())
    ]


def rendered(entries: Iterable[Entry]) -> str:
    """The .po file of `entries`, in their order."""
    return "\n".join("".join(_lines(each)) for each in entries)


def compiled(entries: Iterable[Entry]) -> bytes:
    """The .mo file of `entries`: of those that are translated."""
    texts = {}
    for each in entries:
        if all(each.translations) and not each.is_fuzzy:
            key = f"{each.text}\0{each.plural}" if each.plural else each.text
            texts[key.encode()] = "\0".join(each.translations).encode()
    keys = sorted(texts)
    begin = 28 + 16 * len(keys)
    places, data = [], b""
    for part in (*keys, *(texts[key] for key in keys)):
        places += [len(part), begin + len(data)]
        data += part + b"\0"
    header = (0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, begin)
    return struct.pack(f"<{7 + len(places)}I", *header, *places) + data


def compiled_into(sources: Path, target: Path) -> list[Path]:
    """Compile each LANGUAGE.po of `sources` to where gettext looks for it below `target`."""
    made = []
    for source in sorted(sources.glob("*.po")):
        path = target / source.stem / "LC_MESSAGES" / "termxmpp.mo"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(compiled(parse(source.read_text(encoding="utf-8"))))
        made.append(path)
    return made


def _entry(lines: list[str]) -> Entry:
    fields: dict[str, str] = {}
    places: list[str] = []
    name = ""
    for line in lines:
        if line.startswith("#:"):
            places += line[2:].split()
        elif not line.startswith("#") and line:
            if not line.startswith('"'):
                name, _, line = line.partition(" ")
                fields[name] = ""
            fields[name] += ast.literal_eval(line)
    return Entry(
        fields["msgid"],
        fields.get("msgid_plural", ""),
        tuple(text for name, text in fields.items() if name.startswith("msgstr")),
        tuple(places),
        any(line.startswith("#,") and "fuzzy" in line for line in lines),
    )


def _lines(entry: Entry) -> Iterable[str]:
    yield from (f"#: {place}\n" for place in entry.places)
    if entry.is_fuzzy:
        yield "#, fuzzy\n"
    yield f"msgid {_quoted(entry.text)}\n"
    if entry.plural:
        yield f"msgid_plural {_quoted(entry.plural)}\n"
        for number, text in enumerate(entry.translations):
            yield f"msgstr[{number}] {_quoted(text)}\n"
    else:
        yield f"msgstr {_quoted(entry.translations[0])}\n"


def _quoted(text: str) -> str:
    def quote(part: str) -> str:
        part = part.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + part.replace("\n", "\\n").replace("\t", "\\t") + '"'

    parts = text.splitlines(keepends=True)
    return quote(text) if len(parts) < 2 else "\n".join(['""', *map(quote, parts)])
