"""Opening links: by which program, with what, and what is told where it fails."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from termxmpp.errors import UserError
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.opener import open_link

LINK = "https://example.org/a b;$(touch x)'\"&"


def opened(link: str, opener: str) -> None:
    async def work(mainloop: EpollMainLoop) -> None:
        await open_link(link, opener)

    run(work)


def program(folder: Path, name: str, script: str) -> Path:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


def test_the_program_gets_the_link_as_it_is_and_no_shell_reads_it(tmp_path: Path) -> None:
    file = program(tmp_path, "opener", f'printf "%s\\n" "$@" > {tmp_path}/got')
    opened(LINK, f"{file} --new-tab")
    assert (tmp_path / "got").read_text() == f"--new-tab\n{LINK}\n"


def test_without_a_setting_it_is_xdg_open(tmp_path: Path) -> None:
    program(tmp_path, "xdg-open", f'echo "$1" > {tmp_path}/got')
    script = (
        "from termxmpp.mainloop import run; from termxmpp.opener import open_link; "
        "run(lambda mainloop: open_link('mailto:a@b.c'))"
    )
    environment = {**os.environ, "PATH": f"{tmp_path}:/bin:/usr/bin"}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)
    assert (tmp_path / "got").read_text() == "mailto:a@b.c\n"


@pytest.mark.parametrize(
    ("link", "opener", "words"),
    [
        ("https://a.b", "/nowhere/to/be/found", "There is no program /nowhere/to/be/found"),
        ("https://a.b", "false", "false could not open https://a.b (status 1)"),
        ("https://a.b", "an 'unclosed quote", "opener of ui: No closing quotation"),
        ("file:///etc/passwd", "true", "is no link that can be opened"),
        ("--help", "true", "is no link that can be opened"),
    ],
)
def test_what_can_not_be_opened_is_told(link: str, opener: str, words: str) -> None:
    with pytest.raises(UserError) as raised:
        opened(link, opener)
    assert words in str(raised.value)


def test_a_program_that_stays_goes_on_without_us(tmp_path: Path) -> None:
    """A browser that is not open yet is this child itself."""
    began, asked, answered = (tmp_path / name for name in ("began", "asked", "answered"))
    for fifo in (began, asked, answered):
        os.mkfifo(fifo)
    script = f"echo here > {began}; read line < {asked}; echo $line > {answered}"
    file = program(tmp_path, "browser", script)

    async def leave(mainloop: EpollMainLoop) -> None:
        loop, has_begun = asyncio.get_running_loop(), asyncio.Event()
        fd = os.open(began, os.O_RDWR | os.O_NONBLOCK)
        loop.add_reader(fd, has_begun.set)
        task = asyncio.ensure_future(open_link("https://a.b", str(file)))
        await has_begun.wait()
        loop.remove_reader(fd)
        os.close(fd)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run(leave)
    asked.write_text("still here\n")
    assert answered.read_text() == "still here\n"
