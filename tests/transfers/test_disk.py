"""Files on the disk: read as they are, kept whole or not at all, never over another one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from termxmpp.errors import InputError, UserError
from termxmpp.mainloop.selector import run
from termxmpp.transfers.disk import CHUNK, keeping, reading
from tests.support.leaks import nothing_left

LARGE = os.urandom(3 * CHUNK + 7)


def on_our_loop(work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` where termxmpp runs, without threads; nothing may be left."""

    async def main(mainloop: object) -> None:
        async with nothing_left():
            await work()

    run(main)


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("photo.jpg", LARGE, "image/jpeg"),
        ("nothing.txt", b"", "text/plain"),
        ("no ending", b"x", ""),
        ("-n --help.png", b"x", "image/png"),
        ("packed.tar.gz", b"x", ""),
    ],
)
def test_a_file_is_read_as_it_is(
    tmp_path: Path, name: str, content: bytes, media_type: str
) -> None:
    (tmp_path / name).write_bytes(content)

    async def work() -> None:
        async with reading(str(tmp_path / name)) as file:
            assert (file.name, file.size, file.media_type) == (name, len(content), media_type)
            assert b"".join([chunk async for chunk in file.chunks()]) == content

    on_our_loop(work)


def test_what_is_no_file_or_can_not_be_read_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()

    async def work() -> None:
        for name, words in (
            ("nowhere", "can't be read: No such file or directory"),
            ("folder", "is a folder: pack it"),
            ("fifo", "is no file that can be sent"),
            ("nul\0byte", "can't be looked at"),
            ("x" * 300, "can't be read: File name too long"),
        ):
            with pytest.raises(UserError, match=words):
                async with reading(str(tmp_path / name)):
                    pass

    on_our_loop(work)


@pytest.mark.parametrize("content", [b"", LARGE[:-1], LARGE + b"more"])
def test_a_file_that_changes_while_it_is_read_is_not_sent(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log"
    path.write_bytes(LARGE)

    async def work() -> None:
        async with reading(str(path)) as file:
            path.write_bytes(content)
            with pytest.raises(InputError, match="log has changed"):
                async for _chunk in file.chunks():
                    pass

    on_our_loop(work)


def test_a_reader_that_is_left_alone_ends(tmp_path: Path) -> None:
    """Its file is larger than what pipes and we hold, and nobody takes the rest."""
    path = tmp_path / "large"
    path.write_bytes(LARGE * 20)

    async def work() -> None:
        async with reading(str(path)) as file:
            async for _chunk in file.chunks():
                # So long that all is full.
                await asyncio.sleep(0.2)
                break

    on_our_loop(work)


async def kept(path: Path | str, name: str, content: bytes, *, is_folder: bool = False) -> Path:
    async with keeping(str(path), name, is_folder=is_folder) as keeper:
        for start in range(0, len(content), CHUNK):
            await keeper.write(content[start : start + CHUNK])
        return await keeper.finish()


def test_it_is_kept_whole_for_the_user_alone(tmp_path: Path) -> None:
    async def work() -> None:
        path = await kept(tmp_path / "new" / "folder", "photo.jpg", LARGE, is_folder=True)
        assert path == tmp_path / "new" / "folder" / "photo.jpg"
        assert path.read_bytes() == LARGE
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert os.listdir(path.parent) == ["photo.jpg"]

    on_our_loop(work)


def test_no_file_that_is_there_is_written_over(tmp_path: Path) -> None:
    """Not even the one to which a link that leads nowhere would lead."""
    (tmp_path / "a.tar.gz").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")

    async def work() -> None:
        assert await kept(tmp_path, "a.tar.gz", b"1") == tmp_path / "a.tar (2).gz"
        assert await kept(f"{tmp_path}/", "a.tar.gz", b"2") == tmp_path / "a.tar (3).gz"
        assert await kept(tmp_path, "link", b"3") == tmp_path / "link (2)"
        for name in ("a.tar.gz", "link"):
            with pytest.raises(UserError, match="File exists"):
                await kept(tmp_path / name, "other", b"new")

    on_our_loop(work)
    assert (tmp_path / "a.tar.gz").read_bytes() == b"old"
    assert not (tmp_path / "elsewhere").exists()


def test_what_appears_meanwhile_is_left_alone(tmp_path: Path) -> None:
    async def work() -> None:
        async with keeping(str(tmp_path / "mine"), "x") as keeper:
            await keeper.write(b"ours")
            (tmp_path / "mine").write_bytes(b"theirs")
            with pytest.raises(UserError, match="File exists"):
                await keeper.finish()

    on_our_loop(work)
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"theirs"]


def test_what_is_not_finished_was_never_there(tmp_path: Path) -> None:
    async def work() -> None:
        async with keeping(str(tmp_path), "photo.jpg") as keeper:
            await keeper.write(b"half")
            assert len(os.listdir(tmp_path)) == 1
        assert os.listdir(tmp_path) == []
        task = asyncio.ensure_future(half())
        await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        assert os.listdir(tmp_path) == []

    async def half() -> None:
        async with keeping(str(tmp_path), "photo.jpg") as keeper:
            await keeper.write(b"half")
            await asyncio.Event().wait()

    on_our_loop(work)


def test_a_place_that_takes_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    async def work() -> None:
        for path, words in (
            (tmp_path / "nowhere" / "x", "No such file or directory"),
            (tmp_path / "file" / "x", "Not a directory"),
            ("/proc/self/", "No such file|Permission|not permitted"),
        ):
            with pytest.raises(UserError, match=words):
                await kept(path, "name", b"x")

    on_our_loop(work)


def test_a_disk_that_takes_no_more_is_told(tmp_path: Path) -> None:
    """As one does that is full: the limit is on the child, and it is met at the end."""

    async def work() -> None:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (CHUNK, hard))
        try:
            # A child has the limits of its parent, and this one is told of them by an error.
            with pytest.raises(UserError, match="File too large"):
                await kept(tmp_path, "x", bytes(40 * CHUNK))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    on_our_loop(work)
    assert os.listdir(tmp_path) == []
