"""Pictures in the conversation: of whom they are fetched, and that nobody else's are."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from termxmpp.core import events
from termxmpp.transfers.carrier import Saving
from tests.support.acts import message, only, retraction, shown
from tests.support.drawn import Drawn
from tests.support.harness import BOB
from tests.support.uploader import Uploader


@pytest.fixture
def viewer(tmp_path: Path) -> Iterator[Uploader]:
    """alice, who wants to see pictures; there is one on the web."""
    made = Uploader(tmp_path)
    made.alice.client.carrier.saving = Saving(str(tmp_path), 1_000_000, True, True)
    data = io.BytesIO()
    Image.new("RGB", (80, 40), (255, 0, 0)).save(data, "PNG")
    made.web.files["/red.png"] = data.getvalue()
    yield made
    made.close()


def picture(viewer: Uploader, *, path: str = "/red.png", sender: str = "", more: str = "") -> str:
    url = viewer.web.url(path)
    oob = f"<body>{url}</body><x xmlns='jabber:x:oob'><url>{url}</url></x>{more}"
    return message(oob, path.strip("/"), sender=sender or f"{BOB}/desk")


def receive(viewer: Uploader, stanza: str) -> None:
    """Let `stanza` come in, and what is fetched then come too."""

    async def call() -> None:
        seen = asyncio.Event()
        viewer.alice.client.observers.append(
            lambda client, event: seen.set() if isinstance(event, events.PicturesShown) else None
        )
        viewer.alice.server.receives(stanza)
        async with asyncio.timeout(20):
            await seen.wait()

    viewer.alice.run(call)


def receive_in_vain(viewer: Uploader, stanza: str) -> None:
    viewer.alice.receives(stanza)
    viewer.alice.run(lambda: asyncio.sleep(0.2))
    assert viewer.web.requests == []
    assert not viewer.alice.events_of(events.PicturesShown)


def test_what_a_contact_shares_is_shown(viewer: Uploader) -> None:
    receive(viewer, picture(viewer))
    (seen,) = only(viewer.alice).pictures
    assert (seen.width, seen.height, seen.colour(0, 0)) == (40, 20, "#ff0000")
    with closing(Drawn(viewer.alice, 100, 30)) as drawn:
        drawn.shows("red.png, picture")
        drawn.shows("▀" * 40)
        row = drawn.row_of("▀" * 40)
        column = drawn.text.split("\n")[row].index("▀")
        assert (drawn.cell(column, row).fg, drawn.cell(column, row).bg) == ("ff0000", "ff0000")
        drawn.resizes(40, 30)
        drawn.hides("▀" * 30)
        drawn.shows("▀" * 20)


def test_where_it_could_not_be_told_what_it_is_the_line_is_all(viewer: Uploader) -> None:
    """In few colours; the harness has none."""
    receive(viewer, picture(viewer))
    viewer.alice.looks_at(BOB)
    assert not any("▀" in line for line in viewer.alice.lines())


def test_it_stays_when_something_is_done_to_the_message_and_goes_when_it_is_retracted(
    viewer: Uploader,
) -> None:
    receive(viewer, picture(viewer))
    viewer.alice.types("/react +1")
    assert len(only(viewer.alice).pictures) == 1
    viewer.alice.receives(retraction("red.png", "r"))
    assert [each.pictures for each in shown(viewer.alice)] == [()]


def test_of_strangers_nothing_is_fetched(viewer: Uploader) -> None:
    receive_in_vain(viewer, picture(viewer, sender="mallory@example.net/x"))


def test_without_the_setting_nothing_is_fetched(viewer: Uploader, tmp_path: Path) -> None:
    viewer.alice.client.carrier.saving = Saving(str(tmp_path), 1_000_000, True)
    receive_in_vain(viewer, picture(viewer))


def test_neither_is_what_is_hidden_or_no_picture_or_not_encrypted(viewer: Uploader) -> None:
    receive_in_vain(viewer, picture(viewer, more="<spoiler xmlns='urn:xmpp:spoiler:0'/>"))
    receive_in_vain(viewer, picture(viewer, path="/red.pdf"))
    clear = "<x xmlns='jabber:x:oob'><url>http://localhost/red.png</url></x>"
    receive_in_vain(viewer, message(clear, "c"))
    url = viewer.web.url("/red.png")
    besides = f"<body>look</body><x xmlns='jabber:x:oob'><url>{url}</url></x>"
    receive_in_vain(viewer, message(besides, "d"))


def test_what_is_no_picture_remains_a_line(viewer: Uploader) -> None:
    viewer.web.files["/red.png"] = b"no picture"
    viewer.alice.receives(picture(viewer))
    viewer.alice.run(lambda: asyncio.sleep(1.0))
    assert only(viewer.alice).pictures == ()
    assert len(viewer.web.requests) == 1
    assert viewer.alice.told() == []


def test_of_a_flood_a_few_are_fetched_one_at_a_time(viewer: Uploader) -> None:
    viewer.web.is_open.clear()
    for number in range(50):
        viewer.web.files[f"/{number}.png"] = b"no picture"
        viewer.alice.receives(picture(viewer, path=f"/{number}.png"))
    viewer.web.is_open.set()
    viewer.alice.run(lambda: asyncio.sleep(3.0))
    assert 1 <= len(viewer.web.requests) <= 8
