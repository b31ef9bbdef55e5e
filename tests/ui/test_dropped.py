"""Files on the screen: those that are dropped on it, on their way, and shared."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from termxmpp.core import events
from termxmpp.ui.dropped import path_in
from tests.support.drawn import Drawn
from tests.support.uploader import Uploader

ALT_S = "\x1bs"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/home/me/a.png", "/home/me/a.png"),
        ("/home/me/a.png \n", "/home/me/a.png"),
        ("~/a b.png", "~/a b.png"),
        ("'/home/me/it'\\''s.png'", "/home/me/it's.png"),
        ('"/home/me/a b.png" ', "/home/me/a b.png"),
        ("/home/me/a\\ b.png", "/home/me/a b.png"),
        ("file:///home/me/a%20b.png", "/home/me/a b.png"),
        ("file://localhost/a", "/a"),
        ("file://nas.example/a", ""),
        ("file://[/a", ""),
        ("'/a' '/b'", ""),
        ("'/a", ""),
        ("/a\n/b", ""),
        ("/a\x1b[2J", ""),
        ("a.png", ""),
        ("/", ""),
        ("", ""),
        ("/" + "x" * 5000, ""),
    ],
)
def test_which_texts_are_a_path(text: str, path: str) -> None:
    assert path_in(text) == path


@pytest.fixture
def uploader(tmp_path: Path) -> Iterator[Uploader]:
    made = Uploader(tmp_path)
    yield made
    made.close()


def test_a_path_that_is_pasted_can_be_sent_by_a_key(uploader: Uploader) -> None:
    with closing(Drawn(uploader.alice, 80, 24)) as drawn:
        drawn.types(f"\x1b[200~'{uploader.file}'\x1b[201~")
        drawn.shows("summit.jpg, 7.0 kB: alt-s sends the file")
        drawn.types("x")
        drawn.hides("alt-s sends")
        drawn.types("\x7f")
        drawn.shows("alt-s sends")
        assert uploader.asked == []
        drawn.types(ALT_S)
        drawn.shows("summit.jpg, picture, 7.0 kB")
        drawn.hides("alt-s sends")


def test_what_is_no_file_is_offered_as_none(uploader: Uploader) -> None:
    with closing(Drawn(uploader.alice, 80, 24)) as drawn:
        drawn.types(f"\x1b[200~{uploader.file.parent}\x1b[201~")
        uploader.alice.run(lambda: asyncio.sleep(0.3))
        drawn.hides("alt-s sends")
        drawn.types("\x15hello" + ALT_S)
        drawn.shows("There is no path of a file in the input")
        drawn.shows("> hello")


def test_how_far_a_file_has_come_stands_below_the_conversation(uploader: Uploader) -> None:
    uploader.web.is_open.clear()
    uploader.file.write_bytes(bytes(900_000))
    with closing(Drawn(uploader.alice, 80, 24)) as drawn:
        uploader.sends(f"/send {uploader.file}", events.TransferMoved)
        drawn.shows("… sending summit.jpg: 0 %   /stop ends it")
        drawn.resizes(40, 12)
        drawn.shows("… sending summit.jpg: 0 %")
        drawn.types("/stop\r")
        drawn.shows("Stopped: summit.jpg.")
        drawn.hides("sending")
