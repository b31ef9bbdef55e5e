"""A room of a real server that lets in people only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from termxmpp.core.jid import Jid
from termxmpp.filling import Question
from termxmpp.mainloop import EpollMainLoop, run
from tests.integration.test_forms import User, user
from tests.support.ejabberd import PrivateEjabberd
from tests.support.forms import fills_in
from tests.support.scene import until
from tests.support.servers import USERS, running

CLUB = Jid.parse("club@conference.localhost")

# Draws the same whatever it is to draw, but notes what that was.
DRAW = '#!/bin/sh\nprintf "%s" "$1" > "{note}"\ncat "{picture}"\n'


@pytest.fixture
def note(tmp_path: Path) -> Path:
    return tmp_path / "note"


@pytest.fixture
def server(tmp_path: Path, note: Path) -> Iterator[PrivateEjabberd]:
    # ejabberd may run as another user.
    program, picture = tmp_path / "draw.sh", tmp_path / "letters.png"
    Image.new("RGB", (140, 60), "red").save(picture)
    program.write_text(DRAW.format(note=note, picture=picture))
    program.chmod(0o755)
    with running(
        PrivateEjabberd(
            USERS,
            has_rooms=True,
            extra=f'captcha_cmd: "{program}"\ncaptcha_url: "http://127.0.0.1:1/captcha"\n',
        )
    ) as made:
        yield made


def is_in(someone: User) -> bool:
    room = someone.client.state.rooms.get(CLUB)
    return room is not None and room.is_in


def test_who_reads_what_it_shows_is_let_in(server: PrivateEjabberd, note: Path) -> None:
    async def scenario(mainloop: EpollMainLoop) -> None:
        async with (
            user(mainloop, server, "alice") as alice,
            user(mainloop, server, "bob") as bob,
        ):
            await alice.types(f"/join {CLUB}", until="/configure sets it up")
            values = {"muc#roomconfig_captcha_protected": ["1"], "captcha_protected": ["1"]}
            fills_in(alice.workspace, "submit", values=values)
            await alice.types("/configure", until="is set up")

            def reads(question: Question) -> dict[str, list[str]]:
                return {"ocr": [note.read_text()]}

            asked = fills_in(bob.workspace, "submit", values=reads)
            bob.workspace.submit(f"/join {CLUB}")
            await until(lambda: is_in(bob))
            assert len(asked) == 1
            [field] = (each for each in asked[0].form.fields if each.media)
            [picture] = field.pictures
            assert picture.colour(0, 0) == "#ff0000"

    run(scenario)
