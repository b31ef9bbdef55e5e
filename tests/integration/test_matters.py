"""Calls for attention, and what messages hold that is no text, over a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from termxmpp.client import Client
from termxmpp.core.matter import MatterKind
from termxmpp.core.message import Message, Notice
from termxmpp.demo.server import PrivateProsody
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.store.store import Store
from termxmpp.workspace import Window, Workspace
from tests.support.account import online
from tests.support.scene import ALICE, BOB, until
from tests.support.servers import befriended_prosody, running


@pytest.fixture(scope="module")
def server() -> Iterator[PrivateProsody]:
    """A Prosody with alice and bob, who see each other."""
    with running(befriended_prosody()) as found:
        yield found


def kinds(client: Client) -> list[MatterKind | None]:
    """What the messages of bob hold, as alice's client sees them."""
    entries = client.state.conversation(BOB).entries
    return [
        each.matter.kind if each.matter else None for each in entries if isinstance(each, Message)
    ]


def test_a_call_for_attention_is_heard_and_not_kept(server: PrivateProsody, tmp_path: Path) -> None:
    async def main(mainloop: EpollMainLoop) -> None:
        async with online(mainloop, server, "bob@localhost", "build") as bob:
            place = (mainloop, server, "alice@localhost", "wonder")
            async with online(*place, Store(tmp_path / "one.sqlite")) as alice:
                await until(lambda: bool(bob.state.resources_of(ALICE)))
                desk = Workspace([bob])
                desk.show(Window(bob, ALICE))
                desk.submit("/notify attention")
                await until(lambda: kinds(alice) == [MatterKind.ATTENTION])
                notices = desk.current.conversation.entries
                await until(lambda: any(isinstance(each, Notice) for each in notices))
                bob.send_xml(
                    "<message to='alice@localhost' type='chat' id='e'>"
                    "<encrypted xmlns='urn:xmpp:omemo:2'><header sid='1'/><payload>YQ==</payload>"
                    "</encrypted><store xmlns='urn:xmpp:hints'/></message>"
                )
                await until(lambda: kinds(alice)[1:] == [MatterKind.ENCRYPTED])
            async with online(*place, Store(tmp_path / "two.sqlite")) as alice:
                # Another device finds in the archive what was kept for it. What nobody looks at is
                # in the records only.
                Workspace([alice]).show(Window(alice, BOB))
                await until(lambda: kinds(alice) == [MatterKind.ENCRYPTED])

    run(main)
