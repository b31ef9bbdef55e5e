"""Runs pyxmpp2's own tests from the folder given, and prints each one's outcome as JSON.

A program of its own, since it runs under every Python there is, with the standard library and
the port only.
"""

from __future__ import annotations

import json
import sys
import unittest
from pathlib import Path


class Outcomes(unittest.TestResult):
    """Keeps `passed`, `skipped` or what went wrong for each test."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def addSuccess(self, test: unittest.TestCase) -> None:
        self.found[test.id()] = "passed"

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        self.found[test.id()] = "skipped"

    def addError(self, test: unittest.TestCase, err: object) -> None:
        self.found[test.id()] = f"failed: {err[1]!r}"  # type: ignore[index]

    addFailure = addError


def main(folder: Path) -> None:
    sys.path.insert(0, str(folder))
    outcomes = Outcomes()
    for path in sorted((folder / "pyxmpp2" / "test").glob("[a-z]*.py")):
        name = f"pyxmpp2.test.{path.stem}"
        unittest.defaultTestLoader.loadTestsFromName(name).run(outcomes)
    print(json.dumps(outcomes.found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
