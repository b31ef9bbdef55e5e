"""A file that changes is told of, however it is changed, and nothing else is."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.mainloop.watch import FileWatch
from tests.support.leaks import nothing_left

PATIENCE = 20.0


def newer(path: Path) -> None:
    path.write_text("newer")


def told_after(path: Path, change: Callable[[], object]) -> None:
    """`change` is told of, once, and then the next change too."""

    async def main(mainloop: EpollMainLoop) -> None:
        async with nothing_left():
            told: asyncio.Queue[str] = asyncio.Queue()
            watch = FileWatch(path, lambda: told.put_nowait(path.read_text()))
            watch.open()
            change()
            async with asyncio.timeout(PATIENCE):
                assert await told.get() == "new"
            newer(path)
            async with asyncio.timeout(PATIENCE):
                assert await told.get() == "newer"
            assert told.empty()
            watch.close()

    run(main)


def written(path: Path) -> None:
    path.write_text("new")


def written_in_pieces(path: Path) -> None:
    with path.open("w") as file:
        for piece in ("n", "e", "w"):
            file.write(piece)
            file.flush()


def renamed(path: Path) -> None:
    """As most editors save."""
    path.with_name("other").write_text("new")
    path.with_name("other").replace(path)


def kept_and_written(path: Path) -> None:
    """As vim saves where it keeps the old one."""
    if path.exists():
        path.replace(path.with_name("config.toml~"))
    path.write_text("new")


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize("save", [written, written_in_pieces, renamed, kept_and_written])
def test_a_file_that_is_saved(tmp_path: Path, save: Callable[[Path], None], is_there: bool) -> None:
    path = tmp_path / "config.toml"
    if is_there:
        path.write_text("old")
    told_after(path, lambda: save(path))


def test_a_file_in_folders_that_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "config.toml"

    def make() -> None:
        path.parent.mkdir(parents=True)
        path.write_text("new")

    told_after(path, make)


def test_a_link_and_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    real, other = tmp_path / "dotfiles" / "real", tmp_path / "dotfiles" / "other"
    real.write_text("old")
    other.write_text("new")
    path = tmp_path / "config.toml"
    path.symlink_to("dotfiles/real")
    told_after(path, lambda: real.write_text("new"))

    def turn() -> None:
        path.with_name("made").symlink_to("dotfiles/other")
        path.with_name("made").replace(path)

    told_after(path, turn)


def test_a_link_to_itself_is_only_watched(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.symlink_to(path)
    told_after(path, lambda: renamed(path))


def test_neighbours_are_not_told_of(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("old")

    async def main(mainloop: EpollMainLoop) -> None:
        told: list[str] = []
        watch = FileWatch(path, lambda: told.append("config"))
        beside = asyncio.Event()
        other = FileWatch(path.with_name("beside"), beside.set)
        watch.open()
        other.open()
        path.with_name("beside").write_text("x")
        async with asyncio.timeout(PATIENCE):
            await beside.wait()
        assert told == []
        watch.close()
        other.close()

    run(main)


def test_a_file_that_is_gone_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("old")

    async def main(mainloop: EpollMainLoop) -> None:
        gone = asyncio.Event()
        watch = FileWatch(path, gone.set)
        watch.open()
        os.unlink(path)
        async with asyncio.timeout(PATIENCE):
            await gone.wait()
        watch.close()

    run(main)
