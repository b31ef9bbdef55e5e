"""What was said over a real server, in a file; also where nothing is kept of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from termxmpp.core.conversation import Conversation
from termxmpp.core.message import Message
from termxmpp.demo.server import PrivateProsody
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.store.store import Store
from tests.integration.test_forms import User
from tests.support.account import online
from tests.support.scene import until


@pytest.mark.parametrize("is_kept", [True, False])
def test_what_was_said_is_in_the_file(
    prosody: PrivateProsody, tmp_path: Path, is_kept: bool
) -> None:
    path = tmp_path / "said.jsonl"
    said = {"for the record", "and so is this"}

    async def scenario(mainloop: EpollMainLoop) -> None:
        records = Store(tmp_path / "alice.sqlite") if is_kept else None
        async with (
            online(mainloop, prosody, "alice@localhost", "wonder", records) as client,
            online(mainloop, prosody, "bob@localhost", "build") as bob,
        ):
            alice = User(client)
            alice.workspace.submit("/msg bob@localhost for the record")
            bob.write(client.account, "and so is this")
            peer = bob.account.bare
            # The archive may hold what was said before.
            await until(lambda: said <= _texts(client.state.conversation(peer)))
            await alice.types(f"/export json to {path}", until="messages are in")

    run(scenario)
    texts = {json.loads(line)["text"] for line in path.read_text().splitlines()}
    assert said <= texts


def _texts(conversation: Conversation) -> set[str]:
    return {each.text for each in conversation.entries if isinstance(each, Message)}
