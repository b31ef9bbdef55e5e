"""Files over a real server: uploaded, sent, read by the other side, and saved there."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from termxmpp.client import Client
from termxmpp.core.files import SharedFile
from termxmpp.core.message import Message, Notice
from termxmpp.demo.server import PrivateProsody
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.transfers.carrier import Saving
from termxmpp.workspace import Window, Workspace
from tests.support.account import PATIENCE, LiveServer, Place, online
from tests.support.ejabberd import PrivateEjabberd
from tests.support.scene import ALICE, BOB, Scene, play, until
from tests.support.servers import USERS, each_of, running
from tests.support.stranger import stranger
from tests.support.terminal import Terminal, environment

LIMIT = 2_000_000


@pytest.fixture(scope="module")
def sharing_prosody() -> Iterator[PrivateProsody]:
    """A Prosody that takes files of up to LIMIT bytes."""
    with running(PrivateProsody(USERS, files_limit=LIMIT)) as server:
        yield server


@pytest.fixture(scope="module")
def sharing_ejabberd() -> Iterator[PrivateEjabberd]:
    """An ejabberd that does so."""
    with running(PrivateEjabberd(USERS, has_archive=True, files_limit=LIMIT)) as server:
        yield server


sharing = each_of("sharing_prosody", "sharing_ejabberd")


def test_a_file_comes_over_and_is_saved_as_it_was(sharing: LiveServer, tmp_path: Path) -> None:
    content = os.urandom(LIMIT - 1)
    (tmp_path / "très cool.jpg").write_bytes(content)
    folder = tmp_path / "down"

    async def scenario(scene: Scene) -> None:
        alice, bob = Workspace([scene.alice]), Workspace([scene.bob])
        scene.bob.carrier.saving = Saving(str(folder), LIMIT, is_local_allowed=True)
        alice.show(Window(scene.alice, BOB))
        alice.submit(f"/send {tmp_path}/très cool.jpg")
        await until(lambda: bool(files(scene)))
        (file,) = files(scene)
        assert (file.name, file.media_type, file.size) == ("très cool.jpg", "image/jpeg", LIMIT - 1)
        assert file.url == scene.bob_has()[0]
        bob.show(Window(scene.bob, ALICE))
        bob.submit("/save")
        await until(lambda: any("Saved" in text for text in told(bob)))
        assert (folder / "très cool.jpg").read_bytes() == content

    play(sharing, tmp_path, scenario)


def test_what_is_too_large_for_the_server_is_told(sharing: LiveServer, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(LIMIT + 1))

    async def scenario(scene: Scene) -> None:
        alice = Workspace([scene.alice])
        alice.show(Window(scene.alice, BOB))
        alice.submit(f"/send {tmp_path}/large")
        await until(lambda: bool(alice.problem))
        assert alice.problem.startswith("large has 2.0 MB, and ")
        assert alice.problem.endswith("localhost takes 2.0 MB at most: nothing was sent.")

    play(sharing, tmp_path, scenario)


def test_a_server_without_a_place_for_files_says_so(
    prosody: PrivateProsody, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"x")

    async def scenario(scene: Scene) -> None:
        alice = Workspace([scene.alice])
        alice.show(Window(scene.alice, BOB))
        alice.submit(f"/send {tmp_path}/file")
        await until(lambda: bool(alice.problem))
        assert "localhost has no place for files (XEP-0363)" in alice.problem

    play(prosody, tmp_path, scenario)


def test_in_line_mode_it_is_told_in_words(sharing_prosody: PrivateProsody, tmp_path: Path) -> None:
    """Never by a terminal's tricks; what is saved is read, and answered, line by line."""
    (tmp_path / "photo.jpg").write_bytes(b"picture")
    command = [*program(sharing_prosody), "--plain"]
    with Terminal(command, environment(tmp_path), columns=120) as terminal:
        terminal.wait_for("alice@localhost: online")
        terminal.type(f"/msg bob@localhost\n/send {tmp_path}/photo.jpg\n")
        terminal.wait_for("Sending photo.jpg, 7 B; /stop ends it.")
        terminal.wait_for("you: photo.jpg, picture, 7 B <https://localhost:")
        terminal.type("/set network.local_files true\n/save\n")
        terminal.wait_for("Saving photo.jpg; /stop ends it.")
        terminal.wait_for("checked by its sha-256.")
        assert b"\x1b" not in terminal.output


def test_an_independent_client_shares_and_is_shared_with(
    sharing: LiveServer, tmp_path: Path
) -> None:
    """slixmpp reads what we write of a file, and we read what it writes and check its hash."""
    notes = tmp_path / "notes.txt"
    notes.write_bytes(b"notes")

    async def main(mainloop: EpollMainLoop) -> None:
        place, folder = sharing, tmp_path / "down"
        async with (
            online(mainloop, place, "alice@localhost", "wonder") as alice,
            stranger(place, "bob@localhost", "build") as bob,
        ):
            alices = Workspace([alice])
            alice.carrier.saving = Saving(str(folder), LIMIT, is_local_allowed=True)
            alices.show(Window(alice, BOB))
            alices.submit(f"/send {notes}")
            heard = await bob.hears(name="notes.txt")
            assert heard["size"] in (5, "5")
            place_of_theirs = await bob.does("upload", path=notes)
            assert place_of_theirs != heard["shared"]
            await bob.does("share", ALICE, url=place_of_theirs, path=notes)
            await until(lambda: any(file.description for file in shared(alice)))
            ours, theirs = shared(alice)[-2:]
            assert (theirs.url, theirs.name, theirs.size) == (place_of_theirs, "notes.txt", 5)
            assert theirs.description == "the notes"
            assert dict(theirs.hashes)["sha-256"] == dict(ours.hashes)["sha-256"]
            alices.submit("/save 1")
            await until(lambda: any("checked by its sha-256" in text for text in told(alices)))
            assert (folder / "notes.txt").read_bytes() == b"notes"

    run(main)


