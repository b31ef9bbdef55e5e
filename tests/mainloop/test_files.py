"""Files that somebody changes: told by the kernel, whichever way they are written."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.mainloop.files import FileWatch

PATIENCE = 10.0


def write(path: Path) -> None:
    path.write_text("new")


def replace(path: Path) -> None:
    """As editors do it."""
    other = path.with_suffix(".swp")
    other.write_text("new")
    os.replace(other, path)


def remove(path: Path) -> None:
    path.unlink()


def seen(path: Path, change: Callable[[Path], None]) -> bool:
    """Whether a watch of `path` tells of `change`, or is silent until another file is written."""

    async def main(mainloop: EpollMainLoop) -> bool:
        told = asyncio.Event()
        ended = asyncio.Event()
        watch, last = FileWatch(told.set), FileWatch(ended.set)
        watch.follow([path])
        last.follow([path.parent / "last"])
        change(path)
        (path.parent / "last").write_text("")
        async with asyncio.timeout(PATIENCE):
            await ended.wait()
        # Both were told by then: the kernel has one queue for each, and both were ready.
        await asyncio.sleep(0)
        watch.close()
        last.close()
        return told.is_set()

    return run(main)


@pytest.mark.parametrize("change", [write, replace, remove])
def test_each_way_to_change_a_file_is_told(tmp_path: Path, change: Callable[[Path], None]) -> None:
    path = tmp_path / "theme.toml"
    path.write_text("old")
    assert seen(path, change)


def test_a_file_that_comes_to_be_is_told(tmp_path: Path) -> None:
    assert seen(tmp_path / "theme.toml", write)


def test_its_neighbours_are_not(tmp_path: Path) -> None:
    (tmp_path / "theme.toml").write_text("old")
    assert not seen(tmp_path / "theme.toml", lambda path: write(path.with_name("other.toml")))


def test_a_folder_that_is_not_there_breaks_nothing(tmp_path: Path) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        watch = FileWatch(lambda: None)
        watch.follow([tmp_path / "nowhere" / "theme.toml"])
        watch.close()
        watch.close()

    run(main)
