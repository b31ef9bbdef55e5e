"""A pyxmpp2 that is not ours is noticed before it is imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from termxmpp.bundled import foreign_pyxmpp2


def test_ours_is_no_stranger() -> None:
    assert foreign_pyxmpp2() is None


def test_another_one_in_the_way_is_one_line_and_78(tmp_path: Path) -> None:
    package = tmp_path / "pyxmpp2"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('it was imported')")
    ran = subprocess.run(
        [sys.executable, "-m", "termxmpp", "me@a.example", "--send", "you@b.example", "hello"],
        env=dict(os.environ, PYTHONPATH=str(tmp_path), TERMXMPP_PASSWORD="x"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 78
    assert ran.stderr.count("\n") == 1
    assert f"another pyxmpp2 is in the way ({package})" in ran.stderr