def shared(client: Client) -> list[SharedFile]:
    entries = client.state.conversation(BOB).entries
    return [file for each in entries if isinstance(each, Message) for file in each.files]


# By scripts.


def sent(scene: Scene) -> list[tuple[str, tuple[str, ...]]]:
    """What bob has got, also in the tests before: texts, and the names of the files with them."""
    messages = scene.shown(scene.bob, ALICE)
    return [
        ("" if each.files else each.text, tuple(file.name for file in each.files))
        for each in messages
    ]


def test_a_script_sends_files_behind_its_text(
    sharing_prosody: PrivateProsody, tmp_path: Path
) -> None:
    """To each recipient, uploaded once; without a text, standard input is not even read."""
    (tmp_path / "a.txt").write_bytes(b"a" * 1000)
    (tmp_path / "b c.txt").write_bytes(b"b")

    async def scenario(scene: Scene) -> None:
        paths = ["--file", str(tmp_path / "a.txt"), "--file", str(tmp_path / "b c.txt")]
        ran = await script(scene, "--json", "--send", "bob@localhost", *paths, "look")
        assert (ran.status, ran.err) == (0, "")
        wanted = [("look", ()), ("", ("a.txt",)), ("", ("b c.txt",))]
        await until(lambda: sent(scene)[-3:] == wanted)
        assert [json.loads(line)["outcome"] for line in ran.out.splitlines()] == ["sent"] * 3
        both = ["--send", "bob@localhost", "--send", "alice@localhost"]
        ran = await script(scene, "--json", *both, *paths[:2])
        assert ran.status == 0
        told = [json.loads(line) for line in ran.out.splitlines()]
        assert [each["to"] for each in told] == ["bob@localhost", "alice@localhost"]
        assert told[0]["text"] == told[1]["text"]

    play(sharing_prosody, tmp_path, scenario)


def test_a_file_that_can_not_be_read_is_66_and_nothing_is_sent(
    sharing_prosody: PrivateProsody, tmp_path: Path
) -> None:
    async def scenario(scene: Scene) -> None:
        ran = await script(
            scene, "--send", "bob@localhost", "--file", str(tmp_path / "nowhere"), "look there"
        )
        assert ran.status == 66
        assert "nowhere can't be read: No such file or directory." in ran.err
        assert ("look there", ()) not in sent(scene)

    play(sharing_prosody, tmp_path, scenario)


def test_a_file_that_is_too_large_stops_no_other(
    sharing_prosody: PrivateProsody, tmp_path: Path
) -> None:
    (tmp_path / "large").write_bytes(bytes(LIMIT + 1))
    (tmp_path / "small").write_bytes(b"x")

    async def scenario(scene: Scene) -> None:
        paths = ["--file", str(tmp_path / "large"), "--file", str(tmp_path / "small")]
        ran = await script(scene, "--send", "bob@localhost", *paths)
        assert ran.status == 65
        assert "large has 2.0 MB, and files.localhost takes 2.0 MB at most" in ran.err
        assert "unsent: bob@localhost" in ran.err
        await until(lambda: sent(scene)[-1:] == [("", ("small",))])

    play(sharing_prosody, tmp_path, scenario)


def test_on_a_terminal_a_bar_shows_how_far_it_has_come(
    sharing_prosody: PrivateProsody, tmp_path: Path
) -> None:
    (tmp_path / "photo.jpg").write_bytes(os.urandom(LIMIT))
    command = [*program(sharing_prosody), "--send", "bob@localhost"]
    with Terminal(
        [*command, "--file", str(tmp_path / "photo.jpg")], environment(tmp_path)
    ) as terminal:
        assert terminal.wait_for_exit() == 0
        assert b"photo.jpg  [--------------------]   0 %  2.0 MB" in terminal.output
        # And it is taken away.
        assert terminal.text.strip() == ""


@dataclass(frozen=True)
class Ran:
    status: int | None
    out: str
    err: str


def program(place: Place) -> list[str]:
    server = f"{place.host}:{place.port}"
    command = [sys.executable, "-m", "termxmpp", "alice@localhost", "--server", server]
    return [*command, "--ca-file", str(place.ca_file)]


async def script(scene: Scene, *arguments: str) -> Ran:
    """Run termxmpp as alice, as a script would; its standard input never ends."""
    process = await asyncio.create_subprocess_exec(
        *(*program(scene.server), *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "TERMXMPP_PASSWORD": "wonder"},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdin is not None
    async with asyncio.timeout(PATIENCE):
        out, err = await asyncio.gather(process.stdout.read(), process.stderr.read())
        status = await process.wait()
    process.stdin.close()
    return Ran(status, out.decode(), err.decode())


def files(scene: Scene) -> list[SharedFile]:
    """What bob has got."""
    return [file for message in scene.shown(scene.bob, ALICE) for file in message.files]


def told(workspace: Workspace) -> list[str]:
    entries: list[Message | Notice] = workspace.current.conversation.entries
    return [each.text for each in entries if isinstance(each, Notice)]
