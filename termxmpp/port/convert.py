"""From the published archive to Python 3 modules: fissix, then our mends, then a note.

A mend that does not match exactly stops the conversion with its name: what we don't know we
don't change.
"""

from __future__ import annotations

import io
import tarfile
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["ConversionError", "Mend", "convert", "read_archive"]

# When the changes were made, for the note that LGPL 2.1 §2b asks for in each changed file.
CHANGED_ON = "2026-11-24"

PREFIX = "pyxmpp2-2.0.1/"


class ConversionError(Exception):
    """A mend does not fit the source; the text names it."""


@dataclass(frozen=True)
class Mend:
    """One change to `file`: `old`, which occurs `count` times after fissix, becomes `new`.

    `reason` says which fault it answers. With `old` empty, `new` replaces the whole file, and
    `file` must be there.
    """

    name: str
    file: str
    reason: str
    old: str
    new: str
    count: int = 1

    def apply(self, text: str) -> str:
        """`text` mended; ConversionError if it isn't what the mend was written for."""
        if not self.old:
            return self.new
        found = text.count(self.old)
        if found != self.count:
            raise ConversionError(
                f"mend {self.name!r}: {self.file} holds its text {found} times, not {self.count}"
            )
        return text.replace(self.old, self.new)


def read_archive(content: bytes) -> dict[str, bytes]:
    """The regular files of the published archive, by their paths in it."""
    files = {}
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        # Read into memory, member by member: nothing of it is ever extracted to a path of
        # its own choosing, which Python 3.11.2 could not do safely.
        for member in archive.getmembers():
            if member.isfile() and member.name.startswith(PREFIX):
                file = archive.extractfile(member)
                assert file is not None
                files[member.name.removeprefix(PREFIX)] = file.read()
    return files


def convert(
    files: Mapping[str, bytes], mends: Iterable[Mend], *, tests: bool = False
) -> dict[str, str]:
    """The modules of `files` as Python 3, mended; with `tests` also pyxmpp2's own tests."""
    by_file: dict[str, list[Mend]] = {}
    for mend in mends:
        by_file.setdefault(mend.file, []).append(mend)
    converted = {}
    for path in sorted(files):
        if path.startswith("pyxmpp2/") and path.endswith(".py") and _is_wanted(path, tests):
            text = _to_python3(files[path].decode("utf-8"), path)
            applied = by_file.pop(path, [])
            for mend in applied:
                text = mend.apply(text)
            converted[path] = _noted(text, applied)
    for path, unused in by_file.items():
        if _is_wanted(path, tests):
            raise ConversionError(f"mend {unused[0].name!r}: there is no {path}")
    return converted


def _is_wanted(path: str, tests: bool) -> bool:
    return tests or not path.startswith("pyxmpp2/test/")


def _to_python3(text: str, path: str) -> str:
    return str(_refactoring().refactor_string(text if text.endswith("\n") else text + "\n", path))


@cache
def _refactoring() -> Any:
    with warnings.catch_warnings():
        # fissix is a copy of lib2to3 and says so.
        warnings.simplefilter("ignore")
        from fissix.refactor import RefactoringTool, get_fixers_from_package

        return RefactoringTool(get_fixers_from_package("fissix.fixes"))


def _noted(text: str, mends: list[Mend]) -> str:
    names = ", ".join(mend.name for mend in mends)
    changes = "converted to Python 3" + (f"; mends: {names}" if names else "")
    note = f"# Changed for termxmpp on {CHANGED_ON}: {changes}.\n"
    head, body = _split_head(text)
    return head + note + body


def _split_head(text: str) -> tuple[str, str]:
    """The first lines that must stay first (shebang and coding), and the rest."""
    lines = text.splitlines(keepends=True)
    head = [line for line in lines[:2] if line.startswith("#!") or "coding:" in line]
    return "".join(head), "".join(lines[len(head) :])


def write_tree(modules: Mapping[str, str], folder: Path) -> None:
    """Write `modules` below `folder`."""
    for path, text in modules.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
