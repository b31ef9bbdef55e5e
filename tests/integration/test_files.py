"""Files over a real server: uploaded, sent, read by the other side, and saved there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from termxmpp.core.files import SharedFile
from termxmpp.core.message import Message, Notice
from termxmpp.demo.server import MODULES, PrivateProsody, free_port
from termxmpp.transfers.carrier import Saving
from termxmpp.workspace import Window, Workspace
from tests.support.scene import ALICE, BOB, Scene, play, until

USERS = {"alice": "wonder", "bob": "build"}
LIMIT = 2_000_000


@pytest.fixture(scope="module")
def sharing_prosody() -> Iterator[PrivateProsody]:
    """A Prosody that takes files of up to LIMIT bytes."""
    port = free_port()
    extra = (
        f"https_ports = {{ {port} }}\n"
        'https_interfaces = { "127.0.0.1" }\n'
        "https_ssl = ssl\n"
        f'http_external_url = "https://localhost:{port}/"\n'
    )
    hosts = (
        'Component "files.localhost" "http_file_share"\n'
        '    http_host = "localhost"\n'
        f"    http_file_share_size_limit = {LIMIT}\n"
    )
    server = PrivateProsody(USERS, modules=MODULES, extra=extra, hosts=hosts)
    try:
        server.start()
        yield server
    finally:
        server.close()


def test_a_file_comes_over_and_is_saved_as_it_was(
    sharing_prosody: PrivateProsody, tmp_path: Path
) -> None:
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

    play(sharing_prosody, tmp_path, scenario)


def test_what_is_too_large_for_the_server_is_told(
    sharing_prosody: PrivateProsody, tmp_path: Path
) -> None:
    (tmp_path / "large").write_bytes(bytes(LIMIT + 1))

    async def scenario(scene: Scene) -> None:
        alice = Workspace([scene.alice])
        alice.show(Window(scene.alice, BOB))
        alice.submit(f"/send {tmp_path}/large")
        await until(lambda: bool(alice.problem))
        assert alice.problem == (
            "large has 2.0 MB, and files.localhost takes 2.0 MB at most: nothing was sent."
        )

    play(sharing_prosody, tmp_path, scenario)


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


def files(scene: Scene) -> list[SharedFile]:
    """What bob has got."""
    return [file for message in scene.shown(scene.bob, ALICE) for file in message.files]


def told(workspace: Workspace) -> list[str]:
    entries: list[Message | Notice] = workspace.current.conversation.entries
    return [each.text for each in entries if isinstance(each, Notice)]
