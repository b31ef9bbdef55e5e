"""The wheel and the source distribution as pip makes them, without asking any index."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from termxmpp.completing import BASH, FISH, MANUAL, ZSH

ROOT = Path(__file__).parents[2]

OFFLINE = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null", "SOURCE_DATE_EPOCH": "1700000000"}


def build(target: str, source: Path, into: Path, **environment: str) -> Path:
    """What hatchling makes of `source`; `target` is `wheel` or `sdist`."""
    into.mkdir()
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(into)],
        cwd=source,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000", **environment},
        check=True,
        capture_output=True,
    )
    return next(into.iterdir())


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our source distribution, unpacked."""
    folder = tmp_path_factory.mktemp("sdist")
    packed = build("sdist", ROOT, folder / "packed")
    with tarfile.open(packed) as archive:
        archive.extractall(folder / "unpacked")
    return next((folder / "unpacked").iterdir())


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built offline and with nothing in any cache from the source distribution."""
    folder = tmp_path_factory.mktemp("wheel")
    return build("wheel", source, folder / "first", **OFFLINE, XDG_CACHE_HOME=str(folder / "none"))


def test_the_source_distribution_brings_what_a_wheel_needs(source: Path, wheel: Path) -> None:
    assert (source / "termxmpp" / "port" / "pyxmpp2-2.0.1.tar.gz").is_file()
    assert wheel.name.endswith("-py3-none-any.whl")


def test_two_builds_give_the_same_wheel(source: Path, wheel: Path, tmp_path: Path) -> None:
    again = build("wheel", source, tmp_path / "again", **OFFLINE)
    assert again.read_bytes() == wheel.read_bytes()


def test_the_wheel_holds_both_packages_and_both_licences_and_no_tools(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"termxmpp/cli.py", "pyxmpp2/client.py", "pyxmpp2/COPYING"} <= names
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert "termxmpp/doap.xml" in names
    assert not [name for name in names if name.startswith("termxmpp/port/")]
    assert not [name for name in names if name.startswith("pyxmpp2/test")]


def test_the_metadata_names_both_licences(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        name = next(each for each in archive.namelist() if each.endswith("METADATA"))
        metadata = archive.read(name).decode()
    assert "License-Expression: GPL-3.0-or-later AND LGPL-2.1-only" in metadata


def test_every_changed_file_says_so(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        modules = [name for name in archive.namelist() if name.startswith("pyxmpp2/")]
        modules = [name for name in modules if name.endswith(".py")]
        for name in modules:
            assert b"# Changed for termxmpp on 20" in archive.read(name)[:400], name


def test_pyxmpp2_imports_without_a_warning(wheel: Path) -> None:
    subprocess.run([sys.executable, "-I", "-W", "error", "-c", "import pyxmpp2.client"], check=True)


def test_the_wheel_puts_the_manual_and_the_completions_where_shells_look(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = [each.partition(".data/data/")[2] for each in archive.namelist()]
    assert {MANUAL, BASH, ZSH, FISH} <= set(names)
